import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isUnder } from '../../shared/azure/arm-id.ts';
import { readMessage } from '../../shared/signals/read-message.ts';
import type { Signal } from '../../shared/signals/signal.ts';
import { isPolicyWrite, makeWatchList, removesEventSource } from '../../shared/signals/watch-list.ts';
import { armEvent, keyVaultEvent, NOW, SUBSCRIPTION } from './examples.ts';

const OTHER_SUBSCRIPTION = SUBSCRIPTION.replace(/1$/, '2');
const RG = `${SUBSCRIPTION}/resourceGroups/rg-keys`;
const POWER = `${SUBSCRIPTION}/resourceGroups/rg-power`;
const FAR = `${OTHER_SUBSCRIPTION}/resourceGroups/rg-far`;
const vault = (group: string, name: string) => `${group}/providers/Microsoft.KeyVault/vaults/${name}`;
const policy = (name: string) => `${POWER}/providers/Microsoft.PowerPlatform/enterprisePolicies/${name}`;

const A = policy('A-cmk'); // vault one, key cmk
const B = policy('B-cmk'); // vault one, key cmk, too
const C = policy('C-other'); // vault one, another key
const D = policy('D-far'); // a vault in another subscription
const E = policy('E-lost'); // vault and key not known yet
const ONE = vault(RG, 'kv-one');
const TWO = vault(FAR, 'kv-two');
const ALL = [A, B, C, D, E];

const list = makeWatchList([
  { policyId: A, vaultId: ONE, keyName: 'cmk' },
  { policyId: B, vaultId: ONE.toUpperCase(), keyName: 'CMK' },
  { policyId: C, vaultId: `${ONE}/`, keyName: 'other' },
  { policyId: D, vaultId: TWO, keyName: 'cmk', principalId: 'p-d' },
  { policyId: E },
]);

function arm(operation: unknown, scope: string, act = 'WriteSuccess'): Signal {
  const eventType = `Microsoft.Resources.Resource${act}`;
  const [signal] = readMessage(armEvent({ eventType, operation, scope }), NOW).signals;
  assert.ok(signal);
  return signal;
}
function keyVault(type: string, topic: string, data: Record<string, unknown> = {}): Signal {
  const event = { ...keyVaultEvent(`Microsoft.KeyVault.${type}`, data), topic };
  const [signal] = readMessage(event, NOW).signals;
  assert.ok(signal);
  return signal;
}
function concerned(signal: Signal): string[] {
  return list.concerns(signal).sort();
}

const AUTHORIZATION = 'providers/Microsoft.Authorization';
const NSP = `${RG}/providers/Microsoft.Network/networkSecurityPerimeters/nsp`;
const PURGE = 'Microsoft.KeyVault/locations/deletedVaults/purge/action';
const deletedVault = (subscription: string, name: string) =>
  `${subscription}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/${name}`;

