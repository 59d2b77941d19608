import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CLOUDS } from '../../shared/azure/cloud.ts';
import { graphNames } from '../../shared/azure/graph-names.ts';
import { armError, fakeAzure, type Play } from '../facts/fake-azure.ts';
import { handClock } from './hand-clock.ts';

const DANA = '11111111-aaaa-bbbb-cccc-000000000001';
const PIPELINE = '11111111-aaaa-bbbb-cccc-000000000002';
const NOBODY = '11111111-aaaa-bbbb-cccc-000000000009';
const user = (id: string) => `/v1.0/users/${id}`;
const application = (id: string) => `/v1.0/servicePrincipals/${id}`;
const NOT_THERE = armError(404, 'Request_ResourceNotFound');
const REFUSED = armError(403, 'Authorization_RequestDenied');
const HOUR = 60 * 60_000;

function stage(plays: Record<string, Play> = {}) {
  const clock = handClock();
  const azure = fakeAzure(clock);
  const warned: [string, unknown][] = [];
  const scopes: unknown[] = [];
  azure.on(user(DANA), { body: { displayName: 'Dana W', userPrincipalName: 'dana@contoso.example' } });
  azure.on(application(PIPELINE), { body: { displayName: 'contoso-infra-pipeline' } });
  for (const [path, play] of Object.entries(plays)) azure.on(path, play);
  const names = graphNames({
    endpoint: 'https://graph.microsoft.com',
    scope: 'https://graph.microsoft.com/.default',
    clock,
    httpClient: azure,
    credential: {
      async getToken(scope) {
        scopes.push(scope);
        return { token: 'secret-token', expiresOnTimestamp: Number.MAX_SAFE_INTEGER };
      },
    },
    log: { info() {}, error() {}, warn: (event, fields) => warned.push([event, fields]) },
  });
  const ask = (...ids: string[]) => clock.drive(names.ask(ids));
  return { names, ask, azure, clock, warned, scopes };
}

describe('a name from Microsoft Graph', () => {
  it('is a person’s sign-in name or an application’s display name, and tells which of the two it is', async () => {
    const { names, ask, scopes } = stage();
    await ask(DANA.toUpperCase(), PIPELINE);
    assert.deepEqual(names.known(DANA), { name: 'dana@contoso.example', kind: 'user' });
    assert.deepEqual(names.known(PIPELINE.toUpperCase()), {
      name: 'contoso-infra-pipeline',
      kind: 'application',
    });
    assert.deepEqual(new Set(scopes), new Set(['https://graph.microsoft.com/.default']));
  });

  it('is asked for once, however many ask at the same time and afterwards', async () => {
    const { ask, azure, names, clock } = stage();
    await clock.drive(Promise.all([names.ask([DANA]), names.ask([DANA, DANA])]));
    await ask(DANA);
    assert.equal(azure.countOf(user(DANA)), 1);
    assert.deepEqual(azure.asked, [
      `${user(DANA)}?$select=displayname,userprincipalname`,
      `${application(DANA)}?$select=displayname`.toLowerCase(),
    ]);
  });

  it('that nobody has is not asked for again within the hour, and not worth a line', async () => {
    const { names, ask, azure, clock, warned } = stage({
      [user(NOBODY)]: NOT_THERE,
      [application(NOBODY)]: NOT_THERE,
    });
    for (let n = 0; n < 20; n += 1) await ask(NOBODY);
    assert.equal(names.known(NOBODY), undefined);
    assert.equal(azure.asked.length, 2);
    assert.deepEqual(warned, []);
    await clock.advance(HOUR);
    await ask(NOBODY);
    assert.equal(azure.asked.length, 4);
  });

  it('is asked for nobody while the permissions are missing, which is reported once an hour', async () => {
    const plays: Record<string, Play> = {};
    const ids = Array.from({ length: 30 }, (_, n) => `22222222-aaaa-bbbb-cccc-0000000000${n + 10}`);
    for (const id of ids) Object.assign(plays, { [user(id)]: REFUSED, [application(id)]: REFUSED });
    const { ask, azure, clock, warned, names } = stage(plays);
    for (const id of ids) await ask(id);
    await ask(DANA);
    assert.equal(azure.asked.length, 2);
    assert.equal(names.known(DANA), undefined);
    assert.equal(warned.length, 1);
    assert.match(JSON.stringify(warned), /403 Authorization_RequestDenied.*User\.Read\.All/);
    assert.doesNotMatch(JSON.stringify(warned), /2222|secret-token/, 'no id, no token');
    await clock.advance(HOUR);
    await ask(DANA);
    assert.equal(names.known(DANA)?.kind, 'user', 'it is tried again: they may have been granted');
  });

  it('of an application comes also where only that permission is there', async () => {
    const { names, ask, warned } = stage({ [user(PIPELINE)]: REFUSED });
    await ask(PIPELINE);
    assert.equal(names.known(PIPELINE)?.name, 'contoso-infra-pipeline');
    assert.deepEqual(warned, []);
  });

  it('may come late: a look-up that hangs ends by itself, and is tried again after a minute', async () => {
    const { names, ask, azure, clock, warned } = stage({ [user(NOBODY)]: { afterMs: 3_600_000 } });
    const began = clock.nowMs();
    await ask(NOBODY);
    assert.ok(clock.nowMs() - began <= 5000);
    await ask(NOBODY);
    assert.equal(azure.countOf(user(NOBODY)), 1);
    assert.equal(warned.length, 1);
    azure.on(user(NOBODY), { body: { displayName: 'Late' } });
    await clock.advance(60_000);
    await ask(NOBODY);
    assert.deepEqual(names.known(NOBODY), { name: 'Late', kind: 'user' });
  });

  it('is none where Graph answers with what is no name', async () => {
    for (const body of ['not JSON', [], { displayName: 7 }, { displayName: '  ' }, {}]) {
      const { names, ask } = stage({ [user(NOBODY)]: { body } });
      await ask(NOBODY);
      assert.equal(names.known(NOBODY), undefined, JSON.stringify(body));
    }
  });

  it('is kept for the last thousand, so that memory stays bounded', async () => {
    const { names, clock, azure } = stage();
    const ids = Array.from({ length: 1001 }, (_, n) => `33333333-aaaa-bbbb-cccc-${`${n}`.padStart(12, '0')}`);
    for (const id of ids) azure.on(user(id), { body: { displayName: id } });
    await clock.drive(names.ask(ids));
    assert.equal(ids.filter((id) => names.known(id)).length, 1000);
  });
});

it('each cloud has a Graph of its own', () => {
  assert.deepEqual(
    Object.values(CLOUDS).map(({ graphUrl }) => graphUrl),
    [
      'https://graph.microsoft.com',
      'https://graph.microsoft.com',
      'https://graph.microsoft.us',
      'https://dod-graph.microsoft.us',
      'https://microsoftgraph.chinacloudapi.cn',
    ],
  );
});
