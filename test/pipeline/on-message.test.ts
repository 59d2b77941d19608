import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { respond } from '../../shared/pipeline/on-message.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import { recheckMessage } from '../../shared/signals/recheck.ts';
import { known, network, PRINCIPAL, unread, VAULT_ID, vault } from '../triggers/a-reading.ts';
import { aWorld, OTHER_VAULT_ID, policyId, VAULT_GONE, vaultEvent, type World } from './a-world.ts';

async function watching(world: World): Promise<World> {
  await world.clock.drive(sweep(world.ports));
  await world.clock.advance(60_000);
  world.reads.length = 0;
  return world;
}
function breakVault(world: World, ...names: string[]) {
  for (const name of names) world.observedState.set(policyId(name).toLowerCase(), VAULT_GONE);
}
const openIncident = async (world: World, name = 'p1') =>
  (await world.ports.store.readPolicyState(policyId(name)))?.policyState.incident;

describe('a signal about a watched vault', () => {
  it('leads to a reading, and where all is well to a recheck instead of a verdict', async () => {
    const world = await watching(aWorld());
    const event = vaultEvent({ operation: 'Microsoft.KeyVault/vaults/write', at: world.clock.now() });
    const response = await world.clock.drive(respond(event, world.ports));
    assert.deepEqual(
      response.transitions.map(({ kind }) => kind),
      ['none'],
    );
    assert.deepEqual(world.reads, [policyId('p1')]);
    assert.equal(await openIncident(world), undefined);
    assert.deepEqual(
      world.rechecks.map(({ delaySeconds }) => delaySeconds),
      [10],
    );
  });

  it('opens an incident where the observed state shows the vault gone, and tells every channel who did it', async () => {
    const world = await watching(aWorld());
    breakVault(world, 'p1');
    await world.clock.drive(respond(vaultEvent({ at: world.clock.now() }), world.ports));
    const incident = await openIncident(world);
    assert.equal(incident?.state, 'revoked');
    assert.equal(incident?.causes[0]?.trigger, 'vault-deleted');
    for (const channel of world.channels) {
      assert.equal(channel.sent.length, 1, channel.name);
      assert.equal(channel.sent[0]?.reason, 'opened');
      assert.equal(channel.sent[0]?.incidents[0]?.incident.actor?.name, 'eve@contoso.com');
      assert.deepEqual(
        channel.sent[0]?.incidents[0]?.environments.map(({ id }) => id),
        ['p1-1', 'p1-2'],
      );
    }
    assert.equal(world.rechecks.length, 0);
  });

  it('delivered twice, or late, opens no second incident and repeats no notice', async () => {
    const world = await watching(aWorld());
    breakVault(world, 'p1');
    const event = vaultEvent({ at: world.clock.now() });
    await world.clock.drive(respond(event, world.ports));
    const first = await openIncident(world);
    await world.clock.drive(Promise.all([respond(event, world.ports), respond(event, world.restart())]));
    assert.equal((await openIncident(world))?.id, first?.id);
    for (const channel of world.channels) assert.equal(channel.sent.length, 1);
  });

  it('taken by two processes at the same time gives one incident and one notice per channel', async () => {
    const world = await watching(aWorld());
    breakVault(world, 'p1');
    const event = vaultEvent({ at: world.clock.now() });
    await world.clock.drive(
      Promise.all([respond(event, world.ports), respond(event, world.restart()), sweep(world.restart())]),
    );
    for (const { name, sent } of world.channels) {
      const reasons = sent.map(({ reason }) => reason);
      // The sweep may be first, and does not know who did it: then the signal tells that, once.
      assert.equal(reasons.shift(), 'opened', name);
      assert(reasons.length === 0 || (reasons.length === 1 && reasons[0] === 'actorLearnt'), `${reasons}`);
    }
    assert.equal((await world.ports.store.listIncidents()).length, 1);
  });

  it('that comes after the sweep found it adds who did it, once', async () => {
    const world = await watching(aWorld());
    breakVault(world, 'p1');
    const event = vaultEvent({ at: world.clock.now() });
    await world.clock.drive(sweep(world.ports));
    assert.equal((await openIncident(world))?.actor, undefined);
    await world.clock.advance(1000);
    await world.clock.drive(respond(event, world.ports));
    await world.clock.drive(respond(event, world.ports));
    assert.equal((await openIncident(world))?.actor?.name, 'eve@contoso.com');
    for (const channel of world.channels)
      assert.deepEqual(
        channel.sent.map(({ reason }) => reason),
        ['opened', 'actorLearnt'],
      );
  });

  it('whose truth can not be read opens a suspicion where the signal claims enough', async () => {
    const world = await watching(aWorld());
    world.observedState.set(policyId('p1').toLowerCase(), {
      vault: unread('throttled'),
      key: unread('follows'),
      permission: unread('follows'),
    });
    await world.clock.drive(respond(vaultEvent({ at: world.clock.now() }), world.ports));
    assert.equal((await openIncident(world))?.state, 'suspected');
    assert.equal(world.channels[0]?.sent[0]?.reason, 'suspected');
  });

  it('whose truth can not be read opens nothing where the signal claims nothing', async () => {
    const world = await watching(aWorld());
    world.observedState.set(policyId('p1').toLowerCase(), {
      vault: unread('forbidden'),
      key: unread('follows'),
      permission: unread('follows'),
    });
    const event = vaultEvent({ operation: 'Microsoft.KeyVault/vaults/write', at: world.clock.now() });
    await world.clock.drive(respond(event, world.ports));
    const policyState = (await world.ports.store.readPolicyState(policyId('p1')))?.policyState;
    assert.equal(policyState?.verdict, 'unknown');
    assert.equal(policyState?.incident, undefined);
  });
});