const CASES: [string, string, string, string[]][] = [
  // what is done to the vault
  ['a write of the vault', 'Microsoft.KeyVault/vaults/write', ONE, [A, B, C]],
  ['a deletion of the vault', 'Microsoft.KeyVault/vaults/delete', ONE, [A, B, C]],
  [
    'an access policy',
    'Microsoft.KeyVault/vaults/accessPolicies/write',
    `${ONE}/accessPolicies/add`,
    [A, B, C],
  ],
  [
    'a private endpoint',
    'Microsoft.KeyVault/vaults/privateEndpointConnections/delete',
    `${ONE}/privateEndpointConnections/p`,
    [A, B, C],
  ],
  ['a key', 'Microsoft.KeyVault/vaults/keys/write', `${ONE}/keys/cmk`, [A, B]],
  ['another key of the vault', 'Microsoft.KeyVault/vaults/keys/write', `${ONE}/keys/other`, [C]],
  ['a key of the vault that nobody uses', 'Microsoft.KeyVault/vaults/keys/write', `${ONE}/keys/spare`, []],
  ['keys, reported at the vault', 'Microsoft.KeyVault/vaults/keys/write', ONE, [A, B, C]],
  ['a secret', 'Microsoft.KeyVault/vaults/secrets/write', `${ONE}/secrets/cmk`, []],
  ['a secret, reported at the vault', 'Microsoft.KeyVault/vaults/secrets/write', ONE, []],
  ['a vault operation at a secret', 'Microsoft.KeyVault/vaults/write', `${ONE}/secrets/cmk`, []],
  ['another vault', 'Microsoft.KeyVault/vaults/write', vault(RG, 'kv-one2'), []],
  ['a vault of that name elsewhere', 'Microsoft.KeyVault/vaults/write', vault(FAR, 'kv-one'), []],
  ['a purge', PURGE, deletedVault(SUBSCRIPTION, 'KV-One'), [A, B, C]],
  ['a purge with the act in its path', PURGE, `${deletedVault(SUBSCRIPTION, 'kv-one')}/purge`, [A, B, C]],
  ['a purge in another subscription', PURGE, deletedVault(OTHER_SUBSCRIPTION, 'kv-one'), []],
  ['a purge of another vault', PURGE, deletedVault(SUBSCRIPTION, 'kv-two'), []],
  ['a purge, reported at the vault', PURGE, ONE, [A, B, C]],
  // what is done to the policy
  ['a write of the policy', 'Microsoft.PowerPlatform/enterprisePolicies/write', A, [A]],
  ['a deletion of the policy', 'Microsoft.PowerPlatform/enterprisePolicies/delete', D, [D]],
  [
    'a deletion under the policy',
    'Microsoft.PowerPlatform/enterprisePolicies/privateEndpointConnections/delete',
    `${A}/privateEndpointConnections/p`,
    [A],
  ],
  ['another policy', 'Microsoft.PowerPlatform/enterprisePolicies/write', policy('A-cmk2'), []],
  // what is done above
  [
    'the deletion of the vault’s group',
    'Microsoft.Resources/subscriptions/resourceGroups/delete',
    RG,
    [A, B, C],
  ],
  [
    'the deletion of the policies’ group',
    'Microsoft.Resources/subscriptions/resourceGroups/delete',
    POWER,
    ALL,
  ],
  ['the deletion of another group', 'Microsoft.Resources/subscriptions/resourceGroups/delete', `${RG}2`, []],
  [
    'a move out of a group',
    'Microsoft.Resources/subscriptions/resourceGroups/moveResources/action',
    FAR,
    [D],
  ],
  [
    'a move, with the act in its path',
    'Microsoft.Resources/subscriptions/resourceGroups/moveResources/action',
    `${FAR}/moveResources`,
    [D],
  ],
  ['a write of the group', 'Microsoft.Resources/subscriptions/resourceGroups/write', RG, []],
  // who may do what
  [
    'a role at the vault',
    'Microsoft.Authorization/roleAssignments/write',
    `${ONE}/${AUTHORIZATION}/roleAssignments/r`,
    [A, B, C],
  ],
  [
    'a role at the key',
    'Microsoft.Authorization/roleAssignments/delete',
    `${ONE}/keys/cmk/${AUTHORIZATION}/roleAssignments/r`,
    [A, B],
  ],
  [
    'a role at another key',
    'Microsoft.Authorization/roleAssignments/delete',
    `${ONE}/keys/spare/${AUTHORIZATION}/roleAssignments/r`,
    [],
  ],
  [
    'a role at a secret',
    'Microsoft.Authorization/roleAssignments/delete',
    `${ONE}/secrets/cmk/${AUTHORIZATION}/roleAssignments/r`,
    [],
  ],
  [
    'a role at the vault’s group',
    'Microsoft.Authorization/roleAssignments/delete',
    `${RG}/${AUTHORIZATION}/roleAssignments/r`,
    [A, B, C],
  ],
  [
    'a role at the vault’s subscription',
    'Microsoft.Authorization/roleAssignments/delete',
    `${OTHER_SUBSCRIPTION}/${AUTHORIZATION}/roleAssignments/r`,
    [D],
  ],
  [
    'a role at the policies’ subscription',
    'Microsoft.Authorization/roleAssignments/delete',
    `${SUBSCRIPTION}/${AUTHORIZATION}/roleAssignments/r`,
    ALL,
  ],
  [
    'a role at the tenant’s root',
    'Microsoft.Authorization/roleAssignments/delete',
    `/${AUTHORIZATION}/roleAssignments/r`,
    ALL,
  ],
  [
    'a role at a management group',
    'Microsoft.Authorization/roleAssignments/write',
    `/providers/Microsoft.Management/managementGroups/m/${AUTHORIZATION}/roleAssignments/r`,
    ALL,
  ],
  [
    'a role at another vault',
    'Microsoft.Authorization/roleAssignments/write',
    `${vault(RG, 'kv-x')}/${AUTHORIZATION}/roleAssignments/r`,
    [],
  ],
  ['a role, reported at its scope', 'Microsoft.Authorization/roleAssignments/delete', ONE, [A, B, C]],
  [
    'a deny assignment at the vault',
    'Microsoft.Authorization/denyAssignments/write',
    `${ONE}/${AUTHORIZATION}/denyAssignments/d`,
    [A, B, C],
  ],
  ['a lock taken off a policy', 'Microsoft.Authorization/locks/delete', `${A}/${AUTHORIZATION}/locks/l`, [A]],
  ['a lock put on', 'Microsoft.Authorization/locks/write', `${A}/${AUTHORIZATION}/locks/l`, []],
  [
    'a role definition',
    'Microsoft.Authorization/roleDefinitions/write',
    `${OTHER_SUBSCRIPTION}/${AUTHORIZATION}/roleDefinitions/x`,
    ALL,
  ],
  [
    'an assigned Azure Policy',
    'Microsoft.Authorization/policyAssignments/write',
    `${ONE}/${AUTHORIZATION}/policyAssignments/x`,
    [],
  ],
  // perimeters
  ['a perimeter', 'Microsoft.Network/networkSecurityPerimeters/write', NSP, ALL],
  [
    'an association',
    'Microsoft.Network/networkSecurityPerimeters/resourceAssociations/write',
    `${NSP}/resourceAssociations/x`,
    ALL,
  ],
  // everything else
  [
    'a tag elsewhere',
    'Microsoft.Resources/tags/write',
    `${RG}/providers/Microsoft.Storage/storageAccounts/s`,
    [],
  ],
  [
    'a virtual machine',
    'Microsoft.Compute/virtualMachines/delete',
    `${RG}/providers/Microsoft.Compute/virtualMachines/v`,
    [],
  ],
  [
    'a diagnostic setting',
    'Microsoft.Insights/diagnosticSettings/delete',
    `${ONE}/providers/Microsoft.Insights/diagnosticSettings/d`,
    [],
  ],
];
for (const [name, operation, scope, policies] of CASES) {
  test(`${name} (${operation}) concerns ${policies.length || 'no'} policies`, () => {
    assert.deepEqual(concerned(arm(operation, scope)), policies);
  });
}

