import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deadlineIn } from '../../../shared/azure/deadline.ts';
import type { Part } from '../../../shared/azure/part.ts';
import type { PolicyAnswer } from '../../../shared/facts/environments.ts';
import type { EnvironmentsFact } from '../../../shared/facts/facts.ts';
import {
  type EnvironmentSourceOptions,
  powerPlatformEnvironments,
} from '../../../shared/facts/power-platform/environment-source.ts';
import { handClock } from '../../azure/hand-clock.ts';
import { armError, fakeAzure, list, type Play } from '../fake-azure.ts';
import { POLICY } from '../tenant.ts';

const PATH = '/providers/Microsoft.BusinessAppPlatform/scopes/admin/environments';
const BAP = 'https://api.bap.microsoft.com';
const SYSTEM_ID = '/regions/europe/providers/Microsoft.PowerPlatform/enterprisePolicies/s1';

function environment(name: string, link?: Record<string, unknown>, properties: Record<string, unknown> = {}) {
  return {
    name,
    location: 'europe',
    properties: {
      displayName: `Env ${name}`,
      environmentSku: 'Production',
      linkedEnvironmentMetadata: { instanceUrl: 'https://org.crm4.dynamics.com/', instanceState: 'Ready' },
      states: { management: { id: 'Ready' }, runtime: { id: 'Disabled', runtimeReasonCode: 'Locked' } },
      ...(link && { enterprisePolicies: { customerManagedKeys: link } }),
      ...properties,
    },
  };
}

function stage(play: Play) {
  const clock = handClock();
  const azure = fakeAzure(clock);
  azure.on(PATH, play);
  const options: EnvironmentSourceOptions = {
    admin: { endpoint: BAP, scope: 'https://service.powerapps.com/.default' },
    clock,
    httpClient: azure,
    credential: {
      getToken: async () => ({ token: 'secret-token', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }),
    },
  };
  return { source: powerPlatformEnvironments(options), options, clock, azure };
}

async function forPolicy(play: Play, id = POLICY, told: PolicyAnswer = {}) {
  const { source, clock, azure } = stage(play);
  const part = await clock.drive(
    source.begin(deadlineIn(10_000, clock)).forPolicy(id, Promise.resolve(told)),
  );
  return { part, azure };
}
function factOf(part: Part<EnvironmentsFact>): EnvironmentsFact {
  return part.state === 'known' ? part.value : assert.fail(JSON.stringify(part));
}
function namesOf(part: Part<EnvironmentsFact>): string[] {
  return factOf(part).environments.map(({ id }) => id);
}

