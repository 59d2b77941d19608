import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SendResult } from '../../shared/notices/notice.ts';
import { GIVE_UP_MS } from '../../shared/notices/outbox.ts';
import { respond } from '../../shared/pipeline/on-message.ts';
import type { Ports } from '../../shared/pipeline/ports.ts';
import { deliverPending, sweep } from '../../shared/pipeline/sweep.ts';
import { heartbeatIn, onHeartbeat, onTimer } from '../../shared/pipeline/watchdog.ts';
import { unread, VAULT_ID } from '../triggers/a-reading.ts';
import { aWorld, policyId, type ScriptedChannel, VAULT_GONE, vaultEvent, type World } from './a-world.ts';
import { aheadOf, dyingInSending, YEAR_MS } from './a-wrong-clock.ts';

const BUSY: SendResult = { outcome: 'failed', permanent: false, detail: 'HTTP 503' };
const HOUR_MS = 3_600_000;

function channelOf(world: World, name: string): ScriptedChannel {
  return world.channels.find((channel) => channel.name === name) ?? assert.fail(name);
}
const reasonsOn = (world: World, name: string) => channelOf(world, name).sent.map(({ reason }) => reason);
const lose = (world: World, ...names: string[]) => {
  for (const name of names) world.observedState.set(policyId(name).toLowerCase(), VAULT_GONE);
};
const told = (world: World, ports: Ports) => respond(vaultEvent({ at: world.clock.now() }), ports);

async function healthy(names = ['p1']): Promise<World> {
  const world = aWorld(names);
  await world.clock.drive(sweep(world.ports));
  await world.clock.advance(60_000);
  return world;
}

/** Begins work that never ends, and lets it come as far as it can without the clock. */
async function begun(world: World, work: Promise<unknown>): Promise<void> {
  work.catch(() => assert.fail('it was to hang, not to fail'));
  for (let n = 0; n < 60; n += 1) await world.clock.advance(0);
}

/** Sweeps each half minute by a process whose clock is right. */
async function minutes(world: World, count: number, ports = world.restart()): Promise<void> {
  for (let n = 0; n < count * 2; n += 1) {
    await world.clock.advance(30_000);
    await world.clock.drive(sweep(ports));
  }
}

