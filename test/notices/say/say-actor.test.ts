import assert from 'node:assert/strict';
import { test } from 'node:test';
import { say } from '../../../shared/notices/say/say.ts';
import type { Actor, NamedActor } from '../../../shared/signals/signal.ts';
import { aNotice, anIncident, SAY } from '../a-notice.ts';

const OID = '11111111-aaaa-4000-8000-000000000001';
const APP = '22222222-aaaa-4000-8000-000000000002';

function told(actor: NamedActor, state: 'revoked' | 'accessRestored' = 'revoked') {
  const notice = aNotice('actorLearnt', [anIncident('ep-a', { actor, state })]);
  return say(notice, SAY);
}
const whoLink = (actor: Actor) => told(actor).links.find(({ text }) => /who did it/i.test(text))?.url;

test('an application that is only an object id is reported with its kind and a link to it in the portal', () => {
  const message = told({ kind: 'application', objectId: OID, application: APP, ipAddress: '192.0.2.8' });
  assert.match(JSON.stringify(message.sections), new RegExp(`application object id ${OID}`));
  assert.equal(
    message.links.find(({ text }) => /who did it/i.test(text))?.url,
    `https://portal.azure.com/#view/Microsoft_AAD_IAM/ManagedAppMenuBlade/~/Overview/objectId/${OID}/appId/${APP}`,
  );
});

test('a user without a name has a link to the user', () => {
  assert.match(whoLink({ kind: 'user', objectId: OID }) ?? '', new RegExp(`/userId/${OID}$`));
});

test('there is no link where the name is reported, or where the id is none of Entra’s', () => {
  assert.equal(whoLink({ kind: 'user', name: 'ada@contoso.example', objectId: OID }), undefined);
  assert.equal(whoLink({ kind: 'application', objectId: `${OID}/../../evil` }), undefined);
  assert.equal(whoLink({ kind: 'unknown', ipAddress: '192.0.2.8' }), undefined);
});

test('a name learnt after access is back says so, and gives no steps to undo', () => {
  const message = told({ kind: 'user', name: 'ada@contoso.example' }, 'accessRestored');
  assert.match(message.lead.join(' '), /access is back/i);
  assert.doesNotMatch(message.lead.join(' '), /can't be used/);
  assert.equal(
    message.sections.find(({ id }) => id === 'remediation'),
    undefined,
  );
});

test('names of personal accounts, guests and Privileged Identity Management read as people write them', () => {
  const shown = (name: string) =>
    told({ kind: 'user', name }).glance.find(({ label }) => label === 'Who did it')?.value;
  assert.equal(shown('live.com#eve@outlook.com'), 'eve@outlook.com (personal account)');
  assert.equal(shown('eve_fabrikam.com#EXT#@contoso.onmicrosoft.com'), 'eve@fabrikam.com (guest)');
  assert.equal(shown('MS-PIM'), 'Privileged Identity Management (MS-PIM)');
  assert.equal(shown('ada@contoso.example'), 'ada@contoso.example');
});

test('a name of the audit log is recorded; a name of an event is only reported', () => {
  const named = { kind: 'user', name: 'ada@contoso.example' } as const;
  assert.match(
    JSON.stringify(told({ ...named, from: 'auditLog' })),
    /The vault's audit log records that it was ada/,
  );
  assert.match(JSON.stringify(told({ ...named, from: 'event' })), /The event reports that it was ada/);
  assert.doesNotMatch(JSON.stringify(told({ ...named, from: 'event' })), /record/i);
});
