import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SendResult } from '../../shared/notices/notice.ts';
import { LEASE_MS } from '../../shared/notices/outbox.ts';
import { respond } from '../../shared/pipeline/on-message.ts';
import type { Ports } from '../../shared/pipeline/ports.ts';
import { deliverPending, sweep } from '../../shared/pipeline/sweep.ts';
import { StorageUnavailableError } from '../../shared/storage/storage-errors.ts';
import { known as knownPart, policy } from '../triggers/a-reading.ts';
import { aWorld, policyId, type ScriptedChannel, VAULT_GONE, vaultEvent, type World } from './a-world.ts';

const BUSY: SendResult = { outcome: 'failed', permanent: false, detail: 'HTTP 503' };
const REFUSED: SendResult = { outcome: 'failed', permanent: true, detail: 'HTTP 400' };

function channelOf(world: World, name: string): ScriptedChannel {
  return world.channels.find((channel) => channel.name === name) ?? assert.fail(name);
}
/** Takes the vault away from these policies, and has it responded to. */
async function lock(world: World, names: string[], ports: Ports = world.ports): Promise<void> {
  for (const name of names) world.observedState.set(policyId(name).toLowerCase(), VAULT_GONE);
  await world.clock.drive(respond(vaultEvent({ at: world.clock.now() }), ports));
}
async function healthy(names: string[], channels?: string[]): Promise<World> {
  const world = aWorld(names, channels);
  await world.clock.drive(sweep(world.ports));
  await world.clock.advance(60_000);
  return world;
}
function logged(ports: Ports) {
  const lines: [level: string, event: string, fields: Record<string, unknown>][] = [];
  const at =
    (level: string) =>
    (event: string, fields: Record<string, unknown> = {}) => {
      lines.push([level, event, fields]);
    };
  return { lines, ports: { ...ports, log: { info: at('info'), warn: at('warn'), error: at('error') } } };
}

describe('a notice that a channel refuses for good', () => {
  it('is reported on every other channel in the same go', async () => {
    const world = await healthy(['p1'], ['teams', 'email', 'webhook']);
    channelOf(world, 'teams').answers.push(REFUSED);
    await lock(world, ['p1']);
    for (const name of ['email', 'webhook']) {
      const [opened, undelivered] = channelOf(world, name).sent;
      assert.equal(opened?.reason, 'opened');
      assert.equal(undelivered?.reason, 'undelivered');
      assert.deepEqual(undelivered?.undelivered, {
        channel: 'teams',
        reason: 'opened',
        since: world.clock.now(),
        because: 'HTTP 400',
      });
      assert.equal(undelivered?.incidents[0]?.incident.id, opened?.incidents[0]?.incident.id);
    }
    assert.equal(channelOf(world, 'teams').sent.length, 0);
  });

  it('and is about thirty policies of one cause, is reported in one message', async () => {
    const names = Array.from({ length: 30 }, (_, n) => `p${n}`);
    const world = await healthy(names);
    channelOf(world, 'teams').answers.push(REFUSED);
    await lock(world, names);
    const told = channelOf(world, 'email').sent;
    assert.deepEqual(
      told.map(({ reason, incidents }) => [reason, incidents.length]),
      [
        ['opened', 30],
        ['undelivered', 30],
      ],
    );
  });

  it('is an error in the log where there is no other channel', async () => {
    const world = await healthy(['p1'], ['teams']);
    channelOf(world, 'teams').answers.push(REFUSED);
    const { lines, ports } = logged(world.ports);
    await lock(world, ['p1'], ports);
    const [line, ...more] = lines.filter(([level]) => level === 'error');
    assert.equal(more.length, 0);
    assert.equal(line?.[1], 'undelivered');
    assert.deepEqual(
      [line?.[2].channel, line?.[2].reason, line?.[2].detail],
      ['teams', 'opened', 'HTTP 400'],
    );
  });

  it('by every channel ends: news of it that is refused as well is reported to nobody further', async () => {
    const world = await healthy(['p1']);
    for (const channel of world.channels) channel.answers.push(...Array.from({ length: 9 }, () => REFUSED));
    const { lines, ports } = logged(world.ports);
    await lock(world, ['p1'], ports);
    const incident = (await world.ports.store.readPolicyState(policyId('p1')))?.policyState.incident;
    assert(incident);
    const rows = await world.ports.store.listNotices(incident);
    assert.deepEqual(rows.map(({ channel, reason, state }) => [channel, reason, state]).sort(), [
      ['email', 'opened', 'givenUp'],
      ['email', 'undelivered', 'givenUp'],
      ['teams', 'opened', 'givenUp'],
      ['teams', 'undelivered', 'givenUp'],
    ]);
    assert.equal(lines.filter(([level, event]) => level === 'error' && event === 'undelivered').length, 2);
    for (const channel of world.channels) assert.equal(channel.answers.length, 7);
  });

  it('and is about the watch itself is reported as well', async () => {
    const world = await healthy(['p1']);
    world.subscription.state = 'Disabled';
    channelOf(world, 'teams').answers.push(REFUSED);
    await world.clock.drive(sweep(world.ports));
    const reasons = channelOf(world, 'email').sent.map(({ reason }) => reason);
    assert.deepEqual(reasons, ['visibilityLost', 'undelivered']);
    assert.equal(channelOf(world, 'email').sent[1]?.visibility?.reason, 'visibilityLost');
  });
});

