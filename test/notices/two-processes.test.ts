import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { claimDue } from '../../shared/notices/claim-due.ts';
import { deliver } from '../../shared/notices/deliver.ts';
import type { SendResult } from '../../shared/notices/notice.ts';
import { LEASE_MS, later } from '../../shared/notices/outbox.ts';
import { respond } from '../../shared/pipeline/on-message.ts';
import type { Ports } from '../../shared/pipeline/ports.ts';
import { deliverPending, sweep } from '../../shared/pipeline/sweep.ts';
import type { OutboxRow } from '../../shared/storage/incident-store.ts';
import {
  aWorld,
  policyId,
  type ScriptedChannel,
  VAULT_GONE,
  vaultEvent,
  type World,
} from '../pipeline/a-world.ts';
import { dyingInSending } from '../pipeline/a-wrong-clock.ts';

/** Two processes: each has ports, a store and queues of its own, over the same tables and the same channels. */

const BUSY: SendResult = { outcome: 'failed', permanent: false, detail: 'HTTP 503' };
const REFUSED: SendResult = { outcome: 'failed', permanent: true, detail: 'HTTP 400' };

async function healthy(names = ['p1']): Promise<World> {
  const world = aWorld(names);
  await world.clock.drive(sweep(world.ports));
  await world.clock.advance(60_000);
  return world;
}
const lose = (world: World, ...names: string[]) => {
  for (const name of names) world.observedState.set(policyId(name).toLowerCase(), VAULT_GONE);
};
const told = (world: World, ports: Ports) => respond(vaultEvent({ at: world.clock.now() }), ports);
function channelOf(world: World, name: string): ScriptedChannel {
  return world.channels.find((channel) => channel.name === name) ?? assert.fail(name);
}
/** What a channel took: each message's reason and policies. */
const taken = (world: World, name: string) =>
  channelOf(world, name).sent.map(
    ({ reason, incidents }) => `${reason} of ${incidents.map(({ policyName }) => policyName).sort()}`,
  );
async function rowsOf(world: World, ...names: string[]): Promise<OutboxRow[]> {
  const rows = await Promise.all(
    names.map(async (name) => {
      const incident = (await world.ports.store.readPolicyState(policyId(name)))?.policyState.incident;
      return incident ? world.ports.store.listNotices(incident) : [];
    }),
  );
  return rows.flat();
}
/** A process whose channels take so long for each message. */
function slow(world: World, ms: number): Ports {
  const channels = world.channels.map((channel) => ({
    ...channel,
    async send(...args: Parameters<typeof channel.send>) {
      await world.clock.sleep(ms);
      return channel.send(...args);
    },
  }));
  return { ...world.restart(), channels };
}
/** The same process, so much later, before the others notice that time has passed. */
function lateBy(ports: Ports, ms: number): Ports {
  const { clock } = ports;
  const shifted = { ...clock, now: () => later(clock.now(), ms), nowMs: () => clock.nowMs() + ms };
  return { ...ports, clock: shifted };
}

describe('a notice is born under the lease of the process that called for it, and no other process takes it', () => {
  const STORIES: Record<
    string,
    { begin: (world: World, ports: Ports) => Promise<unknown>; email: string[] }
  > = {
    'of an incident': {
      begin: (world, ports) => {
        lose(world, 'p1');
        return told(world, ports);
      },
      email: ['opened of p1'],
    },
    'of the watch itself': {
      begin: (world, ports) => {
        world.subscription.state = 'Disabled';
        return sweep(ports);
      },
      email: ['visibilityLost of '],
    },
    'of one that another channel refused': {
      begin: (world, ports) => {
        channelOf(world, 'teams').answers.push(REFUSED);
        lose(world, 'p1');
        return told(world, ports);
      },
      email: ['opened of p1', 'undelivered of p1'],
    },
  };
  for (const [words, { begin, email }] of Object.entries(STORIES)) {
    it(words, async () => {
      const world = await healthy();
      const other = world.restart();
      const found: string[] = [];
      // In the moment in which it is there and nothing else has been done.
      world.tables.policies.after = async ({ operation }) => {
        if (operation !== 'submitTransaction') return;
        found.push(...(await claimDue(other)).map(({ reason }) => reason));
      };
      const meanwhile = async () => {
        for (let second = 0; second < 12; second += 1) {
          await world.clock.sleep(1_000);
          await deliverPending(other);
        }
      };
      await world.clock.drive(Promise.all([begin(world, slow(world, 4_500)), meanwhile()]));
      assert.deepEqual(found, []);
      assert.deepEqual(taken(world, 'email').sort(), email.toSorted());
    });
  }

  it('also where it waits for what is read later, to go in one message with that', async () => {
    const world = await healthy(['p1', 'p2']);
    const one = world.restart();
    const { begin } = one.facts;
    one.facts = {
      begin(...options) {
        const pass = begin(...options);
        return {
          ...pass,
          async read(...args) {
            if (args[0] === policyId('p2')) await world.clock.sleep(6_000);
            return pass.read(...args);
          },
        };
      },
    };
    lose(world, 'p1', 'p2');
    const meanwhile = world.clock.sleep(3_000).then(() => deliverPending(world.restart()));
    await world.clock.drive(Promise.all([told(world, one), meanwhile]));
    assert.deepEqual(taken(world, 'teams'), ['opened of p1,p2']);
  });
});