test('what failed or was cancelled concerns nobody', () => {
  for (const act of [
    'WriteFailure',
    'WriteCancel',
    'DeleteFailure',
    'DeleteCancel',
    'ActionFailure',
    'ActionCancel',
  ]) {
    for (const [, operation, scope] of CASES) assert.deepEqual(concerned(arm(operation, scope, act)), []);
  }
});

test('the deletion of a policy counts whatever the operation calls itself', () => {
  const operation = 'Microsoft.BusinessPlatform/policies/remove/action';
  assert.deepEqual(concerned(arm(operation, A, 'DeleteSuccess')), [A]);
  assert.deepEqual(concerned(arm(operation, A, 'WriteSuccess')), []);
  assert.deepEqual(concerned(arm(operation, ONE, 'DeleteSuccess')), []);
});

test('an event that tells no operation is looked into where its scope says', () => {
  assert.deepEqual(concerned(arm(' ', `${ONE}/keys/cmk`)), [A, B]);
});

test('a Key Vault event concerns those who use its key, or all of the vault where it names none', () => {
  assert.deepEqual(concerned(keyVault('KeyExpired', ONE)), [A, B]);
  assert.deepEqual(concerned(keyVault('KeyExpired', ONE, { ObjectName: 'spare' })), []);
  assert.deepEqual(concerned(keyVault('VaultAccessPolicyChanged', ONE, { ObjectType: 'Vault' })), [A, B, C]);
  assert.deepEqual(concerned(keyVault('KeyExpired', vault(RG, 'kv-x'))), []);
});

