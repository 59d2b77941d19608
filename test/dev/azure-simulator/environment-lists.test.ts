import assert from 'node:assert/strict';
import { request } from 'node:https';
import { describe, it } from 'node:test';
import type { SimulatorConfigInput } from '../../../dev/azure-simulator/config.ts';
import { deadlineIn } from '../../../shared/azure/deadline.ts';
import { systemClock } from '../../../shared/clock.ts';
import type { EnvironmentsFact } from '../../../shared/facts/facts.ts';
import { powerPlatformEnvironments } from '../../../shared/facts/power-platform/environment-source.ts';
import { type Body, startTestSimulator, type TestSimulator } from './harness.ts';

const ADMIN = '/providers/Microsoft.BusinessAppPlatform/scopes/admin/environments?api-version=2023-06-01';
const PLATFORM = '/environmentmanagement/environments?api-version=2024-10-01';
const ROLES = '/authorization/roleAssignments?api-version=2024-10-01';
const AUDIENCE = { admin: 'https://service.powerapps.com', platform: 'https://api.powerplatform.com' };

async function aTenant(config: Partial<SimulatorConfigInput> = {}, now?: () => number) {
  const simulator = await startTestSimulator(config, now);
  const get = async (api: keyof typeof AUDIENCE, path: string, resource: string = AUDIENCE[api]) => {
    const origin = api === 'admin' ? simulator.powerPlatform : simulator.powerPlatformApi;
    const headers = { authorization: `Bearer ${await simulator.token(resource)}` };
    const answer = await fetch(path.startsWith('https://') ? path : `${origin}${path}`, { headers });
    return { status: answer.status, body: (await answer.json()) as Body };
  };
  return { simulator, get };
}

/** As Lockwatch reads it. */
async function factOf(simulator: TestSimulator, policy = 'ep-finance'): Promise<EnvironmentsFact | string> {
  const source = powerPlatformEnvironments({
    admin: { endpoint: simulator.powerPlatform, scope: `${AUDIENCE.admin}/.default` },
    platform: { endpoint: simulator.powerPlatformApi, scope: `${AUDIENCE.platform}/.default` },
    clock: systemClock,
    credential: {
      getToken: async (scope) => ({
        token: await simulator.token(String(scope).replace('/.default', '')),
        expiresOnTimestamp: Number.MAX_SAFE_INTEGER,
      }),
    },
  });
  const policies = (await (await fetch(`${simulator.control}/state`)).json()) as {
    policies: { name: string; id: string }[];
  };
  const id = policies.policies.find(({ name }) => name === policy)?.id ?? assert.fail(policy);
  const part = await source.begin(deadlineIn(60_000, systemClock)).forPolicy(id, Promise.resolve({}));
  return part.state === 'known' ? part.value : part.state === 'unknown' ? part.reason : part.state;
}

async function known(simulator: TestSimulator, policy?: string): Promise<EnvironmentsFact> {
  const fact = await factOf(simulator, policy);
  return typeof fact === 'string' ? assert.fail(fact) : fact;
}

describe('the two environment APIs', () => {
  it('answer the same environments in their own rows and paging words', async () => {
    const { simulator, get } = await aTenant();
    const admin = await get('admin', ADMIN);
    const platform = await get('platform', PLATFORM);
    assert.ok(admin.body.nextLink?.startsWith(simulator.powerPlatform));
    assert.ok(String(platform.body['@odata.nextLink']).startsWith(simulator.powerPlatformApi));
    assert.equal(platform.body.nextLink, undefined);
    assert.deepEqual(
      platform.body.value?.map(({ id }) => id),
      admin.body.value?.map(({ name }) => name),
    );
    const row = platform.body.value?.[0] ?? {};
    assert.partialDeepStrictEqual(row, { type: 'Production', state: 'Enabled', geo: 'europe' });
    assert.ok(row.enterprisePolicies, 'links need no $expand here');
  });

  it('refuse the token of the other, and a missing version', async () => {
    const { get } = await aTenant();
    assert.equal((await get('platform', PLATFORM, AUDIENCE.admin)).status, 401);
    assert.equal((await get('admin', ADMIN, AUDIENCE.platform)).status, 401);
    assert.equal((await get('platform', '/environmentmanagement/environments')).status, 400);
  });

  it('refuse by their own rights: a registration in one, a role in the other', async () => {
    const { simulator, get } = await aTenant();
    await simulator.scenario('environment-registration-revoked');
    const refused = await get('admin', ADMIN);
    assert.equal(refused.status, 403);
    assert.match(
      refused.body.error?.message ?? '',
      /does not have permission to access the path '.*scopes\/admin/,
    );
    assert.equal((await get('platform', PLATFORM)).status, 200);
    await simulator.scenario('undo-environment-registration-revoked');
    await simulator.scenario('environment-role-revoked');
    assert.equal((await get('admin', ADMIN)).status, 200);
    assert.equal((await get('platform', PLATFORM)).status, 403);
    assert.equal((await get('platform', ROLES)).status, 403);
  });

  it('can continue a list at the host of a region', async () => {
    const { simulator, get } = await aTenant({ nextPageRegion: 'europe' });
    const next = new URL((await get('admin', ADMIN)).body.nextLink ?? '');
    assert.equal(next.hostname, 'europe.localhost');
    const headers = { authorization: `Bearer ${await simulator.token(AUDIENCE.admin)}` };
    const status = await new Promise((resolve, reject) => {
      // Not every system resolves names below localhost.
      const lookup = {
        lookup: (_: string, __: object, done: (...found: unknown[]) => void) =>
          done(null, [{ address: '127.0.0.1', family: 4 }]),
      };
      request(next, { headers, servername: 'localhost', ...lookup } as object, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      })
        .on('error', reject)
        .end();
    });
    assert.equal(status, 200);
  });
});