describe('one message for two policies, whose notices are with two processes', () => {
  /** Both were called for by a process that died. The group was told of before: its lease is there, and free. */
  async function apart(): Promise<{ world: World; rows: OutboxRow[]; sharing: () => string[] }> {
    const world = await healthy(['p1', 'p2']);
    lose(world, 'p1', 'p2');
    void told(world, dyingInSending(world.restart()));
    for (let n = 0; n < 60; n += 1) await world.clock.advance(0);
    await world.clock.advance(LEASE_MS + 1_000);
    const rows = (await rowsOf(world, 'p1', 'p2')).filter(({ channel }) => channel === 'teams');
    assert.equal(new Set(rows.map(({ group }) => group)).size, 1);
    return { world, rows, sharing: () => [policyId('p1'), policyId('p2')] };
  }
  async function held(rows: OutboxRow[], name: string, ports: Ports): Promise<OutboxRow[]> {
    const row = rows.find((one) => one.policyId === policyId(name)) ?? assert.fail(name);
    const mine = await ports.store.updateNotice({ ...row, nextTryAt: later(ports.clock.now(), LEASE_MS) });
    return mine ? [mine] : assert.fail(name);
  }

  it('goes out once, by whoever leases the group first', async () => {
    const { world, rows, sharing } = await apart();
    const [one, other] = [slow(world, 1_000), slow(world, 1_000)];
    const [mine, theirs] = [await held(rows, 'p1', one), await held(rows, 'p2', other)];
    await world.clock.drive(
      Promise.all([deliver({ rows: mine, sharing }, one), deliver({ rows: theirs, sharing }, other)]),
    );
    assert.deepEqual(taken(world, 'teams'), ['opened of p1,p2']);
  });

  it('goes out once also where one of them merely tries again what had failed', async () => {
    const world = await healthy(['p1', 'p2']);
    lose(world, 'p1');
    channelOf(world, 'teams').answers.push(BUSY);
    const reader = world.restart();
    await world.clock.drive(told(world, reader));
    assert.deepEqual(taken(world, 'teams'), []);
    await world.clock.advance(15_000);
    lose(world, 'p2');
    await world.clock.drive(
      Promise.all([deliverPending(slow(world, 2_000)), told(world, slow(world, 2_000))]),
    );
    const policies = channelOf(world, 'teams').sent.flatMap(({ incidents }) =>
      incidents.map(({ policyName }) => policyName),
    );
    assert.deepEqual(policies.toSorted(), ['p1', 'p2']);
  });

  it('is not sent anew by one that waited for it and can’t list what is left of it', async () => {
    const { world, rows, sharing } = await apart();
    const [first, second] = [slow(world, 3_000), world.restart()];
    const [theirs, mine] = [await held(rows, 'p2', first), await held(rows, 'p1', second)];
    const { store } = second;
    const stuck: Ports['store'] = { ...store, pendingNotices: () => new Promise<never>(() => {}) };
    const waiting = world.clock
      .sleep(1_000)
      .then(() => deliver({ rows: mine, sharing }, { ...second, store: stuck }));
    await world.clock.drive(Promise.all([deliver({ rows: theirs, sharing }, first), waiting]));
    assert.deepEqual(taken(world, 'teams'), ['opened of p1,p2']);
  });

  it('takes the other’s notice from it first: one that does not know of the group does not send it as well', async () => {
    const { world, rows, sharing } = await apart();
    const [one, other] = [world.restart(), world.restart()];
    const [mine, theirs] = [await held(rows, 'p1', one), await held(rows, 'p2', other)];
    const rateLimiter = Promise.withResolvers<void>();
    const gated: Ports = {
      ...one,
      channelTimeoutMs: 1e12,
      channels: one.channels.map((channel) => ({
        ...channel,
        async send(...args: Parameters<typeof channel.send>) {
          await rateLimiter.promise;
          return channel.send(...args);
        },
      })),
    };
    let sending: Promise<void> | undefined;
    const standing: Ports['store'] = {
      ...other.store,
      async listEnvironments() {
        sending = deliver({ rows: mine, sharing }, gated);
        for (let n = 0; n < 30; n += 1) await world.clock.advance(0);
        await world.clock.advance(LEASE_MS - 5_000);
        return [];
      },
    };
    const standingStill = deliver({ rows: theirs }, { ...other, store: standing });
    // Without the clock, which turns only where `listEnvironments` says so.
    for (let n = 0; n < 100; n += 1) await world.clock.advance(0);
    rateLimiter.resolve();
    await world.clock.drive(Promise.all([standingStill, sending ?? assert.fail()]));
    assert.deepEqual(taken(world, 'teams'), ['opened of p1,p2']);
  });

  it('is given free again where storage fails in the midst of it, and not after half a minute', async () => {
    const { world, rows, sharing } = await apart();
    const one = slow(world, 0);
    const mine = await held(rows, 'p1', one);
    const away = async () => {
      throw new Error('storage is away');
    };
    const failing = { ...one, store: { ...one.store, updateNotice: away } };
    const [failed] = await world.clock.drive(Promise.allSettled([deliver({ rows: mine, sharing }, failing)]));
    assert.equal(failed?.status, 'rejected');
    const { group = '', channel = '' } = rows[0] ?? {};
    const now = world.clock.now();
    assert(await world.ports.store.leaseGroup(group, channel, now, later(now, LEASE_MS)));
  });
});