test('a Key Vault event about a secret or a certificate concerns nobody', () => {
  for (const type of ['SecretExpired', 'SecretNearExpiry', 'CertificateNewVersionCreated']) {
    for (const ObjectType of ['Secret', 'Key', undefined]) {
      assert.deepEqual(concerned(keyVault(type, ONE, { ObjectType })), []);
    }
  }
});

test('a vault known by its name only is found in every watched subscription', () => {
  const byName = (VaultName: string) => concerned(keyVault('KeyExpired', '', { VaultName }));
  assert.deepEqual(byName('KV-One'), [A, B]);
  assert.deepEqual(byName('kv-two'), [D]);
  assert.deepEqual(byName('kv-three'), []);
});

test('a policy whose key is not known yet is concerned by every key of its vault', () => {
  const unsure = makeWatchList([
    { policyId: A, vaultId: ONE },
    { policyId: B, vaultId: ONE, keyName: ' ' },
    { policyId: C, vaultId: ONE, keyName: 'other' },
  ]);
  assert.deepEqual(unsure.concerns(keyVault('KeyExpired', ONE)), [A, B]);
});

test('a cause is shared by the policies at or under its scope', () => {
  assert.deepEqual(list.sharing(ONE).sort(), [A, B, C]);
  assert.deepEqual(list.sharing(`${ONE.toUpperCase()}/`).sort(), [A, B, C]);
  assert.deepEqual(list.sharing(`${ONE}/keys/CMK`).sort(), [A, B]);
  assert.deepEqual(list.sharing(B), [B]);
  assert.deepEqual(list.sharing(RG).sort(), [A, B, C]);
  assert.deepEqual(list.sharing(POWER).sort(), ALL);
  assert.deepEqual(list.sharing(OTHER_SUBSCRIPTION), [D]);
  for (const nothing of ['', '/', 'x', `${RG}2`, vault(RG, 'kv')])
    assert.deepEqual(list.sharing(nothing), []);
});

test('answers are the asker’s own: changing one changes no later answer', () => {
  list.concerns(arm('Microsoft.Authorization/roleDefinitions/write', RG)).length = 0;
  list.sharing(ONE).push('x');
  assert.deepEqual(concerned(arm('Microsoft.Authorization/roleDefinitions/write', RG)), ALL);
  assert.deepEqual(list.sharing(ONE).sort(), [A, B, C]);
});

test('an empty watch list, and one of junk ids, is concerned by nothing that has a place', () => {
  const junk = makeWatchList([{ policyId: 'not an id', vaultId: '', keyName: '' }]);
  const signals = [arm('Microsoft.KeyVault/vaults/write', ONE), keyVault('KeyExpired', ONE)];
  for (const signal of signals) {
    assert.deepEqual(makeWatchList([]).concerns(signal), []);
    assert.deepEqual(junk.concerns(signal), []);
  }
});

test('a policy in a managed HSM is concerned by its own changes and its groups’', () => {
  const hsm = `${FAR}/providers/Microsoft.KeyVault/managedHSMs/h`;
  const withHsm = makeWatchList([{ policyId: A, vaultId: hsm, keyName: 'cmk' }]);
  assert.deepEqual(withHsm.concerns(arm('Microsoft.PowerPlatform/enterprisePolicies/write', A)), [A]);
  assert.deepEqual(withHsm.sharing(FAR), [A]);
  assert.deepEqual(withHsm.sharing(hsm), [A]);
});

