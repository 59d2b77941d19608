import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answer } from '../../shared/api/serve-api.ts';
import { respondToAudit } from '../../shared/pipeline/on-audit-batch.ts';
import { respond } from '../../shared/pipeline/on-message.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import { VAULT_ID } from '../triggers/a-reading.ts';
import { aWorld, vaultEvent, type World } from './a-world.ts';

async function wired(world: World): Promise<[event: string, audit: string]> {
  const ports = { ...world.ports, eventSources: { event: true, audit: true } };
  const url = 'http://localhost/api/coverage?trigger=vault-deleted';
  const { policies } = JSON.parse((await answer({ url, ifNoneMatch: null }, ports)).body);
  const { event, audit } = policies[0].triggers[0].detectionSources;
  return [event.lastSeenAt, audit.lastSeenAt];
}

test('what came by a way is what shows it wired, and a sweep afterwards does not forget it', async () => {
  const world = aWorld();
  await world.clock.drive(sweep(world.ports));
  assert.deepEqual(await wired(world), [null, null]);

  await world.clock.advance(60_000);
  const eventAt = world.clock.now();
  const event = vaultEvent({ operation: 'Microsoft.KeyVault/vaults/write', at: eventAt });
  await world.clock.drive(respond(event, world.ports));
  assert.deepEqual(await wired(world), [eventAt, null]);

  await world.clock.advance(60_000);
  const auditAt = world.clock.now();
  const record = {
    time: auditAt,
    category: 'AuditEvent',
    operationName: 'VaultPatch',
    resourceId: VAULT_ID.toUpperCase(),
    properties: { httpStatusCode: 200 },
  };
  await world.clock.drive(respondToAudit([{ records: [record] }], world.ports));
  assert.deepEqual(await wired(world), [eventAt, auditAt]);

  await world.clock.advance(60_000);
  await world.clock.drive(sweep(world.ports));
  assert.deepEqual(await wired(world), [eventAt, auditAt]);
});