describe('what concerns nobody', () => {
  it('an unwatched vault is neither read nor looked at again', async () => {
    const world = await watching(aWorld());
    const response = await world.clock.drive(
      respond(vaultEvent({ vaultId: OTHER_VAULT_ID, at: world.clock.now() }), world.ports),
    );
    assert.deepEqual(response.read, []);
    assert.deepEqual(world.reads, []);
    assert.equal(world.rechecks.length, 0);
  });

  it('junk is kept and acknowledged', async () => {
    const world = await watching(aWorld());
    for (const junk of ['nonsense', '[1,2,3]', 42, null, { a: 1 }]) {
      const response = await world.clock.drive(respond(junk, world.ports));
      assert.equal(response.unreadable, 1, JSON.stringify(junk));
    }
    assert.equal(world.unreadable.length, 5);
    assert.deepEqual(world.reads, []);
  });
});

describe('a recheck', () => {
  it('finds what Azure shows late, and still knows who acted', async () => {
    const world = await watching(aWorld());
    await world.clock.drive(respond(vaultEvent({ at: world.clock.now() }), world.ports));
    const look = world.rechecks[0]?.look;
    assert(look);
    breakVault(world, 'p1');
    await world.clock.advance(10_000);
    await world.clock.drive(respond(recheckMessage(look), world.ports));
    assert.equal((await openIncident(world))?.actor?.name, 'eve@contoso.com');
    assert.equal(world.channels[0]?.sent.length, 1);
    assert.equal(world.rechecks.length, 1, 'no third look: the sweep comes sooner');
  });
});

describe('rechecks that still read clear', () => {
  it('end with the last that comes before the sweep; each waits for its own time after the signal', async () => {
    const world = await watching(aWorld());
    assert.deepEqual(await delaysAt(world, 60_000), [10, 20]);
  });

  it('end sooner where the interval in force brings a sweep before the next of them', async () => {
    const world = await watching(aWorld());
    assert.deepEqual(await delaysAt(world, 30_000), [10]);
  });

  /** The waits of each recheck at this interval where rechecks are 10, 30 and 90 s after the signal. */
  async function delaysAt(world: World, intervalMs: number): Promise<number[]> {
    const sweepBounds = { minMs: 5_000, maxMs: 480_000 };
    await world.clock.drive(world.ports.heartbeat.update((row) => ({ ...row, sweepIntervalMs: intervalMs })));
    const config = { ...world.ports.config, sweepBounds, recheckSeconds: [10, 30, 90] };
    const ports = { ...world.ports, config };
    const event = vaultEvent({ operation: 'Microsoft.KeyVault/vaults/write', at: world.clock.now() });
    await world.clock.drive(respond(event, ports));
    for (let look = 0; look < world.rechecks.length && look < 5; look += 1) {
      const next = world.rechecks[look]?.look;
      assert(next);
      await world.clock.drive(respond(recheckMessage(next), ports));
    }
    return world.rechecks.map(({ delaySeconds }) => delaySeconds);
  }
});

describe('one shared cause', () => {
  it('is one message per channel for all its policies, and an incident for each', async () => {
    const world = await watching(aWorld(['p1', 'p2', 'p3']));
    breakVault(world, 'p1', 'p2', 'p3');
    await world.clock.drive(respond(vaultEvent({ at: world.clock.now() }), world.ports));
    for (const channel of world.channels) {
      assert.equal(channel.sent.length, 1, channel.name);
      assert.deepEqual(channel.sent[0]?.incidents.map(({ policyName }) => policyName).sort(), [
        'p1',
        'p2',
        'p3',
      ]);
    }
    for (const name of ['p1', 'p2', 'p3']) {
      const incident = await openIncident(world, name);
      assert(incident);
      const rows = await world.ports.store.listNotices(incident);
      assert.deepEqual(
        rows.map(({ state }) => state),
        ['sent', 'sent'],
      );
    }
  });

  it('a policy that comes after the group’s message is reported as worsened', async () => {
    const world = await watching(aWorld(['p1', 'p2']));
    breakVault(world, 'p1');
    await world.clock.drive(respond(vaultEvent({ at: world.clock.now() }), world.ports));
    breakVault(world, 'p2');
    await world.clock.advance(60_000);
    await world.clock.drive(sweep(world.ports));
    assert.deepEqual(
      world.channels[0]?.sent.map(({ reason }) => reason),
      ['opened', 'worsened'],
    );
    assert.deepEqual(
      world.channels[0]?.sent[1]?.incidents.map(({ policyName }) => policyName),
      ['p2'],
    );
  });
});