test('ids and operations in any mix of cases concern the same policies', () => {
  const mangle = (text: string, seed: number) =>
    [...text].map((c, i) => ((seed >> (i % 31)) & 1 ? c.toUpperCase() : c.toLowerCase())).join('');
  fc.assert(
    fc.property(fc.constantFrom(...CASES), fc.nat(), ([, operation, scope, policies], seed) => {
      assert.deepEqual(concerned(arm(mangle(operation, seed), mangle(scope, seed))), policies);
      const mangled = makeWatchList(
        ALL.map((policyId) => ({
          policyId: mangle(policyId, seed),
          vaultId: policyId === E ? undefined : mangle(policyId === D ? TWO : ONE, seed),
          keyName: policyId === C ? mangle('other', seed) : mangle('cmk', seed),
        })),
      );
      const expected = policies.map((id) => mangle(id, seed));
      assert.deepEqual(mangled.concerns(arm(operation, scope)).sort(), expected.sort());
    }),
  );
});

test('a write at a scope concerns exactly the policies that a plain search finds', () => {
  const segment = fc.constantFrom('a', 'b', 'ab');
  const group = fc.tuple(segment, segment).map(([s, g]) => `/subscriptions/${s}/resourceGroups/${g}`);
  const vaultId = fc.tuple(group, segment).map(([g, name]) => vault(g, name));
  const policyId = fc
    .tuple(group, segment)
    .map(([g, name]) => `${g}/providers/Microsoft.PowerPlatform/enterprisePolicies/${name}`);
  const watched = fc.record({ policyId, vaultId });
  const scopes = fc.oneof(
    group,
    group.map((g) => g.split('/').slice(0, 3).join('/')),
    vaultId,
    policyId,
    vaultId.map((id) => `${id}/accessPolicies/add`),
    policyId.map((id) => `${id}/links/x`),
  );
  fc.assert(
    fc.property(fc.array(watched, { maxLength: 8 }), scopes, (all, scope) => {
      const found = makeWatchList(all).concerns(arm('Microsoft.KeyVault/vaults/write', scope));
      const near = (id: string) => isUnder(id, scope) || isUnder(scope, id);
      const expected = all
        .filter((one) => near(one.policyId) || near(one.vaultId))
        .map((one) => one.policyId);
      assert.deepEqual(found.sort(), [...new Set(expected)].sort());
    }),
    { numRuns: 500 },
  );
});

test('a policy written is reported, so that a new one can be discovered', () => {
  const write = 'microsoft.powerplatform/EnterprisePolicies/write';
  assert.equal(isPolicyWrite(arm(write, policy('new'))), true);
  assert.equal(isPolicyWrite(arm(' ', policy('new'))), true);
  assert.equal(isPolicyWrite(arm(' ', policy('new'), 'DeleteSuccess')), false);
  assert.equal(isPolicyWrite(arm(' ', ONE)), false);
  assert.equal(isPolicyWrite(arm(write, policy('new'), 'WriteFailure')), false);
  assert.equal(isPolicyWrite(arm('Microsoft.KeyVault/vaults/write', policy('new'))), false);
  assert.equal(isPolicyWrite(keyVault('KeyExpired', ONE)), false);
});

test('what takes our visibility away is reported', () => {
  const blinding = [
    'Microsoft.Insights/diagnosticSettings/write',
    'Microsoft.Insights/diagnosticSettings/delete',
    'Microsoft.KeyVault/vaults/providers/Microsoft.Insights/diagnosticSettings/delete',
    'Microsoft.EventGrid/systemTopics/delete',
    'Microsoft.EventGrid/systemTopics/eventSubscriptions/delete',
    'Microsoft.EventHub/namespaces/delete',
    'Microsoft.EventHub/namespaces/eventhubs/consumergroups/delete',
  ];
  for (const operation of blinding) {
    assert.equal(removesEventSource(arm(operation, ONE)), true, operation);
    assert.equal(removesEventSource(arm(operation.toUpperCase(), ONE)), true, operation);
    assert.equal(removesEventSource(arm(operation, ONE, 'DeleteFailure')), false, operation);
    assert.deepEqual(concerned(arm(operation, ONE)), [], operation);
  }
  const harmless = ['Microsoft.EventGrid/systemTopics/write', 'Microsoft.EventHub/namespaces/write'];
  for (const operation of [...harmless, 'Microsoft.KeyVault/vaults/delete', ' ']) {
    assert.equal(removesEventSource(arm(operation, ONE)), false, operation);
  }
  assert.equal(removesEventSource(keyVault('KeyExpired', ONE)), false);
});
