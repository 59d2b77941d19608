import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { normalId } from '../../shared/azure/arm-id.ts';
import type { Facts, PolicyFact } from '../../shared/facts/facts.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import { DISABLED, environment, known, network, policy, vault } from '../triggers/a-reading.ts';
import { aWorld, policyId, type World } from './a-world.ts';

const ID = policyId('p1');
type Network = 'open' | 'off' | 'shut';
const SETTINGS: Readonly<Record<Network, ReturnType<typeof network>>> = {
  open: network('Enabled', 'Allow', 'AzureServices'),
  off: network('Disabled', 'Deny', 'AzureServices'),
  shut: network('Disabled', 'Deny', 'None'),
};

/** Sweeps so often, so many minutes apart, with these settings. */
async function pass(
  world: World,
  times: number,
  minutes: number,
  settings: Network,
  healthStatus?: PolicyFact['healthStatus'],
  more: Partial<Facts> = {},
): Promise<void> {
  for (let n = 0; n < times; n += 1) {
    await world.clock.advance(minutes * 60_000);
    world.observedState.set(normalId(ID), {
      policy: known(policy({ id: ID, name: 'p1', healthStatus })),
      vault: known(vault({ network: SETTINGS[settings] })),
      ...more,
    });
    await world.clock.drive(sweep(world.ports));
  }
}

/** Other notices: the digest, reminders, and sweeps that this test makes rarely. */
const BESIDE: ReadonlySet<string> = new Set(['warning', 'reminder', 'visibilityLost', 'visibilityRestored']);

function reasons(world: World): string[] {
  const [first, second] = world.channels.map(({ sent }) => sent.map(({ reason }) => reason));
  assert.deepEqual(first, second);
  return (first ?? []).filter((reason) => !BESIDE.has(reason));
}

// azuresandbox issues 429 and 556: pipelines and Azure Policy disable public access and let trusted services pass.
describe('a vault without public access that lets trusted services pass', () => {
  it('as a standing state is no incident, in a week', async () => {
    for (const health of ['Healthy', undefined] as const) {
      const world = aWorld();
      await pass(world, 7 * 4, 360, 'off', health);
      assert.deepEqual(reasons(world), []);
    }
  });

  it('made by a change is one suspicion, which ends after 15 minutes Healthy', async () => {
    const world = aWorld();
    await pass(world, 3, 1, 'open', 'Healthy');
    await pass(world, 15, 1, 'off', 'Healthy');
    assert.deepEqual(reasons(world), ['suspected']);
    await pass(world, 3, 1, 'off', 'Healthy');
    assert.deepEqual(reasons(world), ['suspected', 'closed']);
    await pass(world, 7 * 4, 360, 'off', 'Healthy');
    assert.deepEqual(reasons(world), ['suspected', 'closed'], 'and stays so');
  });

  it('ends where health is absent after a day in which the lists showed the environments running', async () => {
    const world = aWorld();
    await pass(world, 3, 1, 'open');
    await pass(world, 23, 60, 'off');
    assert.deepEqual(reasons(world), ['suspected']);
    await pass(world, 3, 60, 'off');
    assert.equal(reasons(world).at(-1), 'closed');
  });

  it('opened and closed by a pipeline is suspected twice a week, and a lock is reported all the same', async () => {
    const world = aWorld();
    await pass(world, 3, 1, 'open', 'Healthy');
    for (let day = 0; day < 5; day += 1) {
      await pass(world, 5, 1, 'off', 'Healthy');
      await pass(world, 5, 1, 'open', 'Healthy');
      await pass(world, 2, 600, 'open', 'Healthy');
    }
    assert.deepEqual(
      reasons(world).filter((reason) => reason === 'suspected'),
      ['suspected', 'suspected'],
    );
    const before = reasons(world).length;
    const down = known({
      source: 'powerPlatform' as const,
      asOf: world.clock.now(),
      environments: [environment('p1-1', DISABLED), environment('p1-2', DISABLED)],
    });
    await pass(world, 2, 1, 'off', 'Unhealthy', { environments: down });
    assert.deepEqual(reasons(world).slice(before), ['opened']);
  });

  it('by the habit hides no closing that shuts trusted services out', async () => {
    const world = aWorld();
    await pass(world, 3, 1, 'open', 'Healthy');
    for (let day = 0; day < 3; day += 1) {
      await pass(world, 5, 1, 'off', 'Healthy');
      await pass(world, 30, 1, 'open', 'Healthy');
    }
    const before = reasons(world).length;
    await pass(world, 1, 1, 'shut', 'Healthy');
    assert.deepEqual(reasons(world).slice(before), ['opened']);
  });
});