describe('a notice that is slow to be prepared', () => {
  /** Teams failed, so that a later process prepares the notice anew. */
  async function failedOnce(names = ['p1']): Promise<World> {
    const world = await healthy(names);
    lose(world, ...names);
    channelOf(world, 'teams').answers.push(BUSY);
    await world.clock.drive(told(world, world.restart()));
    await world.clock.advance(15_000);
    return world;
  }
  const hang = () => new Promise<never>(() => {});

  for (const [words, names, stuck] of [
    ['the list of environments', ['p1'], (store: Ports['store']) => ({ ...store, listEnvironments: hang })],
    [
      'the notices of the policies that share its cause',
      ['p1', 'p2'],
      (store: Ports['store']) => ({
        ...store,
        pendingNotices: (ids?: string[]) => (ids ? hang() : store.pendingNotices()),
      }),
    ],
    [
      'what is remembered of its channel',
      ['p1'],
      (store: Ports['store']) => ({ ...store, channelHealth: { ...store.channelHealth, update: hang } }),
    ],
  ] as const) {
    it(`goes out soon, once, though storage hangs on ${words}`, async () => {
      const world = await failedOnce([...names]);
      const one = world.restart();
      const began = world.clock.nowMs();
      const sending = deliverPending({ ...one, store: stuck(one.store) });
      const later = world.clock.sleep(LEASE_MS + 1_000).then(() => deliverPending(world.restart()));
      await world.clock.drive(Promise.all([sending, later]));
      assert.deepEqual(taken(world, 'teams'), [`opened of ${names}`]);
      const [notice] = channelOf(world, 'teams').sent;
      assert(Date.parse(notice?.at ?? '') - began <= 5_000, notice?.at);
      assert.equal(notice?.incidents[0]?.incident.environmentCount, 2, 'how many there are is known');
    });
  }

  it('is left to the process that took it while this one stood still', async () => {
    const world = await failedOnce();
    const one = world.restart();
    const { listEnvironments } = one.store;
    const standing: Ports['store'] = {
      ...one.store,
      async listEnvironments(...args) {
        await deliverPending(lateBy(world.restart(), LEASE_MS + 1_000));
        await world.clock.advance(LEASE_MS + 1_000);
        return listEnvironments(...args);
      },
    };
    await world.clock.drive(deliverPending({ ...one, store: standing }));
    assert.deepEqual(taken(world, 'teams'), ['opened of p1']);
    const [row] = (await rowsOf(world, 'p1')).filter(({ channel }) => channel === 'teams');
    assert.deepEqual([row?.state, row?.attempts], ['sent', 2]);
  });

  it('tells of what is left of it where another process took a part of it meanwhile', async () => {
    const world = await failedOnce(['p1', 'p2']);
    const one = world.restart();
    const { listEnvironments } = one.store;
    let isTaken = false;
    const standing: Ports['store'] = {
      ...one.store,
      async listEnvironments(...args) {
        if (!isTaken) {
          isTaken = true;
          const rows = (await rowsOf(world, 'p1')).filter(({ channel }) => channel === 'teams');
          for (const row of rows) await world.ports.store.updateNotice({ ...row, state: 'sent' });
          await world.clock.advance(LEASE_MS + 1_000);
        }
        return listEnvironments(...args);
      },
    };
    await world.clock.drive(deliverPending({ ...one, store: standing }));
    assert.deepEqual(taken(world, 'teams'), ['opened of p2']);
  });
});
