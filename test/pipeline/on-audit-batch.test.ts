import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Facts } from '../../shared/facts/facts.ts';
import { auditMemory, onAuditBatch, respondToAudit } from '../../shared/pipeline/on-audit-batch.ts';
import type { Ports } from '../../shared/pipeline/ports.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import { type AuditExample, auditMessage, auditRecord, exportedRecord } from '../signals/audit-examples.ts';
import {
  gone,
  key,
  known,
  network,
  PRINCIPAL,
  unread,
  VAULT_ID,
  vault,
  version,
} from '../triggers/a-reading.ts';
import { aWorld, policyId, type World } from './a-world.ts';

const DISABLED: Partial<Facts> = { key: known(key(version('v1', { enabled: false }))) };
const CLOSED: Partial<Facts> = {
  vault: known(vault({ network: network('Disabled', 'Deny', 'AzureServices') })),
};

async function watching(world = aWorld()): Promise<World> {
  await world.clock.drive(sweep(world.ports));
  await world.clock.advance(60_000);
  world.reads.length = 0;
  return world;
}
const show = (world: World, facts: Partial<Facts>) =>
  world.observedState.set(policyId('p1').toLowerCase(), facts);
const incidentOf = async (world: World) =>
  (await world.ports.store.readPolicyState(policyId('p1')))?.policyState.incident;
const reasons = (world: World) =>
  world.channels.map(({ sent }) => sent.map(({ reason }) => reason).join(' ')).join(' / ');

/** A record about the watched key at this time. */
function message(time: string, example: AuditExample = {}): Buffer {
  const record = { time, resourceId: VAULT_ID.toUpperCase(), ...example.record };
  return auditMessage(auditRecord({ ...example, record }));
}
const refusal = (time: string) =>
  message(time, { operation: 'KeyUnwrap', status: 403, enabled: undefined, claim: { oid: PRINCIPAL } });

describe('an audit record', () => {
  const acts: [string, AuditExample, Partial<Facts>][] = [
    ['key-disabled', {}, DISABLED],
    ['key-deleted', { operation: 'KeyDelete', enabled: undefined }, { key: gone() }],
    [
      'key-not-yet-active',
      { enabled: undefined },
      { key: known(key(version('v1', { notBefore: '2027-01-01T00:00:00.000Z' }))) },
    ],
    ['key-unusable', { enabled: undefined }, { key: known(key(version('v1', { keyOps: ['sign'] }))) }],
  ];
  for (const [trigger, example, facts] of acts)
    it(`that comes minutes after the sweep saw ${trigger} tells who did it, once`, async () => {
      const world = await watching();
      show(world, facts);
      const actedAt = world.clock.now();
      await world.clock.advance(20_000);
      await world.clock.drive(sweep(world.ports));
      assert.equal((await incidentOf(world))?.causes[0]?.trigger, trigger);
      assert.equal((await incidentOf(world))?.actor, undefined);
      await world.clock.advance(9 * 60_000);
      const batch = [message(actedAt, example)];
      await world.clock.drive(respondToAudit(batch, world.ports));
      await world.clock.drive(respondToAudit(batch, world.restart()));
      const incident = await incidentOf(world);
      assert.equal(incident?.actor?.name, 'ada@contoso.example');
      assert.equal(incident?.actor?.ipAddress, '203.0.113.7');
      assert.equal(incident?.actedAt, actedAt);
      assert.equal(reasons(world), 'opened actorLearnt / opened actorLearnt');
    });

  it('that comes before the sweep opens the incident, with the name in the first notice', async () => {
    const world = await watching();
    show(world, DISABLED);
    await world.clock.drive(respondToAudit([message(world.clock.now())], world.ports));
    assert.equal((await incidentOf(world))?.state, 'revoked');
    assert.equal(reasons(world), 'opened / opened');
    assert.equal(world.channels[0]?.sent[0]?.incidents[0]?.incident.actor?.name, 'ada@contoso.example');
  });

  it('of the one who fixes it is not taken for the culprit', async () => {
    const world = await watching();
    show(world, DISABLED);
    await world.clock.drive(sweep(world.ports));
    await world.clock.advance(60_000);
    await world.clock.drive(respondToAudit([message(world.clock.now(), { enabled: true })], world.ports));
    assert.equal((await incidentOf(world))?.actor, undefined);
  });

  it('that claims a disabling is suspected where the observed state can’t be read', async () => {
    const world = await watching();
    show(world, { key: unread('throttled') });
    // Ten minutes on, a reading from before the act says nothing of it.
    await world.clock.drive(respondToAudit([message(world.clock.now())], world.ports));
    assert.equal((await incidentOf(world))?.state, 'suspected');
  });
});

