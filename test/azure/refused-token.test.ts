import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createPipelineRequest } from '@azure/core-rest-pipeline';
import { armClient } from '../../shared/azure/arm-client.ts';
import { azureGet } from '../../shared/azure/azure-get.ts';
import { cachingCredential } from '../../shared/azure/credential.ts';
import { deadlineIn } from '../../shared/azure/deadline.ts';
import { appIdentity, identityEndpoint } from '../../shared/azure/identity-endpoint.ts';
import { concurrencyLimiter } from '../../shared/azure/rate-limiter.ts';
import { refusedTokenPolicy } from '../../shared/azure/refused-token.ts';
import { systemClock } from '../../shared/clock.ts';
import { atEnd, mainIds, startTestSimulator } from '../dev/azure-simulator/harness.ts';
import { armError, fakeAzure, ORIGIN } from '../facts/fake-azure.ts';
import { ASSIGNMENTS, KEY, POLICY, stage as tenant, VAULT } from '../facts/tenant.ts';
import { handClock } from './hand-clock.ts';

const SCOPE = 'https://management.azure.com/.default';
const HOUR = 3_600_000;

/** `refused`: the tokens that Azure refuses. `platform`: the token that the platform gives when asked itself. */
function stage({ refused, platform }: { refused: string[]; platform: () => string | Error }) {
  const clock = handClock();
  const asked = { library: 0, platform: 0 };
  const tokenOf = (token: string) => ({ token, expiresOnTimestamp: clock.nowMs() + 24 * HOUR });
  const credential = cachingCredential(
    {
      async getToken() {
        asked.library += 1;
        return tokenOf('T1');
      },
    },
    clock,
    async () => {
      asked.platform += 1;
      const token = platform();
      if (token instanceof Error) throw token;
      return tokenOf(token);
    },
  );
  const azure = fakeAzure(clock);
  azure.on('/x', ({ headers }) =>
    refused.some((token) => headers.get('authorization') === `Bearer ${token}`)
      ? armError(401, 'InvalidAuthenticationToken')
      : { body: {} },
  );
  const get = azureGet({ endpoint: ORIGIN, scope: SCOPE, clock, httpClient: azure, credential });
  const read = () => clock.drive(get('/x', deadlineIn(10_000, clock)));
  const sent = () => azure.requests.map(({ headers }) => headers.get('authorization')?.slice(7));
  return { asked, azure, clock, credential, read, sent };
}