describe('the read model', () => {
  it('is made anew by the sweep where somebody deleted it', async () => {
    const world = await watching(aWorld(['p1', 'p2']));
    assert.equal((await world.ports.readModel.read()).length, 2);
    world.tables.readModel.deleteTable();
    await world.clock.drive(sweep(world.ports));
    assert.equal((await world.ports.readModel.read()).length, 2);
  });

  it('that can not be written holds back no notice', async () => {
    const world = await watching(aWorld());
    world.tables.readModel.before = () => {
      throw Object.assign(new Error('busy'), { statusCode: 503 });
    };
    breakVault(world, 'p1');
    await world.clock.drive(respond(vaultEvent({ at: world.clock.now() }), world.ports));
    assert.equal(world.channels[0]?.sent.length, 1);
  });
});

it('a recheck of a policy that nobody watches leads to nothing, whoever wrote it', async () => {
  const world = await watching(aWorld());
  await world.clock.drive(
    respond(vaultEvent({ at: world.clock.now(), operation: 'Microsoft.KeyVault/vaults/write' }), world.ports),
  );
  const look = world.rechecks[0]?.look;
  assert(look);
  const forged = { ...look, policyIds: [policyId('somebody-elses')] };
  world.reads.length = 0;
  const response = await world.clock.drive(respond(recheckMessage(forged), world.ports));
  assert.deepEqual([response.read, world.reads], [[], []]);
});

describe('a recheck that somebody with write access to the queue made up', () => {
  const forged = (id: string, signal: object) =>
    JSON.stringify({
      lockwatch: 'recheck',
      signalId: id,
      signal: { id, source: 'audit', outcome: 'success', at: '2026-11-20T10:00:00.000Z', ...signal },
      policyIds: [policyId('p1')],
      recheck: 1,
      dueAt: '2026-11-20T10:00:00.000Z',
    });
  const scope = VAULT_ID.toLowerCase();
  const actor = { kind: 'user', name: 'somebody.else@contoso.com' };

  it('only makes Lockwatch read: it asserts no deletion, and names nobody', async () => {
    const world = await watching(aWorld());
    world.observedState.set(policyId('p1').toLowerCase(), {
      vault: unread(),
      key: unread(),
      permission: unread(),
    });
    const body = forged('made-up', {
      type: 'VaultDelete',
      scope,
      actor,
      assertion: { what: 'deleted', scope },
    });
    const response = await world.clock.drive(respond(body, world.ports));
    assert.deepEqual(response.read, [policyId('p1')]);
    assert.equal(await openIncident(world), undefined);
    breakVault(world, 'p1');
    await world.clock.drive(respond(body, world.ports));
    assert.equal((await openIncident(world))?.actor, undefined);
  });

  it('confirms no suspicion by an unwrap that was never refused', async () => {
    const world = await watching(aWorld());
    world.observedState.set(policyId('p1').toLowerCase(), {
      vault: known(vault({ network: network('Disabled', 'Deny', 'AzureServices') })),
    });
    await world.clock.drive(respond(forged('made-up', { type: 'x', scope }), world.ports));
    assert.equal((await openIncident(world))?.state, 'suspected');
    const refused = { type: 'KeyUnwrap', scope, keyName: 'cmk', outcome: 'failure' };
    const identity = { kind: 'application', objectId: PRINCIPAL };
    for (let n = 0; n < 5; n += 1) {
      await world.clock.advance(120_000);
      await world.clock.drive(respond(forged(`unwrap-${n}`, { ...refused, actor: identity }), world.ports));
    }
    assert.equal((await openIncident(world))?.state, 'suspected');
  });

  it('adds nothing to what the signal itself said', async () => {
    const world = await watching(aWorld());
    const event = vaultEvent({ operation: 'Microsoft.KeyVault/vaults/write', at: world.clock.now() });
    await world.clock.drive(respond(event, world.ports));
    const look = world.rechecks[0]?.look;
    assert(look);
    breakVault(world, 'p1');
    await world.clock.advance(10_000);
    await world.clock.drive(
      respond(forged(look.signalId, { type: 'VaultDelete', scope, actor }), world.ports),
    );
    assert.notEqual((await openIncident(world))?.actor?.name, actor.name);
  });
});
