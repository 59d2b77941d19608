import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { normalId } from '../../shared/azure/arm-id.ts';
import type { EnvironmentFact, Facts, PolicyFact } from '../../shared/facts/facts.ts';
import { evaluateTimers } from '../../shared/incidents/evaluate-timers.ts';
import { alertsOf } from '../../shared/notices/channels/events/alert.ts';
import { emailContent } from '../../shared/notices/render/email.ts';
import { say } from '../../shared/notices/say/say.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import { DISABLED, environment, gone, known, policy, unread } from '../triggers/a-reading.ts';
import { aWorld, policyId, VAULT_GONE, type World } from './a-world.ts';

const ID = policyId('p1');
const SAY = { adminCenterUrl: 'https://admin.example', portalUrl: 'https://portal.example' };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

interface Scene {
  members?: Partial<EnvironmentFact>[];
  isComplete?: boolean;
  source?: 'powerPlatform' | 'inventory';
  health?: PolicyFact['healthStatus'];
  facts?: Partial<Facts>;
}

/** Sweeps at this interval for so long; Azure shows the same all the time. */
async function pass(world: World, forMs: number, scene: Scene = {}, every = MINUTE): Promise<void> {
  const { members = [], isComplete = true, source = 'powerPlatform', health = 'Healthy', facts } = scene;
  world.ports.config.sweepBounds = { minMs: every, maxMs: every };
  for (let ms = 0; ms < forMs; ms += every) {
    await world.clock.advance(every);
    world.observedState.set(normalId(ID), {
      policy: known(policy({ id: ID, name: 'p1', healthStatus: health })),
      environments: known({
        source,
        asOf: world.clock.now(),
        environments: members.map((change, n) => environment(`e${n + 1}`, change)),
        isComplete,
      }),
      ...facts,
    });
    await world.clock.drive(sweep(world.ports));
  }
}

/** What every channel got about incidents, the same on each. */
function sent(world: World) {
  const [first, ...others] = world.channels.map((channel) =>
    channel.sent.filter(({ incidents }) => incidents.length > 0),
  );
  for (const other of others)
    assert.deepEqual(
      other.map(({ reason }) => reason),
      first?.map(({ reason }) => reason),
    );
  return first ?? [];
}
const reasons = (world: World) => sent(world).map(({ reason }) => reason);

async function incidentOf(world: World) {
  const stored = await world.ports.store.readPolicyState(ID);
  assert.ok(stored);
  return stored.policyState;
}

const LOST = { facts: VAULT_GONE };
const UNREAD = { facts: { environments: unread('forbidden') } };

describe('a vault is deleted under a policy without a known environment', () => {
  for (const [title, before, after] of [
    ['whose list may be a partial one', { isComplete: false }, { isComplete: false }],
    ['whose list can’t be read', UNREAD, UNREAD],
    ['that reports Unhealthy', {}, { health: 'Unhealthy' }],
    ['that had an environment four weeks ago', { members: [{}] }, {}],
  ] as const satisfies [string, Scene, Scene][])
    it(`is a full incident of a policy ${title}`, async () => {
      const world = aWorld();
      await pass(world, 3 * MINUTE, before as Scene);
      await pass(world, 28 * DAY, { ...(before as Scene), members: [] }, DAY);
      await pass(world, 20 * MINUTE, { ...after, facts: { ...VAULT_GONE, ...(after as Scene).facts } });
      assert.deepEqual(reasons(world).slice(0, 2), ['opened', 'reminder']);
      assert.doesNotMatch(JSON.stringify(sent(world)), /take nothing down/);
    });

  for (const source of ['powerPlatform', 'inventory'] as const)
    it(`is one warning where a complete list names none (${source}): no page, reminder or deadline in ten days`, async () => {
      const world = aWorld();
      await pass(world, 3 * MINUTE, { source });
      await pass(world, 2 * HOUR, { source, ...LOST });
      await pass(world, 10 * DAY, { source, ...LOST }, 6 * HOUR);
      assert.deepEqual(reasons(world), ['keyUnreachable']);
      const [notice] = sent(world);
      assert.ok(notice);
      assert.deepEqual(alertsOf(notice, SAY), [], 'it opens no alert');
      const { text } = emailContent(say(notice, SAY));
      assert.match(text, /No environment is known to be linked to it/);
      assert.match(text, /platform apps data/);
      assert.doesNotMatch(text, /offline|By when|enable the environment|nothing down|stops the reminders/);
      const policyState = await incidentOf(world);
      assert.equal(policyState.incident?.noEnvironments, true, 'status shows it');
      for (let hours = 1; hours < 24 * 40; hours += 7)
        assert.deepEqual(
          evaluateTimers(policyState, new Date(world.clock.nowMs() + hours * HOUR).toISOString()).notices,
          [],
        );
    });

  it('ends with its cause: closed once, and nothing is asked of anybody', async () => {
    const world = aWorld();
    await pass(world, 3 * MINUTE);
    await pass(world, 5 * MINUTE, LOST);
    await pass(world, HOUR);
    await pass(world, 3 * DAY, {}, 6 * HOUR);
    assert.deepEqual(reasons(world), ['keyUnreachable', 'closed']);
    assert.equal((await incidentOf(world)).incident, undefined);
    assert.doesNotMatch(JSON.stringify(say(sent(world)[1] ?? assert.fail(), SAY)), /Re-enable/);
  });

  for (const [title, change] of [
    ['an environment appears', { members: [{}] }],
    ['the policy turns Unhealthy', { health: 'Unhealthy' }],
  ] as const satisfies [string, Scene][])
    it(`becomes a full incident where ${title} a day later, with reminders`, async () => {
      const world = aWorld();
      await pass(world, 3 * MINUTE);
      await pass(world, DAY, LOST, HOUR);
      await pass(world, 5 * MINUTE, { ...LOST, ...(change as Scene) });
      assert.deepEqual(reasons(world), ['keyUnreachable', 'opened']);
      assert.equal(alertsOf(sent(world)[1] ?? assert.fail(), SAY)[0]?.severity, 'critical');
      await pass(world, 20 * MINUTE, { ...LOST, ...(change as Scene) });
      assert.deepEqual(reasons(world), ['keyUnreachable', 'opened', 'reminder']);
      assert.ok(Date.parse((await incidentOf(world)).incident?.recoverBy ?? '') > world.clock.nowMs());
    });

  it('a lock that shows after it closed returns as a full incident', async () => {
    const world = aWorld();
    await pass(world, 3 * MINUTE);
    await pass(world, 5 * MINUTE, LOST);
    await pass(world, 5 * MINUTE);
    await pass(world, 5 * MINUTE, { members: [DISABLED, DISABLED] });
    assert.deepEqual(reasons(world), ['keyUnreachable', 'closed', 'worsened']);
    assert.equal((await incidentOf(world)).incident?.noEnvironments, undefined);
  });

  it('a second cause adds nothing to the warning, and a policy that is gone as well leaves it open', async () => {
    const world = aWorld();
    await pass(world, 3 * MINUTE);
    await pass(world, 5 * MINUTE, LOST);
    await pass(world, 5 * MINUTE, { facts: { ...VAULT_GONE, deletedVault: gone() } });
    assert.deepEqual(reasons(world), ['keyUnreachable']);
  });
});
