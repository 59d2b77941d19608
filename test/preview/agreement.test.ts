import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CUSTOM_ROLE } from '../../dev/azure-simulator/world/seed.ts';
import type { Facts } from '../../shared/facts/facts.ts';
import { applyChanges } from '../../shared/preview/apply-changes.ts';
import { chainIds, type PreviewChain } from '../../shared/preview/chain.ts';
import type { PlannedOperation } from '../../shared/preview/change.ts';
import { previewPolicy } from '../../shared/preview/preview-policy.ts';
import { judge, overallVerdict } from '../../shared/triggers/judge.ts';
import { updateHistory } from '../../shared/triggers/remember.ts';
import { simulatedTenant } from './simulated-chain.ts';

/** What a scenario does, as the operations that a person or a plan would name. */
type AsOperations = (chain: PreviewChain, now: string) => PlannedOperation[];

const vaultOf = (chain: PreviewChain) => chainIds(chain).vaultId ?? '';
const keyOf = (chain: PreviewChain) => ({
  vaultId: vaultOf(chain),
  keyName: chainIds(chain).keyName ?? '',
});
const versionsOf = ({ facts: { key } }: PreviewChain) => (key.state === 'known' ? key.value.versions : []);
const grantsOf = ({ facts: { permission } }: PreviewChain) =>
  permission.state === 'known' ? permission.value.grants : [];
const network =
  (set: Extract<PlannedOperation, { what: 'vaultSet' }>['set']): AsOperations =>
  (chain) => [{ what: 'vaultSet', vaultId: vaultOf(chain), set }];
const inAWeek = (now: string) => new Date(Date.parse(now) + 7 * 86_400_000).toISOString();
const CMK = ['read', 'wrap/action', 'unwrap/action'].map((verb) => `Microsoft.KeyVault/vaults/keys/${verb}`);

const CASES: readonly [scenario: string, policy: string, operations: AsOperations][] = [
  [
    'permissions-revoked',
    'ep-permissions-revoked',
    (chain) => grantsOf(chain).map(({ id }) => ({ what: 'roleAssignmentRemoved', id })),
  ],
  [
    'permissions-revoked',
    'ep-sales',
    (chain) => [
      {
        what: 'accessPolicyRemoved',
        vaultId: vaultOf(chain),
        objectId: chainIds(chain).principalId ?? '',
      },
    ],
  ],
  [
    'permissions-revoked',
    'ep-field',
    (chain) => grantsOf(chain).map(({ id }) => ({ what: 'roleAssignmentRemoved', id })),
  ],
  [
    'grant-permissions',
    'ep-finance',
    (chain) => [
      {
        what: 'roleAssignmentAdded',
        scope: vaultOf(chain),
        principalId: chainIds(chain).principalId,
        role: 'Key Vault Crypto Service Encryption User',
      },
    ],
  ],
  [
    'custom-role-edited',
    'ep-people',
    () => [
      {
        what: 'roleDefinitionSet',
        roleId: CUSTOM_ROLE,
        permissions: [
          { dataActions: CMK.filter((action) => !action.includes('/unwrap/')), notDataActions: [] },
        ],
      },
    ],
  ],
  [
    'deny-assignment-added',
    'ep-finance',
    (chain) => [
      {
        what: 'denyAssignmentAdded',
        scope: vaultOf(chain),
        principalIds: [chainIds(chain).principalId ?? ''],
        permissions: [{ dataActions: ['Microsoft.KeyVault/vaults/keys/unwrap/action'], notDataActions: [] }],
      },
    ],
  ],
  ['permission-model-flipped', 'ep-finance', network({ rbac: false })],
  ['permission-model-flipped', 'ep-sales', network({ rbac: true })],
  [
    'key-disabled',
    'ep-key-disabled',
    (chain) =>
      versionsOf(chain).map(({ version }) => ({
        what: 'keySet',
        ...keyOf(chain),
        version,
        set: { enabled: false },
      })),
  ],
  [
    'key-version-disabled',
    'ep-key-version-disabled',
    (chain) => [
      {
        what: 'keySet',
        ...keyOf(chain),
        version: versionsOf(chain)[1]?.version,
        set: { enabled: false },
      },
    ],
  ],
  [
    'key-version-disabled',
    'ep-apps',
    (chain) => [
      {
        what: 'keySet',
        ...keyOf(chain),
        version: versionsOf(chain)[1]?.version,
        set: { enabled: false },
      },
    ],
  ],
  [
    'key-not-yet-active',
    'ep-key-not-yet-active',
    (chain, now) => [{ what: 'keySet', ...keyOf(chain), set: { notBefore: inAWeek(now) } }],
  ],
  [
    'key-expired',
    'ep-key-expired',
    (chain, now) => [{ what: 'keySet', ...keyOf(chain), set: { expires: now } }],
  ],
  [
    'key-unusable',
    'ep-key-unusable',
    (chain) => [{ what: 'keySet', ...keyOf(chain), set: { keyOps: ['encrypt', 'decrypt', 'sign'] } }],
  ],
  ['rotate-key', 'ep-finance', () => []],
  ['key-put-through-arm', 'ep-finance', () => []],
  ['key-deleted', 'ep-key-deleted', (chain) => [{ what: 'keyDeleted', ...keyOf(chain) }]],
  ['key-purged', 'ep-sales', (chain) => [{ what: 'keyDeleted', ...keyOf(chain), purges: true }]],
  ['key-recreated', 'ep-key-deleted', (chain) => [{ what: 'keyDeleted', ...keyOf(chain), purges: true }]],
  ['vault-deleted', 'ep-vault-deleted', (chain) => [{ what: 'vaultDeleted', vaultId: vaultOf(chain) }]],
  [
    'resource-group-deleted',
    'ep-finance',
    (chain) => [{ what: 'resourceGroupDeleted', id: vaultOf(chain).split('/').slice(0, 5).join('/') }],
  ],
  [
    'policy-deleted',
    'ep-policy-deleted',
    (chain) => [{ what: 'policyDeleted', policyId: chain.facts.policyId }],
  ],
  [
    'public-access-disabled',
    'ep-public-access-disabled',
    network({ publicNetworkAccess: 'Disabled', bypass: 'None' }),
  ],
  [
    'public-access-disabled-trusted',
    'ep-public-access-disabled',
    network({ publicNetworkAccess: 'Disabled', defaultAction: 'Deny', bypass: 'AzureServices' }),
  ],
  ['network-restricted', 'ep-network-restricted', network({ defaultAction: 'Deny', bypass: 'None' })],
  [
    'network-restricted-trusted',
    'ep-network-restricted',
    network({ defaultAction: 'Deny', bypass: 'AzureServices' }),
  ],
  [
    'perimeter-joined',
    'ep-finance',
    (chain) => [{ what: 'perimeterSet', vaultId: vaultOf(chain), access: 'Enforced' }],
  ],
  ['tenant-changed', 'ep-finance', network({ tenantId: '99999999-0000-4000-8000-000000000000' })],
  ['private-endpoint-approved', 'ep-finance', () => []],
  ['decoy-vault-changed', 'ep-finance', () => []],
];