describe('what a process left behind whose clock ran ahead', () => {
  for (const [words, ms] of [
    ['an hour', HOUR_MS],
    ['a year', YEAR_MS],
  ] as const) {
    it(`holds back no alarm: it died in sending what it had committed, ${words} ahead`, async () => {
      const world = await healthy();
      lose(world, 'p1');
      await begun(world, told(world, dyingInSending(aheadOf(world, ms))));
      await minutes(world, 2);
      for (const name of ['teams', 'email']) assert.deepEqual(reasonsOn(world, name).slice(0, 1), ['opened']);
    });
  }

  it('holds back no retry: its own try failed, and the next was to be a year later', async () => {
    const world = await healthy();
    lose(world, 'p1');
    channelOf(world, 'teams').answers.push(BUSY);
    await world.clock.drive(told(world, aheadOf(world)));
    await minutes(world, 1);
    assert.deepEqual(reasonsOn(world, 'teams'), ['opened']);
  });

  it('holds back no group: it died under the lease of a message for two policies', async () => {
    const world = await healthy(['p1', 'p2']);
    lose(world, 'p1', 'p2');
    await begun(world, told(world, dyingInSending(aheadOf(world))));
    await minutes(world, 2);
    const [opened] = channelOf(world, 'teams').sent;
    assert.deepEqual([opened?.reason, opened?.incidents.length], ['opened', 2]);
  });

  it('keeps no channel left alone: its breaker was to be open for a year', async () => {
    const world = await healthy(['p1', 'p2']);
    const wrong = aheadOf(world);
    lose(world, 'p1');
    channelOf(world, 'teams').answers.push({ ...BUSY, retryAfterMs: HOUR_MS });
    await world.clock.drive(told(world, wrong));
    const open = async () =>
      (await world.ports.store.channelHealth.readAll()).find(({ channel }) => channel === 'teams');
    assert(Date.parse((await open())?.openUntil ?? '') > world.clock.nowMs() + YEAR_MS);
    await minutes(world, 1);
    assert.deepEqual(reasonsOn(world, 'teams'), ['opened'], 'no fresh alarm is needed for it');
    assert.equal((await open())?.openUntil, undefined);
  });

  it('does not keep a pause from growing: the channel is dead, and left alone as any dead channel is', async () => {
    const world = await healthy();
    lose(world, 'p1');
    channelOf(world, 'teams').answers.push({ ...BUSY, retryAfterMs: HOUR_MS }, ...Array(500).fill(BUSY));
    await world.clock.drive(told(world, aheadOf(world)));
    await minutes(world, 60);
    const tries = 500 - channelOf(world, 'teams').answers.length;
    assert(tries >= 5 && tries <= 40, `${tries} tries in an hour`);
  });

  it('makes no notice of a policy be taken for a latecomer', async () => {
    const world = await healthy(['p1', 'p2']);
    const group = `opened|vault-deleted|${VAULT_ID.toLowerCase()}`;
    const { store } = world.ports;
    const at = new Date(world.clock.nowMs() + YEAR_MS).toISOString();
    const lease = await store.leaseGroup(group, 'teams', world.clock.now(), world.clock.now());
    assert(lease);
    await store.releaseGroup(lease, { at, messageId: 'm1' });
    lose(world, 'p1', 'p2');
    await world.clock.drive(told(world, world.ports));
    assert.deepEqual(reasonsOn(world, 'teams'), ['opened']);
    const next = await store.leaseGroup(group, 'teams', world.clock.now(), world.clock.now());
    assert.equal(next?.sentAt, world.clock.now(), 'it is that group');
  });

  it('keeps no reminder back', async () => {
    const world = await healthy();
    lose(world, 'p1');
    await world.clock.drive(told(world, aheadOf(world)));
    await minutes(world, 14);
    assert.deepEqual(reasonsOn(world, 'email'), ['opened']);
    await minutes(world, 3);
    assert.deepEqual(reasonsOn(world, 'email'), ['opened', 'reminder']);
    await minutes(world, 46);
    assert.deepEqual(reasonsOn(world, 'email'), ['opened', 'reminder', 'reminder']);
  });

  it('is no flapping: access that came and went at its hours is reported as back', async () => {
    const world = await healthy();
    const wrong = aheadOf(world);
    lose(world, 'p1');
    await world.clock.drive(told(world, wrong));
    for (let n = 0; n < 2; n += 1) {
      world.observedState.set(policyId('p1').toLowerCase(), {});
      await world.clock.drive(sweep(wrong));
      lose(world, 'p1');
      await world.clock.drive(sweep(wrong));
    }
    await minutes(world, 1);
    world.observedState.set(policyId('p1').toLowerCase(), {});
    await minutes(world, 1);
    assert.equal(reasonsOn(world, 'email').includes('accessRestored'), true);
    const recentTransitions =
      (await world.ports.store.readPolicyState(policyId('p1')))?.policyState.recentTransitions ?? [];
    for (const at of recentTransitions) assert(Date.parse(at) <= world.clock.nowMs(), at);
  });

  it('keeps people from hearing of nothing that can’t be read', async () => {
    const world = await healthy();
    world.observedState.set(policyId('p1').toLowerCase(), {
      vault: unread('forbidden'),
      key: unread('follows'),
      permission: unread('follows'),
    });
    await world.clock.drive(sweep(aheadOf(world)));
    await minutes(world, 12);
    assert.equal(reasonsOn(world, 'email').filter((reason) => reason === 'visibilityLost').length, 1);
  });

  it('does not freeze what lists and the watch list are made from', async () => {
    const world = await healthy();
    lose(world, 'p1');
    await world.clock.drive(told(world, aheadOf(world)));
    world.observedState.set(policyId('p1').toLowerCase(), {});
    await minutes(world, 1);
    const [entry] = await world.ports.readModel.read();
    assert.equal(entry?.verdict, 'clear');
  });

  it('keeps neither the heartbeat message from being sent anew nor its sweep from running', async () => {
    const world = await healthy();
    await world.clock.drive(onTimer(aheadOf(world)));
    world.heartbeats.length = 0;
    await world.clock.advance(30_000);
    await world.clock.drive(onTimer(world.restart()));
    const [message] = world.heartbeats;
    assert(message, 'the chain that was lost is begun anew');
    const ahead = new Date(world.clock.nowMs() + YEAR_MS).toISOString();
    const wrong = { timerAt: ahead, sweepBegunAt: ahead };
    await world.ports.heartbeat.update((beat) => ({ ...beat, ...wrong }));
    world.reads.length = 0;
    await world.clock.drive(onHeartbeat(heartbeatIn(message.text) ?? '', world.restart()));
    assert.equal(world.reads.length, 1);
  });
});