describe('a token that Azure refuses before its end', () => {
  it('is replaced by another one, once, and the other one is kept', async () => {
    const { asked, clock, read, sent } = stage({ refused: ['T1'], platform: () => 'T2' });
    assert.equal((await read()).kind, 'answered');
    assert.equal((await read()).kind, 'answered');
    assert.deepEqual(sent(), ['T1', 'T2', 'T2']);
    assert.equal(asked.platform, 1);
    await clock.advance(HOUR);
    assert.equal((await read()).kind, 'answered');
    assert.deepEqual(asked, { library: 1, platform: 1 });
  });

  it('is not given out again where the library has kept it', async () => {
    const { asked, credential, read } = stage({ refused: ['T1'], platform: () => 'T2' });
    await read();
    // The client libraries ask with a list of scopes, and by other options.
    for (const options of [undefined, { enableCae: true }, { claims: 'c' }])
      assert.equal((await credential.getToken([SCOPE], options))?.token, 'T2');
    assert.equal(asked.platform, 1);
  });

  it('is replaced once for all that meet it at the same time', async () => {
    const { asked, read } = stage({ refused: ['T1'], platform: () => 'T2' });
    const outcomes = await Promise.all(Array.from({ length: 8 }, read));
    assert.ok(outcomes.every(({ kind }) => kind === 'answered'));
    assert.equal(asked.platform, 1);
  });

  for (const [name, platform, refused] of [
    ['the platform gives the same one', () => 'T1', ['T1']],
    ['the other one is refused as well', () => 'T2', ['T1', 'T2']],
    ['the platform gives none', () => new Error('secret of the endpoint'), ['T1']],
  ] as const)
    it(`is said to be refused where ${name}, and the platform is asked again after a minute`, async () => {
      const { asked, clock, read } = stage({ refused: [...refused], platform });
      const outcome = await read();
      assert.deepEqual(outcome.kind === 'failed' && [outcome.reason, `${outcome.what} ${outcome.because}.`], [
        'forbidden',
        "GET /x answered 401: Azure refused the app's token, although it has not expired. Lockwatch asks for another one in a minute.",
      ]);
      assert.doesNotMatch(JSON.stringify(outcome), /\bT[12]\b|secret/);
      await read();
      await clock.advance(59_000);
      await read();
      assert.equal(asked.platform, 1);
      await clock.advance(1000);
      await read();
      assert.equal(asked.platform, 2);
    });

  it('is forgotten as soon as the platform gives one that is accepted', async () => {
    let given = 'T1';
    const { clock, read } = stage({ refused: ['T1'], platform: () => given });
    assert.equal((await read()).kind, 'failed');
    given = 'T2';
    await clock.advance(60_000);
    assert.equal((await read()).kind, 'answered');
  });

  it('is not blamed for a 401 about the subscription’s tenant, nor for a 403', async () => {
    for (const answer of [
      armError(401, 'InvalidAuthenticationTokenTenant'),
      armError(403, 'AuthorizationFailed'),
    ]) {
      const { asked, azure, read } = stage({ refused: [], platform: () => 'T2' });
      azure.on('/x', answer);
      assert.equal((await read()).kind, 'refused');
      assert.equal(asked.platform, 0);
    }
  });

  it('is what the reading of a chain says, and not that a right is missing', async () => {
    const clock = handClock();
    const credential = cachingCredential(
      { getToken: async () => ({ token: 'T1', expiresOnTimestamp: clock.nowMs() + HOUR }) },
      clock,
    );
    const { azure, read } = tenant({ clock, credential });
    for (const path of [VAULT, `${KEY}/versions`, KEY, ASSIGNMENTS])
      azure.on(path, armError(401, 'InvalidAuthenticationToken'));
    const { vault, key } = await read(POLICY);
    for (const part of [vault, key]) {
      assert.equal(part.state === 'unknown' && part.reason, 'forbidden');
      const detail = part.state === 'unknown' ? part.detail : '';
      assert.match(detail, /refused the app's token, although it has not expired\. .* in a minute\.$/);
      assert.doesNotMatch(detail, /Reader|may not read/);
    }
  });

  it('is replaced for the client libraries as well', async () => {
    const { credential, asked } = stage({ refused: [], platform: () => 'T2' });
    const sent: string[] = [];
    const request = createPipelineRequest({ url: 'https://topic.example/' });
    request.headers.set('authorization', 'Bearer T1');
    const answer = await refusedTokenPolicy(credential, SCOPE).sendRequest(request, async (one) => {
      const token = one.headers.get('authorization') ?? '';
      sent.push(token);
      return { status: token === 'Bearer T1' ? 401 : 200, headers: one.headers, request: one };
    });
    assert.deepEqual([answer.status, sent, asked.platform], [200, ['Bearer T1', 'Bearer T2'], 1]);
  });
});

describe('the app’s own identity, by Microsoft’s library', async () => {
  const simulator = await startTestSimulator();
  const kept = { ...process.env };
  process.env.IDENTITY_ENDPOINT = simulator.identity;
  process.env.IDENTITY_HEADER = simulator.identityHeader;
  atEnd(() => {
    for (const name of ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER'])
      if (kept[name] === undefined) delete process.env[name];
      else process.env[name] = kept[name];
  });
  let nowMs = Date.now();
  const clock = { ...systemClock, nowMs: () => nowMs };
  const identity = () => appIdentity({ clientId: simulator.clientId, environment: process.env }, clock);
  const credential = identity();
  const reading = (by = credential) => {
    const get = azureGet({ endpoint: simulator.arm, scope: SCOPE, clock, credential: by });
    return get(
      `/subscriptions/${simulator.subscriptions[0]}?api-version=2022-12-01`,
      deadlineIn(10_000, clock),
    );
  };

  it('gets the same token again from the endpoint, as the platform keeps one for each resource', async () => {
    const ask = identityEndpoint({ clientId: simulator.clientId, environment: process.env });
    assert.ok(ask);
    const [first, second] = [await ask(SCOPE), await ask(SCOPE)];
    assert.equal(first?.token, second?.token);
    assert.notEqual((await ask('https://storage.azure.com/.default'))?.token, first?.token);
    assert.ok((first?.expiresOnTimestamp ?? 0) > Date.now() + HOUR);
  });

  it('gets another token from the platform’s endpoint in place of a refused one', async () => {
    assert.equal((await reading()).kind, 'answered');
    const first = await credential.getToken(SCOPE);
    await simulator.scenario('token-refused');
    assert.equal((await reading()).kind, 'answered');
    assert.notEqual((await credential.getToken(SCOPE))?.token, first?.token);
  });

  it('does so for what Key Vault’s library asks for', async () => {
    nowMs += 60_000;
    await simulator.scenario('token-refused');
    const arm = armClient({ armEndpoint: simulator.arm, armScope: SCOPE, clock, credential });
    const session = arm(deadlineIn(10_000, clock), concurrencyLimiter(8));
    const { vault } = mainIds(simulator);
    const outcomes = await Promise.all([
      session.keyVault.vault(vault),
      session.keyVault.keyVersions(vault, 'cmk-finance'),
    ]);
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ['answered', 'answered'],
    );
  });

  it('is refused while the platform gives the refused token again, and reads once it gives another', async () => {
    nowMs += 60_000;
    await simulator.scenario('token-refused-and-cached');
    const outcome = await reading();
    assert.equal(outcome.kind === 'failed' && outcome.reason, 'forbidden');
    assert.match(outcome.kind === 'failed' ? outcome.because : '', /refused the app's token/);
    await simulator.scenario('undo-token-refused');
    assert.equal((await reading()).kind, 'failed');
    nowMs += 60_000;
    assert.equal((await reading()).kind, 'answered');
  });

  it('finds the library’s own cache of the process with the first, refused token, and is not taken in', async () => {
    // A credential of its own, as another SDK client would have: what the library keeps is the process's.
    assert.equal((await reading(identity())).kind, 'answered');
  });
});