describe('a scenario as an operation has the verdict that a reading of it then has', () => {
  for (const [scenario, policy, asOperations] of CASES)
    test(`${scenario} of ${policy}`, async () => {
      const tenant = await simulatedTenant();
      const chain = await tenant.chain(policy);
      const now = new Date().toISOString();
      const changes = asOperations(chain, now).map((operation) => ({ ...operation, address: 'operation 1' }));
      const { chain: after, cannotJudge } = applyChanges(chain, changes, now);
      assert.deepEqual(cannotJudge, []);

      const done = await tenant.simulator.scenario(scenario, { policy });
      assert.equal(done.status, 200, JSON.stringify(done.error));
      const { vault } = chain.facts;
      const hints = vault.state === 'known' ? { vaultLocation: vault.value.location } : {};
      const read = await tenant.read(policy, { ...hints, ...chainIds(chain) });
      // A key that has just expired is judged by a clock that has passed its date.
      const later = new Date(Date.now() + 1000).toISOString();
      assert.deepEqual(verdictsOf(chain, after.facts, later), verdictsOf(chain, read, later));
      assert.deepEqual(comparable(after.facts, scenario), comparable(read, scenario));
    });
});

function verdictsOf(chain: PreviewChain, facts: Facts, now: string) {
  const findings = judge(facts, updateHistory(chain.history, facts), {
    now,
    networkReading: 'trustedService',
  });
  const graver = findings.filter(({ verdict }) => verdict === 'revoked' || verdict === 'suspected');
  return {
    verdict: overallVerdict(findings),
    findings: graver.map(({ trigger, verdict }) => [trigger, verdict]),
  };
}

/** The fields that the change is about; those that Azure makes by itself (an id, a time) are left out. */
function comparable({ vault, key, permission, policy }: Facts, scenario: string) {
  const held = permission.state === 'known' ? permission.value : undefined;
  const { network: rules, rbac } = vault.state === 'known' ? vault.value : {};
  const isNewVersion = /rotate|recreated/.test(scenario);
  return {
    states: [policy.state, vault.state, permission.state, ...(isNewVersion ? [] : [key.state])],
    network: [rules?.publicNetworkAccess, rules?.defaultAction, rules?.bypass],
    rbac,
    permission: held && {
      model: held.model,
      allowed: held.allowed,
      missing: held.missing,
      grants: held.grants.length,
      denials: held.denials.length,
    },
    versions:
      key.state === 'known' && !isNewVersion
        ? key.value.versions.map(({ version, enabled, keyOps }, n) => [
            version,
            enabled,
            // The allowed operations are read for the version in use.
            n === 0 && scenario !== 'key-unusable' ? keyOps : undefined,
          ])
        : [],
  };
}

describe('what Azure refuses is not applied', () => {
  const at = '2026-11-23T12:00:00.000Z';
  const options = { now: at, networkReading: 'trustedService' as const };
  const named = (...operations: PlannedOperation[]) => operations.map((one) => ({ ...one, address: 'op' }));

  test('a policy that environments are linked to is not deleted', async () => {
    const chain = await (await simulatedTenant()).chain('ep-policy-deleted');
    const found = previewPolicy(
      chain,
      named({ what: 'policyDeleted', policyId: chain.facts.policyId }),
      options,
    );
    assert.equal(found?.outcome, 'refused');
    assert.match(found?.refused[0]?.because ?? '', /EnterprisePolicyDeleteNotAllowed/);
    assert.equal(found?.after, 'clear');
  });

  test('a lock on the group of the policies refuses to delete the policy, and the group', async () => {
    const chain = await (await simulatedTenant()).chain('ep-sales');
    const group = chain.facts.policyId.split('/').slice(0, 5).join('/');
    for (const operation of [
      { what: 'policyDeleted', policyId: chain.facts.policyId },
      { what: 'resourceGroupDeleted', id: group },
    ] as const) {
      const found = previewPolicy(chain, named(operation), options);
      // The group holds the policy alone: without its lock, Azure would still refuse to delete the policy.
      if (operation.what === 'policyDeleted') {
        assert.equal(found?.outcome, 'refused');
        assert.match(found?.refused[0]?.because ?? '', /keep-policies.*ScopeLocked/);
      } else assert.equal(found?.findings.length ?? 0, 0);
    }
  });
});