describe('a channel that hangs', () => {
  /** Twelve locks in twelve vaults, found by one sweep. When each was read, and when its email went out. */
  async function sweptWith(hangs: boolean) {
    const names = Array.from({ length: 12 }, (_, n) => `p${n}`);
    const world = aWorld(names);
    const chain = (name: string) => {
      const vaultId = policy().vaultId?.replace(/[^/]+$/, `kv-${name}`);
      return { policy: knownPart(policy({ id: policyId(name), name, vaultId })) };
    };
    for (const name of names) world.observedState.set(policyId(name).toLowerCase(), chain(name));
    await world.clock.drive(sweep(world.ports));
    await world.clock.advance(30_000);
    for (const name of names)
      world.observedState.set(policyId(name).toLowerCase(), { ...chain(name), vault: VAULT_GONE.vault });
    const began = world.clock.nowMs();
    const times: Record<string, number[]> = { commit: [], email: [], teams: [] };
    const channels = world.channels.map((channel) => ({
      ...channel,
      send: (notice: Parameters<typeof channel.send>[0], abort: AbortSignal) => {
        times[channel.name]?.push(world.clock.nowMs() - began);
        if (hangs && channel.name === 'teams') return new Promise<never>(() => {});
        return channel.send(notice, abort);
      },
    }));
    const { store } = world.ports;
    const commit: typeof store.commit = (...args) => {
      times.commit?.push(world.clock.nowMs() - began);
      return store.commit(...args);
    };
    const ports = { ...world.ports, channels, store: { ...store, commit } };
    await world.clock.drive(sweep(ports));
    return { times, took: world.clock.nowMs() - began };
  }

  it('delays neither what another channel tells nor what the sweep reads and decides', async () => {
    const [well, hung] = [await sweptWith(false), await sweptWith(true)];
    assert.equal(well.times.email?.length, 12);
    assert.deepEqual(hung.times.email, well.times.email);
    assert.deepEqual(hung.times.commit, well.times.commit);
  });

  it('is left alone after some tries, so that the sweep ends soon', async () => {
    const { times, took } = await sweptWith(true);
    assert((times.teams?.length ?? 0) <= 8, `${times.teams?.length} tries`);
    assert(took <= 20_000, `${took} ms`);
  });
});