describe('a key refused to the policy’s own identity', () => {
  it('confirms a suspicion, and does nothing where all reads clear', async () => {
    const world = await watching();
    await world.clock.drive(respondToAudit([refusal(world.clock.now())], world.ports));
    assert.equal(await incidentOf(world), undefined);
    show(world, CLOSED);
    await world.clock.drive(sweep(world.ports));
    assert.equal((await incidentOf(world))?.state, 'suspected');
    await world.clock.advance(60_000);
    await world.clock.drive(respondToAudit([refusal(world.clock.now())], world.ports));
    assert.equal((await incidentOf(world))?.state, 'revoked');
    assert.equal(reasons(world), 'suspected confirmed / suspected confirmed');
  });

  it('a hundred times a second is looked into once in half a minute', async () => {
    const world = await watching();
    const memory = auditMemory();
    const flood = () => Array.from({ length: 100 }, () => refusal(world.clock.now()));
    for (let second = 0; second < 40; second += 10) {
      await world.clock.drive(respondToAudit(flood(), world.ports, memory));
      await world.clock.advance(10_000);
    }
    assert.equal(world.reads.length, 2);
  });

  it('is looked into again where the first try failed', async () => {
    const world = await watching();
    const memory = auditMemory();
    const store = {
      ...world.ports.store,
      readPolicyState: async () => Promise.reject(new Error('storage is away')),
    };
    const batch = [refusal(world.clock.now())];
    await assert.rejects(world.clock.drive(respondToAudit(batch, { ...world.ports, store }, memory)));
    world.reads.length = 0;
    await world.clock.drive(respondToAudit(batch, world.ports, memory));
    assert.equal(world.reads.length, 1);
  });
});

describe('a batch of no interest', () => {
  it('of 10,000 records does no I/O at all: not even the watch list is asked for', async () => {
    const world = await watching();
    const operations = ['KeyUnwrap', 'KeyWrap', 'KeyGet', 'SecretGet', 'KeyList'];
    const records = Array.from({ length: 10_000 }, (_, n) =>
      auditRecord({ operation: operations[n % operations.length], record: { resourceId: VAULT_ID } }),
    );
    const response = await respondToAudit([auditMessage(...records)], noPorts(world.ports));
    assert.deepEqual(
      { ...response, read: [] },
      { signals: 0, read: [], transitions: [], unreadable: 0, recheckSeconds: 0 },
    );
  });

  it('of another vault is neither read nor looked at again', async () => {
    const world = await watching();
    const other = message(world.clock.now(), {
      record: { resourceId: VAULT_ID.replace('kv-eu', 'kv-other') },
    });
    const response = await world.clock.drive(respondToAudit([other], world.ports));
    assert.deepEqual(response.read, []);
    assert.deepEqual(world.rechecks, []);
  });

  it('looks at the sweep’s age once in an interval, however many batches come', async () => {
    const world = await watching();
    const sweepFinishedAt = world.clock.now();
    await world.clock.drive(world.ports.heartbeat.update((beat) => ({ ...beat, sweepFinishedAt })));
    let asked = 0;
    const heartbeat = {
      ...world.ports.heartbeat,
      read: async () => {
        asked += 1;
        return world.ports.heartbeat.read();
      },
    };
    const memory = auditMemory();
    const batch = [auditMessage(auditRecord({ operation: 'KeyGet' }))];
    for (let n = 0; n < 50; n += 1)
      await world.clock.drive(onAuditBatch(batch, { ...world.ports, heartbeat }, memory));
    assert.equal(asked, 1);
    await world.clock.advance(world.ports.config.sweepBounds.minMs);
    await world.clock.drive(onAuditBatch(batch, { ...world.ports, heartbeat }, memory));
    assert.equal(asked, 2);
  });
});

it('a key disabled by a record that a workspace exports opens the incident, with the name', async () => {
  const world = await watching();
  show(world, DISABLED);
  const record = exportedRecord({}, { TimeGenerated: world.clock.now(), _ResourceId: VAULT_ID });
  await world.clock.drive(respondToAudit([auditMessage(record)], world.ports));
  assert.equal((await incidentOf(world))?.causes[0]?.trigger, 'key-disabled');
  assert.equal((await incidentOf(world))?.actor?.name, 'ada@contoso.example');
  assert.equal(reasons(world), 'opened / opened');
});

it('a message in which nothing is recognised is kept once, however many follow', async () => {
  const world = await watching();
  const memory = auditMemory();
  const other = auditMessage({ metricName: 'ServiceApiHit', total: 1 });
  for (const batch of [[other, other], [other]])
    await world.clock.drive(respondToAudit(batch, world.ports, memory));
  assert.equal(world.unreadable.length, 1);
  assert.match(world.unreadable[0]?.reason ?? '', /names an operation/);
});

it('junk in a batch is kept, and what is good beside it is followed', async () => {
  const world = await watching();
  show(world, DISABLED);
  const response = await world.clock.drive(
    respondToAudit([Buffer.from('nonsense'), null, message(world.clock.now())], world.ports),
  );
  assert.equal(response.unreadable, 2);
  assert.equal(world.unreadable.length, 2);
  assert.equal((await incidentOf(world))?.state, 'revoked');
});

/** Ports of which nothing but the clock may be touched. */
function noPorts(ports: Ports): Ports {
  return new Proxy(ports, {
    get(target, name) {
      if (name === 'clock') return target.clock;
      throw new Error(`ports.${String(name)} was used`);
    },
  });
}
