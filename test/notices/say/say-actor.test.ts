import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cause } from '../../../shared/incidents/incident.ts';
import { say } from '../../../shared/notices/say/say.ts';
import type { Actor, NamedActor } from '../../../shared/signals/signal.ts';
import { aNotice, anIncident, causeOf, KEY_DISABLED, OPENED_AT, SAY, vaultDeleted } from '../a-notice.ts';

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

test('one author of all causes is named once; where time or nobody known brought one about, each is told apart', () => {
  const by = (name: string) => ({ at: OPENED_AT, actor: { kind: 'user' as const, name } });
  const disabled = (name: string) => ({ ...causeOf(KEY_DISABLED), operation: by(name) });
  const deleted = { ...causeOf(vaultDeleted('ep-a')), since: '2025-11-23T05:00:00.000Z' };
  const expired = { ...deleted, trigger: 'key-expired' as const };
  const locked = { ...deleted, trigger: 'locked' as const };
  const who = (causes: Cause[]) =>
    say(aNotice('worsened', [anIncident('ep-a', { causes })]), SAY).glance.find(
      ({ label }) => label === 'Who did it',
    )?.value;
  const ada = disabled('ada@contoso.example');
  assert.equal(who([{ ...deleted, operation: by('Ada@contoso.example') }, ada]), 'Ada@contoso.example');
  assert.equal(
    who([deleted, ada]),
    'Key disabled at 23 Nov, 02:13 UTC by ada@contoso.example; vault deleted, seen at 23 Nov, 05:00 UTC: not known yet',
  );
  assert.match(who([expired, ada]) ?? '', /key expired, seen at .*: nobody needed$/);
  assert.equal(who([ada, locked]), 'ada@contoso.example', 'the lock itself is no change');
  assert.equal(who([deleted, causeOf(KEY_DISABLED)]), 'not known yet');
});