describe('what Lockwatch reads of them', () => {
  it('is complete with a registration, or with the reader role at the tenant', async () => {
    const { simulator } = await aTenant();
    for (const right of ['environment-registration-revoked', 'environment-role-revoked']) {
      await simulator.scenario(right);
      const fact = await known(simulator);
      assert.deepEqual([fact.isComplete, fact.environments.length], [true, 4], right);
      assert.deepEqual(fact.outside, { running: 12, disabled: 0 });
      assert.equal(fact.disputed, undefined);
      await simulator.scenario(`undo-${right}`);
    }
    assert.deepEqual((await known(simulator)).disputed, []);
  });

  it('is partial with a role at a group or at one environment, and unknown without any right', async () => {
    const { simulator } = await aTenant();
    await simulator.scenario('environment-role-on-group');
    const group = await known(simulator);
    assert.deepEqual([group.isComplete, group.environments.length], [false, 4]);
    assert.deepEqual((await known(simulator, 'ep-sales')).environments, [], 'though it has three');
    await simulator.scenario('undo-environment-role-on-group');
    await simulator.scenario('environment-role-on-one');
    const one = await known(simulator);
    assert.deepEqual([one.isComplete, one.environments.length, one.listed?.length], [false, 1, 1]);
    await simulator.scenario('environment-reader-revoked');
    assert.equal(await factOf(simulator), 'forbidden');
  });

  it('lags by the setting, in both APIs: a lock, an unlinking and a re-enabling show late', async () => {
    let now = Date.now();
    const { simulator } = await aTenant({ listDelayMs: 180_000 }, () => now);
    const disabled = async () =>
      (await known(simulator)).environments.filter(({ runtimeState }) => runtimeState === 'Disabled').length;
    now += 200_000;
    await simulator.scenario('key-disabled');
    assert.equal(await disabled(), 0);
    now += 179_000;
    assert.equal(await disabled(), 0);
    now += 2_000;
    assert.equal(await disabled(), 4);
    await simulator.scenario('environment-unlinked', { environment: 'Finance UAT' });
    assert.equal((await known(simulator)).environments.length, 4);
    now += 181_000;
    const fact = await known(simulator);
    assert.equal(fact.environments.length, 3);
    assert.equal(fact.listed?.length, 16, 'its row is there without the link');
  });
});

describe('a deleted environment', () => {
  it('is shown by both APIs as they show it, and recovered within 7 days only', async () => {
    const { simulator } = await aTenant();
    await simulator.scenario('environment-deleted', { environment: 'Finance UAT' });
    const shown = (await known(simulator)).environments.find(
      ({ displayName }) => displayName === 'Finance UAT',
    );
    assert.equal(shown?.instanceState, 'Deleting');
    assert.match(shown?.deletion?.at ?? '', /^20/);
    await simulator.scenario('undo-environment-deleted', { environment: 'Finance UAT' });
    const again = (await known(simulator)).environments.find(
      ({ displayName }) => displayName === 'Finance UAT',
    );
    assert.deepEqual([again?.instanceState, again?.deletion], ['Ready', undefined]);
  });
});