describe('a channel that is left alone', () => {
  /** Teams has failed five times, and goes on failing. */
  async function dead(world: World): Promise<void> {
    channelOf(world, 'teams').answers.push(...Array.from({ length: 500 }, () => BUSY));
    await lock(world, ['p1']);
    for (let n = 0; n < 40; n += 1) {
      await world.clock.advance(15_000);
      await world.clock.drive(deliverPending(world.ports));
    }
    const [health] = (await world.ports.store.channelHealth.readAll()).filter(
      ({ channel }) => channel === 'teams',
    );
    assert(health?.openUntil !== undefined && health.failures > 5);
  }
  const triesOf = (world: World) => 500 - channelOf(world, 'teams').answers.length;

  it('is probed by one notice at a time, whichever process has one', async () => {
    const world = await healthy(['p1', 'p2']);
    await dead(world);
    await world.clock.advance(900_000);
    channelOf(world, 'teams').answers.fill('hang');
    const before = triesOf(world);
    world.observedState.set(policyId('p2').toLowerCase(), VAULT_GONE);
    const alarm = respond(vaultEvent({ at: world.clock.now() }), world.ports);
    await world.clock.drive(Promise.all([alarm, ...[0, 1].map(() => deliverPending(world.restart()))]));
    assert.equal(triesOf(world), before + 1);
  });

  it('is left alone by a process that has just started, too', async () => {
    const world = await healthy(['p1']);
    await dead(world);
    const before = triesOf(world);
    await world.clock.drive(deliverPending(world.restart()));
    assert.equal(triesOf(world), before);
  });

  it('gets a fresh alarm at once; if that gets through, what waited goes along', async () => {
    const world = await healthy(['p1', 'p2']);
    await dead(world);
    await world.clock.advance(60_000);
    channelOf(world, 'teams').answers.length = 0;
    await lock(world, ['p2'], world.restart());
    const sent = channelOf(world, 'teams').sent.flatMap(({ incidents }) => incidents);
    assert.deepEqual(new Set(sent.map(({ policyName }) => policyName)), new Set(['p1', 'p2']));
    assert.equal(await world.clock.drive(deliverPending(world.restart())), 0);
  });

  it('waits as long as it was asked to, and not only with the notice that it answered so', async () => {
    const world = await healthy(['p1']);
    channelOf(world, 'teams').answers.push({ ...BUSY, retryAfterMs: 600_000 });
    await lock(world, ['p1']);
    await world.clock.advance(LEASE_MS);
    world.observedState.set(policyId('p1').toLowerCase(), {});
    await world.clock.drive(sweep(world.ports));
    assert.equal(channelOf(world, 'email').sent.at(-1)?.reason, 'accessRestored');
    assert.equal(channelOf(world, 'teams').sent.length, 0);
    await world.clock.advance(600_000);
    await world.clock.drive(deliverPending(world.ports));
    assert.deepEqual(
      channelOf(world, 'teams').sent.map(({ reason }) => reason),
      ['opened', 'accessRestored'],
    );
  });

  it('is reported of one incident in the order in which it went, however long each message takes', async () => {
    const world = await healthy(['p1']);
    channelOf(world, 'teams').answers.push({ ...BUSY, retryAfterMs: 3_600_000 });
    await lock(world, ['p1']);
    world.observedState.set(policyId('p1').toLowerCase(), {});
    for (let n = 0; n < 40; n += 1) {
      await world.clock.advance(30_000);
      await world.clock.drive(sweep(world.ports));
    }
    assert.equal(channelOf(world, 'teams').sent.length, 0);
    await world.clock.advance(3_600_000);
    const reasons = channelOf(world, 'email').sent.map(({ reason }) => reason);
    assert.deepEqual(reasons, ['opened', 'accessRestored', 'closed']);
    const took: string[] = [];
    const channels = world.channels.map((channel) => ({
      ...channel,
      async send(notice: Parameters<typeof channel.send>[0], abort: AbortSignal) {
        if (notice.reason === 'accessRestored') await world.clock.sleep(3000);
        if (channel.name === 'teams') took.push(notice.reason);
        return channel.send(notice, abort);
      },
    }));
    await world.clock.drive(deliverPending({ ...world.ports, channels }));
    assert.deepEqual(took, reasons);
  });

  it('is no worse off where what is remembered of it can’t be read or written', async () => {
    const world = await healthy(['p1']);
    const { store } = world.ports;
    const away = async () => {
      throw new StorageUnavailableError('read how the channels are', { name: 'RestError', statusCode: 503 });
    };
    const { lines, ports } = logged({
      ...world.ports,
      store: { ...store, channelHealth: { readAll: away, update: away } },
    });
    channelOf(world, 'teams').answers.push(BUSY);
    await lock(world, ['p1'], ports);
    await world.clock.advance(LEASE_MS);
    await world.clock.drive(deliverPending(ports));
    for (const { sent } of world.channels) assert.equal(sent.length, 1);
    assert(lines.some(([level, event]) => level === 'warn' && event.startsWith('channel-health')));
  });

  it('is no worse off where storage hangs on what is remembered of it', async () => {
    const world = await healthy(['p1']);
    const { store } = world.ports;
    const channelHealth = { ...store.channelHealth, readAll: () => new Promise<never>(() => {}) };
    const ports = { ...world.ports, store: { ...store, channelHealth } };
    channelOf(world, 'teams').answers.push(BUSY);
    await lock(world, ['p1'], ports);
    await world.clock.advance(LEASE_MS);
    await world.clock.drive(deliverPending(ports));
    for (const { sent } of world.channels) assert.equal(sent.length, 1);
  });
});