describe('environments from Power Platform', () => {
  it('are reported with link, state and address', async () => {
    const { part, azure } = await forPolicy(list(environment('ABC', { id: POLICY, linkStatus: 'Linked' })));
    assert.deepEqual(factOf(part).environments, [
      {
        id: 'abc',
        displayName: 'Env ABC',
        sku: 'Production',
        region: 'europe',
        url: 'https://org.crm4.dynamics.com/',
        linkStatus: 'Linked',
        managementState: 'Ready',
        instanceState: 'Ready',
        runtimeState: 'Disabled',
        runtimeReasonCode: 'Locked',
      },
    ]);
    assert.equal(factOf(part).source, 'powerPlatform');
    assert.match(azure.asked[0] ?? '', /api-version=2023-06-01&\$expand=properties\/enterprisepolicies$/);
  });

  it('belong to the policy that they name by id in any case, or by its system id', async () => {
    const play = list(
      environment('a', { id: POLICY.toUpperCase() }),
      environment('b', { systemId: SYSTEM_ID.toUpperCase() }),
      environment('c', { id: POLICY, systemId: SYSTEM_ID }),
      environment('d', { id: `${POLICY}2` }),
      environment('e'),
      environment('f', undefined, { enterprisePolicies: { customerManagedKeys: null } }),
    );
    assert.deepEqual(namesOf((await forPolicy(play, POLICY, { systemId: SYSTEM_ID })).part).sort(), [
      'a',
      'b',
      'c',
    ]);
  });

  it('are not known where one names its policy by a system id alone, and that of this policy is not reported', async () => {
    const named = environment('a', { id: POLICY, systemId: SYSTEM_ID });
    const { part } = await forPolicy(list(named, environment('b', { systemId: SYSTEM_ID })));
    assert.equal(part.state === 'unknown' && part.reason, 'invalidAnswer');
    assert.deepEqual(namesOf((await forPolicy(list(named), POLICY.toLowerCase())).part), ['a']);
  });

  it('none is known, and no environment', async () => {
    assert.deepEqual(namesOf((await forPolicy(list(environment('e')))).part), []);
  });

  it('are not known where the list shows no environment at all: then the identity may see none', async () => {
    const { part } = await forPolicy(list());
    assert.deepEqual([part.state, part.state === 'unknown' && part.reason], ['unknown', 'forbidden']);
    assert.match(part.state === 'unknown' ? part.detail : '', /reader role,.* or an inventory/);
  });

  it('are read once for all policies of a pass, over all pages', async () => {
    const { source, clock, azure } = stage((request) =>
      request.url.includes('skip')
        ? list(environment('b', { id: `${POLICY}2` }))
        : { body: { value: [environment('a', { id: POLICY })], nextLink: `${BAP}${PATH}?skip=1` } },
    );
    const session = source.begin(deadlineIn(10_000, clock));
    const parts = await clock.drive(
      Promise.all([POLICY, `${POLICY}2`].map((id) => session.forPolicy(id, Promise.resolve({})))),
    );
    assert.deepEqual(parts.map(namesOf), [['a'], ['b']]);
    assert.equal(azure.asked.length, 2);
  });

  it('are not waited for with the policy: the list is asked for at once', async () => {
    const { source, clock, azure } = stage(list(environment('e')));
    const policy = clock.sleep(5000).then(() => ({}));
    const part = source.begin(deadlineIn(10_000, clock)).forPolicy(POLICY, policy);
    await clock.advance(0);
    assert.equal(azure.asked.length, 1);
    assert.equal((await clock.drive(part)).state, 'known');
  });

  it('are read once more where the policy was found gone after the list was asked for', async () => {
    const { source, clock, azure } = stage(list(environment('a', { id: POLICY })));
    const session = source.begin(deadlineIn(10_000, clock));
    const goneAt = new Date(clock.nowMs() + 50).toISOString();
    const told = (): Promise<PolicyAnswer> => clock.sleep(50).then(() => ({ goneAt }));
    const parts = await clock.drive(
      Promise.all([session.forPolicy(POLICY, told()), session.forPolicy(POLICY, told())]),
    );
    assert.equal(azure.asked.length, 2, 'once before, once after, however many policies are gone');
    for (const part of parts) assert.ok(factOf(part).asOf >= goneAt);
  });

  it('are as old as the question, not as the answer', async () => {
    const { source, clock } = stage({ ...list(environment('e')), afterMs: 3000 });
    const began = clock.now();
    const part = await clock.drive(
      source.begin(deadlineIn(10_000, clock)).forPolicy(POLICY, Promise.resolve({})),
    );
    assert.equal(factOf(part).asOf, began);
    assert.notEqual(part.readAt, began);
  });

  it('never show a link that is not https', async () => {
    for (const instanceUrl of ['javascript:alert(1)', 'http://org.example', 'x', 7, null]) {
      const metadata = { linkedEnvironmentMetadata: { instanceUrl } };
      const { part } = await forPolicy(list(environment('a', { id: POLICY }, metadata)));
      assert.equal(factOf(part).environments[0]?.url, undefined);
    }
  });

  it('with odd descriptions are still listed; with an unreadable link nothing is known', async () => {
    const unexpected = environment('a', { id: POLICY }, { displayName: 7, environmentSku: [], states: 'x' });
    const { part } = await forPolicy(list(unexpected));
    assert.deepEqual(
      factOf(part).environments.map(({ displayName, sku, runtimeState }) => [displayName, sku, runtimeState]),
      [['a', 'Unknown', undefined]],
    );
    for (const bad of [environment('a', { id: 7 }), { properties: {} }, 'x', null]) {
      const { part: unknown } = await forPolicy(list(environment('b', { id: POLICY }), bad));
      assert.equal(unknown.state === 'unknown' && unknown.reason, 'invalidAnswer', JSON.stringify(bad));
    }
  });

  it('that can’t be read are unknown with the reason and the right that would fix it', async () => {
    const refused = await forPolicy(armError(403, 'Forbidden'));
    assert.equal(refused.part.state === 'unknown' && refused.part.reason, 'forbidden');
    assert.match(JSON.stringify(refused.part), /Power Platform reader role/);
    const throttled = await forPolicy({ status: 429, headers: { 'retry-after': '60' } });
    assert.equal(throttled.part.state === 'unknown' && throttled.part.reason, 'throttled');
    const late = await forPolicy({ afterMs: 60_000 });
    assert.equal(late.part.state === 'unknown' && late.part.reason, 'timeout');
    const fixed = await forPolicy((_, count) =>
      count === 1 ? { status: 503, headers: { 'retry-after': '2' } } : list(environment('e')),
    );
    assert.equal(fixed.part.state, 'known');
  });
});

