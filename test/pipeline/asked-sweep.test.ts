import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answer } from '../../shared/api/serve-api.ts';
import { respond } from '../../shared/pipeline/on-message.ts';
import { onTimer, watchTimerBeside } from '../../shared/pipeline/watchdog.ts';
import { SUBSCRIPTION } from '../triggers/a-reading.ts';
import { aBigWorld, learn, policyStatesOf } from './a-big-world.ts';
import { aWorld, policyId, VAULT_GONE, vaultEvent, type World } from './a-world.ts';

const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups`;
const PERIMETER = `${GROUP}/rg-net/providers/Microsoft.Network/networkSecurityPerimeters/p`;
const ROLE = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/r`;

const WIDE: [operation: string, scope: string][] = [
  ['Microsoft.Network/networkSecurityPerimeters/write', PERIMETER],
  ['Microsoft.Authorization/roleDefinitions/write', ROLE],
  [
    'Microsoft.Authorization/roleAssignments/write',
    '/providers/Microsoft.Management/managementGroups/m/providers/Microsoft.Authorization/roleAssignments/a',
  ],
];

async function happens(world: World, operation: string, scope: string, id: string, ports = world.ports) {
  const event = vaultEvent({ operation, vaultId: scope, id, at: world.clock.now() });
  return world.clock.drive(respond(event, ports));
}

/** Watched for a while, and no sweep of anybody but the timer in the last interval. */
async function aSweptWorld(names = ['p1', 'p2']): Promise<World> {
  const world = aWorld(names);
  for (let n = 0; n < 2; n += 1) {
    await world.clock.drive(onTimer(world.ports));
    await world.clock.advance(30_000);
  }
  world.reads.length = 0;
  return world;
}

describe('an event that concerns everything', () => {
  for (const [operation, scope] of WIDE)
    it(`makes the sweep begin now, and names who acted: ${operation}`, async () => {
      const world = await aSweptWorld();
      world.observedState.set(policyId('p1').toLowerCase(), VAULT_GONE);
      const { read } = await happens(world, operation, scope, 'wide');
      assert.deepEqual(read, [], 'the signal itself reads nothing');
      assert.deepEqual([...world.reads].sort(), [policyId('p1'), policyId('p2')]);
      assert.ok(world.channels[0]?.sent.some(({ reason }) => reason === 'opened'));
      const [state] = await policyStatesOf(world);
      assert.equal(state?.recentSignals?.[0]?.signal.actor?.name, 'eve@contoso.com');
    });

  it('in a loop costs one more sweep in an interval, over all processes', async () => {
    const world = await aSweptWorld();
    const processes = [world.ports, world.restart(), world.restart()];
    for (let second = 0; second < 300; second += 1) {
      const [operation, scope] = WIDE[second % 3] ?? ['', ''];
      await happens(world, operation, scope, `loop ${second}`, processes[second % 3]);
      if (second % 30 === 29) await world.clock.drive(onTimer(world.ports));
      await world.clock.advance(1000);
    }
    assert.ok(world.reads.length <= 2 * (10 + 10), `${world.reads.length} readings of 2 policies`);
  });

  it('is asked for by one write where a full queue brings many at once', async () => {
    const world = await aSweptWorld();
    const { ports, clock } = world;
    let wishes = 0;
    const update: typeof ports.heartbeat.update = (change) =>
      ports.heartbeat.update((before) => {
        const next = change(before);
        if (next?.askedBy !== before.askedBy && next?.askedBy !== undefined) wishes += 1;
        return next;
      });
    // As in the app, which keeps the list for a minute: no message waits for the read of another.
    const watched = await ports.watched();
    const counted = { ...ports, heartbeat: { ...ports.heartbeat, update }, watched: async () => watched };
    const [operation, scope] = WIDE[0] ?? ['', ''];
    const events = Array.from({ length: 24 }, (_, n) =>
      vaultEvent({ operation, vaultId: scope, id: `at once ${n}`, at: clock.now() }),
    );
    await clock.drive(Promise.all(events.map((event) => respond(event, counted))));
    assert.deepEqual({ wishes, reads: world.reads.length }, { wishes: 1, reads: 2 });
  });

  it('that came too soon after another is taken along by the next sweep of the timer', async () => {
    const world = await aSweptWorld();
    const [operation, scope] = WIDE[0] ?? ['', ''];
    await happens(world, operation, scope, 'first');
    await world.clock.advance(6000);
    await happens(world, operation, scope, 'second');
    assert.equal(world.reads.length, 2, 'one sweep');
    await world.clock.drive(onTimer(world.ports));
    const [state] = await policyStatesOf(world);
    assert.ok(state?.recentSignals?.some(({ signal }) => signal.id.includes('second')));
    await world.clock.advance(30_000);
    assert.equal((await world.ports.heartbeat.read()).askedBy, undefined);
  });

  it('goes after the signals of the same message that name a vault', async () => {
    const world = await aSweptWorld();
    const at = world.clock.now();
    const [operation, scope] = WIDE[0] ?? ['', ''];
    const wide = JSON.parse(vaultEvent({ operation, vaultId: scope, id: 'w', at }));
    const narrow = JSON.parse(
      vaultEvent({
        operation: 'Microsoft.PowerPlatform/enterprisePolicies/write',
        vaultId: policyId('p2'),
        id: 'n',
        at,
      }),
    );
    await world.clock.drive(respond(JSON.stringify([wide, narrow]), world.ports));
    assert.equal(world.reads[0], policyId('p2'));
  });
});