it('a channel gets no more than four messages a second, and in the end every one of them once', async () => {
  const names = Array.from({ length: 60 }, (_, n) => `p${n}`);
  const world = aWorld(names);
  const apart = (name: string) => {
    const vaultId = policy().vaultId?.replace(/[^/]+$/, `kv-${name}`);
    return { policy: knownPart(policy({ id: policyId(name), name, vaultId })) };
  };
  for (const name of names) world.observedState.set(policyId(name).toLowerCase(), apart(name));
  await world.clock.drive(sweep(world.ports));
  await world.clock.advance(30_000);
  for (const name of names)
    world.observedState.set(policyId(name).toLowerCase(), { ...apart(name), vault: VAULT_GONE.vault });
  const at: number[] = [];
  const channels = world.channels.map((channel) => ({
    ...channel,
    send: (notice: Parameters<typeof channel.send>[0], abort: AbortSignal) => {
      if (channel.name === 'teams') at.push(world.clock.nowMs());
      return channel.send(notice, abort);
    },
  }));
  const ports = { ...world.ports, channels };
  for (let n = 0; n < 4; n += 1) {
    await world.clock.drive(sweep(ports));
    await world.clock.advance(30_000);
  }
  const policies = channelOf(world, 'teams').sent.flatMap(({ incidents }) =>
    incidents.map(({ policyName }) => policyName),
  );
  assert.deepEqual(policies.sort(), names.toSorted());
  for (const [n, time] of at.entries())
    assert(n < 4 || time - (at[n - 4] ?? 0) >= 1_000, `message ${n} came too soon`);
});

it('a reason goes to the channels of its route, and to all where there is none', async () => {
  const world = await healthy(['p1'], ['teams', 'email', 'webhook']);
  const ports = { ...world.ports, routes: { accessrestored: ['email'] } };
  await lock(world, ['p1'], ports);
  world.observedState.set(policyId('p1').toLowerCase(), {});
  await world.clock.advance(30_000);
  await world.clock.drive(sweep(ports));
  const reasons = world.channels.map(({ sent }) => sent.map(({ reason }) => reason));
  assert.deepEqual(reasons, [['opened'], ['opened', 'accessRestored'], ['opened']]);
});
