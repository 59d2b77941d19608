import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { normalId } from '../../shared/azure/arm-id.ts';
import { respondToAudit } from '../../shared/pipeline/on-audit-batch.ts';
import { respond } from '../../shared/pipeline/on-message.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import { auditMessage, auditRecord } from '../signals/audit-examples.ts';
import { VAULT_ID } from '../triggers/a-reading.ts';
import { aWorld, policyId, VAULT_GONE, vaultEvent, type World } from './a-world.ts';
import { recordingLog } from './recording-log.ts';

// A queue refuses what the app itself would put into it. What it sends to people needs none.

async function watching(): Promise<World> {
  const world = aWorld();
  await world.clock.drive(sweep(world.ports));
  await world.clock.advance(60_000);
  return world;
}
const breakVault = (world: World) => world.observedState.set(normalId(policyId('p1')), VAULT_GONE);
const reasons = (world: World) =>
  world.channels.map(({ sent }) => sent.map(({ reason }) => reason).join(' '));
const refused = async () => {
  throw new Error('the queue refuses');
};
const auditOf = (world: World) =>
  auditMessage(auditRecord({ record: { time: world.clock.now(), resourceId: VAULT_ID.toUpperCase() } }));

describe('a recheck that can not be sent', () => {
  const signals: [string, (world: World) => Promise<unknown>][] = [
    [
      'an event',
      (world) =>
        respond(
          vaultEvent({ operation: 'Microsoft.KeyVault/vaults/write', at: world.clock.now() }),
          world.ports,
        ),
    ],
    ['an audit record', (world) => respondToAudit([auditOf(world)], world.ports)],
  ];
  for (const [what, handle] of signals)
    it(`is a line in the log, and ${what} is done: the sweep reads the observed state in any case`, async () => {
      const world = await watching();
      const log = recordingLog();
      world.ports.log = log;
      world.ports.rechecks.send = refused;
      await world.clock.drive(handle(world));
      assert(log.events().includes('recheck-not-sent'));
      breakVault(world);
      await world.clock.drive(sweep(world.ports));
      assert.deepEqual(reasons(world), ['opened', 'opened']);
    });
});

describe('junk that can not be kept', () => {
  const batches: [string, (world: World) => Promise<unknown>][] = [
    ['events', (world) => respond(`[${vaultEvent({ at: world.clock.now() })},{"junk":true}]`, world.ports)],
    ['audit records', (world) => respondToAudit([Buffer.from('nonsense'), auditOf(world)], world.ports)],
  ];
  for (const [what, handle] of batches)
    it(`beside good ${what} comes back; what is good is reported all the same`, async () => {
      const world = await watching();
      breakVault(world);
      world.ports.unreadable.keep = refused;
      await assert.rejects(world.clock.drive(handle(world)), /the queue refuses/);
      assert.deepEqual(reasons(world), ['opened', 'opened']);
    });
});
