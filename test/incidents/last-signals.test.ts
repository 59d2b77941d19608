import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastSignals, signalSources } from '../../shared/incidents/last-signals.ts';
import type { Signal } from '../../shared/signals/signal.ts';

const POLICY = '/subscriptions/AAA/resourceGroups/rg/providers/Microsoft.PowerPlatform/enterprisePolicies/ep';
const VAULT = '/subscriptions/BBB/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/KV';
const vault = VAULT.toLowerCase();
const NOW = '2026-11-23T03:00:00.000Z';
const EARLIER = '2026-11-23T02:00:00.000Z';

const sources = signalSources(POLICY, {
  policyId: POLICY,
  policy: { id: POLICY, name: 'ep', geo: 'europe', managedHsm: false, vaultId: VAULT, seenAt: NOW },
});
const signal = (source: Signal['source'], scope: string): Signal => ({
  id: 's1',
  source,
  type: 't',
  outcome: 'success',
  scope,
  at: EARLIER,
});
const after = (signals: Signal[], before?: Parameters<typeof lastSignals>[0], now = NOW) =>
  lastSignals(before, sources, { signals, now });

test('the sources of a policy are its subscription, its vault’s subscription, and the vault', () => {
  assert.deepEqual(sources, { ofPolicy: '/subscriptions/aaa', ofVault: '/subscriptions/bbb', vault });
  assert.deepEqual(signalSources(POLICY, { policyId: POLICY }), { ofPolicy: '/subscriptions/aaa' });
  assert.deepEqual(signalSources('junk', { policyId: 'junk' }), {});
});

test('an event of Resource Manager shows that its subscription is wired, and no other', () => {
  assert.deepEqual(after([signal('resourceManager', vault)]), { event: { '/subscriptions/bbb': NOW } });
  assert.deepEqual(after([signal('resourceManager', `${POLICY.toLowerCase()}`)]), {
    event: { '/subscriptions/aaa': NOW },
  });
});

test('what comes from another subscription, or from a management group, shows nothing of these', () => {
  const role = '/subscriptions/ccc/providers/microsoft.authorization/roledefinitions/r';
  const group = '/providers/microsoft.management/managementgroups/mg';
  assert.equal(after([signal('resourceManager', role), signal('resourceManager', group)]), undefined);
});

test('an event of Key Vault and a record of the audit log are the vault’s, also where only its name is reported', () => {
  const byName = '/providers/microsoft.keyvault/vaults/kv';
  assert.deepEqual(after([signal('keyVault', byName), signal('audit', vault)]), {
    event: { [vault]: NOW },
    audit: { [vault]: NOW },
  });
});

test('a recheck or a sweep shows nothing: no new signal came', () => {
  assert.equal(after([signal('recheck', vault), signal('sweep', vault)]), undefined);
});

test('what was seen is kept, and does not move back by the seconds by which clocks differ', () => {
  const secondsBefore = '2026-11-23T02:59:50.000Z';
  const before = { event: { '/subscriptions/bbb': NOW }, audit: { [vault]: EARLIER } };
  assert.deepEqual(after([], before), before);
  assert.deepEqual(after([signal('resourceManager', vault)], before, secondsBefore), before);
  assert.equal(after([signal('audit', vault)], before)?.audit?.[vault], NOW);
});

test('what a clock that ran ahead wrote of a source is forgotten, and what comes next counts', () => {
  const before = { event: { '/subscriptions/bbb': NOW }, audit: { [vault]: NOW } };
  assert.equal(after([], before, EARLIER), undefined);
  assert.deepEqual(after([signal('audit', vault)], before, EARLIER), { audit: { [vault]: EARLIER } });
});

test('a source that the policy no longer has is forgotten', () => {
  const before = { event: { '/subscriptions/old': NOW }, audit: { '/old/vault': NOW } };
  assert.equal(after([], before), undefined);
});