describe('an event of a group of a few policies', () => {
  const groupScope = `${GROUP}/rg-pp/providers/Microsoft.Authorization/roleAssignments`;
  const assigned = 'Microsoft.Authorization/roleAssignments/write';

  it('is read at once', async () => {
    const world = await aSweptWorld();
    const { read } = await happens(world, assigned, `${groupScope}/a`, 'one');
    assert.deepEqual(read.sort(), [policyId('p1'), policyId('p2')]);
  });

  it('in a loop costs one reading of the group and one more sweep in an interval', async () => {
    const world = await aSweptWorld();
    for (let second = 0; second < 300; second += 1) {
      await happens(world, assigned, `${groupScope}/a${second}`, `loop ${second}`);
      if (second % 30 === 29) await world.clock.drive(onTimer(world.ports));
      await world.clock.advance(1000);
    }
    assert.ok(world.reads.length <= 2 * 3 * 10, `${world.reads.length} readings of 2 policies`);
  });

  it('that came too soon after another still shows what it did, and who did it', async () => {
    const world = await aSweptWorld();
    await happens(world, assigned, `${groupScope}/a`, 'first');
    await world.clock.advance(1000);
    world.observedState.set(policyId('p1').toLowerCase(), VAULT_GONE);
    await happens(world, assigned, `${groupScope}/b`, 'second');
    assert.ok(world.channels[0]?.sent.some(({ reason }) => reason === 'opened'));
    const states = await policyStatesOf(world);
    assert.ok(
      states.every(({ recentSignals }) => recentSignals?.some(({ signal }) => signal.id.includes('second'))),
    );
  });
});

it('writes of policies that are not found in a loop look for new policies once in an interval, besides the sweeps', async () => {
  const world = await aSweptWorld();
  let lists = 0;
  const counting = (ports: World['ports']): World['ports'] => ({
    ...ports,
    facts: {
      begin: (...given) => {
        const session = ports.facts.begin(...given);
        const listPolicies = () => {
          lists += 1;
          return session.listPolicies();
        };
        return { ...session, listPolicies };
      },
    },
  });
  world.ports = counting(world.ports);
  for (let second = 0; second < 60; second += 1) {
    const operation = 'Microsoft.PowerPlatform/enterprisePolicies/write';
    await happens(world, operation, policyId(`other-${second}`), `loop ${second}`);
    await world.clock.advance(1000);
  }
  assert.ok(lists <= 2 + 2, `${lists} lists in two intervals`);
});

it('a loop of such events does not keep a signal that names one vault from being read', async () => {
  const big = aBigWorld({ policies: 200, vaults: 200, subscriptions: 1 });
  const { world } = big;
  await learn(big);
  await world.clock.advance(60_000);
  for (let n = 0; n < 10; n += 1) {
    void happens(world, 'Microsoft.Network/networkSecurityPerimeters/write', PERIMETER, `loop ${n}`);
    await world.clock.advance(1000);
  }
  const began = world.clock.now();
  const [state] = await policyStatesOf(world);
  const vaultId = state?.history.vault?.id ?? '';
  const { read } = await happens(world, 'Microsoft.KeyVault/vaults/write', vaultId, 'narrow');
  assert.equal(read.length, 1);
  const after = (await policyStatesOf(world)).find(({ policyId: id }) => id === read[0]);
  assert.ok((after?.readAt ?? '') >= began);
  assert.equal(after?.verdict, 'clear');
  const unknown = (await policyStatesOf(world)).filter(({ verdict }) => verdict === 'unknown');
  assert.deepEqual(unknown, [], 'and no other becomes unknown');
});

it('requests start no more than one sweep in an interval, however many processes answer while the timer is silent', async () => {
  const world = await aSweptWorld();
  await world.clock.advance(120_000);
  const refused = async () => {
    throw new Error('storage is away');
  };
  const processes = Array.from({ length: 5 }, () => {
    const ports = world.restart();
    // The sweep fails after its readings, so it counts as overdue all the while.
    const visibility = { ...ports.visibility, read: refused };
    return { ...ports, visibility, rechecks: { ...ports.rechecks, sendHeartbeat: refused } };
  });
  for (let interval = 0; interval < 3; interval += 1) {
    for (let n = 0; n < 5; n += 1)
      for (const ports of processes) await world.clock.drive(watchTimerBeside(ports, 'status'));
    await world.clock.advance(30_000);
  }
  const swept = world.reads.length;
  assert.ok(swept > 0 && swept <= 3 * 2, `${swept} readings of two policies in three intervals`);
  const ports = { ...world.ports, eventSources: { event: true, audit: true } };
  const asked = (path: string) => answer({ url: `http://localhost/api/${path}`, ifNoneMatch: null }, ports);
  for (const path of ['status', 'coverage', 'health', 'blast-radius', 'warnings', 'incidents'])
    await asked(path);
  assert.equal(world.reads.length, swept, 'an answer reads nothing from Azure');
  for (let n = 0; n < 3; n += 1) await world.clock.drive(asked('facts'));
  assert.ok(world.reads.length <= swept + 2, 'the facts for previews are read once for all who ask');
});