describe('a notice that is a day old', () => {
  /** Teams takes nothing; the notice is called for and tried once by this process. */
  async function undeliverable(by: (world: World) => Ports): Promise<World> {
    const world = await healthy();
    lose(world, 'p1');
    channelOf(world, 'teams').answers.push(...Array(500).fill(BUSY));
    await world.clock.drive(told(world, by(world)));
    return world;
  }
  async function stateOf(world: World) {
    const incident =
      (await world.ports.store.readPolicyState(policyId('p1')))?.policyState.incident ?? assert.fail();
    const rows = await world.ports.store.listNotices(incident);
    return rows.find(({ channel, reason }) => channel === 'teams' && reason === 'opened');
  }

  for (const [words, ahead] of [
    // Within what a channel may ask for: no wrong clock, and yet too late.
    ['in 50 minutes', 50 * 60_000],
    ['in a year', YEAR_MS],
  ] as const) {
    it(`is given up and reported on another channel, though its next try is to come ${words}`, async () => {
      const world = await undeliverable(({ ports }) => ports);
      await world.clock.advance(GIVE_UP_MS);
      const row = (await stateOf(world)) ?? assert.fail();
      const nextTryAt = new Date(world.clock.nowMs() + ahead).toISOString();
      await world.ports.store.updateNotice({ ...row, nextTryAt });
      await world.clock.drive(deliverPending(world.restart()));
      assert.equal((await stateOf(world))?.state, 'givenUp');
      assert.equal(reasonsOn(world, 'email').at(-1), 'undelivered');
    });
  }

  it('by a right clock, and a year younger by the wrong one that called for it, is given up after a day', async () => {
    const world = await undeliverable(aheadOf);
    for (let n = 0; n < 26 * 4; n += 1) {
      await world.clock.advance(15 * 60_000);
      await world.clock.drive(deliverPending(world.ports));
    }
    assert.equal((await stateOf(world))?.state, 'givenUp');
    assert.equal(reasonsOn(world, 'email').at(-1), 'undelivered');
  });

  it('is left to the process that is trying it a last time', async () => {
    const world = await undeliverable(({ ports }) => ports);
    await world.clock.advance(GIVE_UP_MS);
    channelOf(world, 'teams').answers.length = 0;
    const slow: Ports = {
      ...world.restart(),
      channels: world.channels.map((channel) => ({
        ...channel,
        send: async (...args: Parameters<typeof channel.send>) => {
          await world.clock.sleep(5_000);
          return channel.send(...args);
        },
      })),
    };
    await world.clock.drive(
      Promise.all([
        deliverPending(slow),
        world.clock.sleep(2_000).then(() => deliverPending(world.restart())),
      ]),
    );
    assert.equal((await stateOf(world))?.state, 'sent');
    assert.deepEqual(reasonsOn(world, 'teams'), ['opened']);
  });
});

it('a process whose clock is set back by an hour goes on sending at once', async () => {
  const world = await healthy(['p1', 'p2', 'p3', 'p4', 'p5', 'p6']);
  const { clock } = world;
  let setBack = 0;
  const ports: Ports = {
    ...world.ports,
    clock: {
      ...clock,
      now: () => new Date(clock.nowMs() + HOUR_MS - setBack).toISOString(),
      nowMs: () => clock.nowMs() + HOUR_MS - setBack,
    },
  };
  for (let n = 0; n < 5; n += 1) {
    if (n === 4) setBack = HOUR_MS;
    await clock.advance(10_000);
    lose(world, `p${n + 1}`);
    await clock.drive(respond(vaultEvent({ at: clock.now(), id: `event-${n}` }), ports));
  }
  const named = channelOf(world, 'email').sent.flatMap(({ incidents }) =>
    incidents.map(({ policyName }) => policyName),
  );
  assert.deepEqual(new Set(named), new Set(['p1', 'p2', 'p3', 'p4', 'p5']));
});