describe('a list that sweeps may use again', () => {
  const LIST = list(environment('e1', { id: POLICY }));

  function sweeps(reuseForMs: number) {
    const { clock, azure, options } = stage(LIST);
    const source = powerPlatformEnvironments({ ...options, reuseForMs });
    const read = (mayReuse: boolean, told: PolicyAnswer = {}) =>
      clock.drive(
        source.begin(deadlineIn(10_000, clock), { mayReuse }).forPolicy(POLICY, Promise.resolve(told)),
      );
    return { clock, azure, read };
  }

  it('is read every 30 s by sweeps that come every 5 s, and keeps the time at which it was asked for', async () => {
    const { clock, azure, read } = sweeps(30_000);
    const times: string[] = [];
    for (let n = 0; n < 13; n += 1) {
      times.push(factOf(await read(true)).asOf);
      await clock.advance(5_000);
    }
    assert.equal(azure.asked.length, 3);
    assert.equal(new Set(times).size, 3);
  });

  it('is not used by a signal, nor by a policy that is gone since, nor where none may be', async () => {
    const { clock, azure, read } = sweeps(30_000);
    await read(true);
    await read(false);
    assert.equal(azure.asked.length, 2);
    await clock.advance(1_000);
    await read(true, { goneAt: clock.now() });
    assert.equal(azure.asked.length, 3);
    const each = sweeps(0);
    await each.read(true);
    await each.read(true);
    assert.equal(each.azure.asked.length, 2);
  });
});

describe('a list of seven pages of 2 s each', () => {
  const PAGES = 7;

  function slowSweeps(intervalMs: number) {
    let shown = 'Enabled';
    const pageOf: Play = (request) => {
      const page = Number(new URL(request.url).searchParams.get('page') ?? 0);
      const states = { runtime: { id: shown } };
      const value = [environment(`e${page}`, { id: POLICY, linkStatus: 'Linked' }, { states })];
      const next = new URL(request.url);
      next.searchParams.set('page', `${page + 1}`);
      return { afterMs: 2_000, body: { value, ...(page + 1 < PAGES ? { nextLink: next.href } : {}) } };
    };
    const { clock, azure, options } = stage(pageOf);
    const source = powerPlatformEnvironments({ ...options, reuseForMs: 30_000 });
    const windowMs = Math.max(10_000, 0.8 * intervalMs);
    const sweep = async (answer: PolicyAnswer = {}) => {
      const began = clock.nowMs();
      const reading = source.begin(deadlineIn(windowMs, clock), { mayReuse: true });
      const part = await clock.drive(reading.forPolicy(POLICY, Promise.resolve(answer)));
      const tookMs = clock.nowMs() - began;
      for (let restMs = intervalMs - tookMs; restMs > 0; restMs -= 1_000) await clock.advance(1_000);
      return {
        part,
        tookMs,
        ageMs: part.state === 'known' ? began - Date.parse(part.value.asOf) : undefined,
      };
    };
    const show = (state: string) => {
      shown = state;
    };
    return { clock, azure, sweep, show };
  }

  for (const intervalMs of [5_000, 10_000, 30_000, 480_000])
    it(`is read by sweeps every ${intervalMs / 1000} s, and holds up only those that know no list yet`, async () => {
      const { sweep, azure } = slowSweeps(intervalMs);
      const first: Awaited<ReturnType<typeof sweep>>[] = [];
      for (let n = 0; n < 3; n += 1) first.push(await sweep());
      assert.ok(first.some(({ part }) => part.state === 'known'));
      const before = azure.asked.length;
      for (let n = 0; n < 20; n += 1) {
        const { part, tookMs, ageMs = Number.NaN } = await sweep();
        assert.equal(part.state, 'known');
        assert.ok(tookMs <= 2_000, `${tookMs}`);
        assert.ok(ageMs <= Math.max(60_000, intervalMs), `${ageMs}`);
      }
      // One request at a time, and no more than one in 27 s.
      const lists = (azure.asked.length - before) / PAGES;
      assert.ok(lists <= Math.min(21, (20 * intervalMs) / 27_000 + 2), `${lists} lists`);
    });

  it('shows what it showed when it was asked for, and a later one shows the change', async () => {
    const { sweep, show } = slowSweeps(5_000);
    for (let n = 0; n < 4; n += 1) await sweep();
    show('Disabled');
    const states: string[] = [];
    for (let n = 0; n < 12; n += 1)
      states.push(factOf((await sweep()).part).environments[0]?.runtimeState ?? '');
    assert.ok(states.includes('Disabled'), states.join());
  });

  it('also counts for a policy that was found gone before it was asked for', async () => {
    const { sweep, clock } = slowSweeps(5_000);
    const parts: string[] = [];
    for (let n = 0; n < 4; n += 1) parts.push((await sweep({ goneAt: clock.now() })).part.state);
    assert.ok(parts.includes('known'), parts.join());
  });

  it('that never ends is unknown after a minute and a half, not the last one for ever', async () => {
    const { sweep, azure } = slowSweeps(5_000);
    for (let n = 0; n < 4; n += 1) await sweep();
    azure.on(PATH, { ...list(), afterMs: 1_000_000 });
    let part: Part<EnvironmentsFact> | undefined;
    for (let n = 0; n < 20; n += 1) ({ part } = await sweep());
    assert.equal(part?.state === 'unknown' && part.reason, 'timeout');
  });
});
