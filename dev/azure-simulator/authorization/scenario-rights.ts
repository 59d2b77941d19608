import { resourceGroupId } from '../world/ids.ts';
import { CMK_DATA_ACTIONS, CRYPTO_SERVICE_ENCRYPTION_USER } from '../world/roles.ts';
import type { Policy, Vault, World } from '../world/world.ts';
import { assignmentsGiving, type KeyVerb, type Needed } from './may-do.ts';

/** What a scenario is about, as its request names it. */
export interface ScenarioSubject {
  policy?: Policy;
  vault?: Vault;
  vaultDeleted: boolean;
  key?: { name: string; versions: unknown[] };
  keyName?: string;
}

/** All of these are needed, and of each list any one. Null: Azure asks nobody for a right of its own. */
export type ScenarioNeeds = ((subject: ScenarioSubject, world: World) => Needed[][]) | null;

const AUTHORIZATION = 'Microsoft.Authorization';
const VAULTS = 'Microsoft.KeyVault/vaults';
const POLICIES = 'Microsoft.PowerPlatform/enterprisePolicies';
const GROUPS = 'Microsoft.Resources/subscriptions/resourceGroups';

const groupOf = ({ subscriptionId, resourceGroup }: Vault) => resourceGroupId(subscriptionId, resourceGroup);

/** Where there is no vault, the scenario itself says so. */
const onVault =
  (needs: (vault: Vault, subject: ScenarioSubject, world: World) => Needed[][]): ScenarioNeeds =>
  (subject, world) =>
    subject.vault === undefined ? [] : needs(subject.vault, subject, world);
const atVault = (action: string) => onVault(({ id }) => [[{ action, scope: id }]]);
const onKey = (...verbs: KeyVerb[]) =>
  onVault((vault, { keyName = '' }) => verbs.map((key) => [{ key, vault, keyName }]));
const onPolicy =
  (action: string): ScenarioNeeds =>
  ({ policy }) =>
    policy === undefined ? [] : [[{ action, scope: policy.id }]];

/** A vault's PUT and PATCH set access policies as well ("Vaults REST: Update Access Policy", "Vaults REST: Update"). */
const writesEntries = ({ id }: Vault): Needed[] =>
  [`${VAULTS}/write`, `${VAULTS}/accessPolicies/write`].map((action) => ({ action, scope: id }));

/**
 * The key is lost to the identity once it lacks one of the three data actions. For each, all assignments that give it
 * have to go; whoever may do that for any one of the three can do it. Here as "all of these, and of each any one".
 */
const revokes = onVault((vault, { policy, keyName = '' }, world) => {
  if (!vault.rbac) return [writesEntries(vault)];
  const target = `${vault.id}/keys/${policy?.keyName ?? keyName}`;
  const action = `${AUTHORIZATION}/roleAssignments/delete`;
  const waysOut = CMK_DATA_ACTIONS.map((dataAction) =>
    assignmentsGiving(world, policy?.principalId ?? '', dataAction, target).map(
      ({ scope, roleId }): Needed => ({ action, scope, assigns: roleId }),
    ),
  ).filter((all) => all.length > 0);
  return waysOut.reduce<Needed[][]>(
    (each, all) => each.flatMap((some) => all.map((one) => [...some, one])),
    waysOut.length === 0 ? [] : [[]],
  );
});
const grants = onVault((vault) =>
  vault.rbac
    ? [
        [
          {
            action: `${AUTHORIZATION}/roleAssignments/write`,
            scope: vault.id,
            assigns: CRYPTO_SERVICE_ENCRYPTION_USER,
          },
        ],
      ]
    : [writesEntries(vault)],
);
/** "Azure custom roles": it takes the right at every scope at which the role can be assigned. */
const editsRole: ScenarioNeeds = (_subject, { managementGroupId }) => [
  [{ action: `${AUTHORIZATION}/roleDefinitions/write`, scope: managementGroupId }],
];
const switchesModel = onVault(({ id }) => [
  [{ action: `${VAULTS}/write`, scope: id }],
  [{ action: `${AUTHORIZATION}/roleAssignments/write`, scope: id, isUnrestricted: true }],
]);
const purgesVault = onVault((vault, { vaultDeleted }) => [
  ...(vaultDeleted ? [] : [[{ action: `${VAULTS}/delete`, scope: vault.id }]]),
  [
    {
      action: 'Microsoft.KeyVault/locations/deletedVaults/purge/action',
      scope: `/subscriptions/${vault.subscriptionId}`,
    },
  ],
]);
/** "Move resources": on both groups. The new one may have to be made. */
const moves = onVault((vault) => [
  [{ action: `${GROUPS}/moveResources/action`, scope: groupOf(vault) }],
  [{ action: `${GROUPS}/write`, scope: `/subscriptions/${vault.subscriptionId}` }],
]);
const joinsPerimeter = onVault((vault) => [
  [{ action: `${VAULTS}/joinPerimeter/action`, scope: vault.id }],
  [
    {
      action: 'Microsoft.Network/networkSecurityPerimeters/resourceAssociations/write',
      scope: groupOf(vault),
    },
  ],
]);
const leavesPerimeter = onVault((vault) => [
  [
    {
      action: 'Microsoft.Network/networkSecurityPerimeters/resourceAssociations/delete',
      scope: groupOf(vault),
    },
  ],
]);
const readerRight =
  (verb: 'write' | 'delete'): ScenarioNeeds =>
  ({ policy }) => {
    const scope = `/subscriptions/${policy?.subscriptionId}`;
    return [[{ action: `${AUTHORIZATION}/roleAssignments/${verb}`, scope }]];
  };

const WRITES_VAULT = atVault(`${VAULTS}/write`);
const UPDATES_KEY = onKey('update');
const updatesVersion = onVault((vault, { key, keyName = '' }) => {
  const rotates: KeyVerb[] = key !== undefined && key.versions.length < 2 ? ['rotate'] : [];
  return [...rotates, 'update' as const].map((verb) => [{ key: verb, vault, keyName }]);
});
const purgesKey = onVault((vault, { key, keyName = '' }) => {
  const verbs: KeyVerb[] = key === undefined ? ['purge'] : ['delete', 'purge'];
  return verbs.map((verb) => [{ key: verb, vault, keyName }]);
});

/** What a person needs for each scenario that somebody does in Azure. The others are nobody's, or not Azure's. */
export const SCENARIO_RIGHTS: Readonly<Record<string, ScenarioNeeds>> = {
  'permissions-revoked': revokes,
  'undo-permissions-revoked': grants,
  'grant-permissions': grants,
  'custom-role-edited': editsRole,
  'undo-custom-role-edited': editsRole,
  'deny-assignment-added': atVault(`${AUTHORIZATION}/denyAssignments/write`),
  'deny-assignment-removed': atVault(`${AUTHORIZATION}/denyAssignments/delete`),
  'undo-deny-assignment-added': atVault(`${AUTHORIZATION}/denyAssignments/delete`),
  'permission-model-flipped': switchesModel,
  'undo-permission-model-flipped': switchesModel,
  'key-disabled': UPDATES_KEY,
  'undo-key-disabled': UPDATES_KEY,
  'key-version-disabled': updatesVersion,
  'undo-key-version-disabled': UPDATES_KEY,
  'key-not-yet-active': UPDATES_KEY,
  'undo-key-not-yet-active': UPDATES_KEY,
  'key-unusable': UPDATES_KEY,
  'undo-key-unusable': UPDATES_KEY,
  'key-expired': UPDATES_KEY,
  'undo-key-expired': UPDATES_KEY,
  'near-expiry': UPDATES_KEY,
  'rotate-key': onKey('rotate'),
  'key-recreated': onKey('delete', 'purge', 'create'),
  'key-deleted': onKey('delete'),
  'undo-key-deleted': onKey('recover'),
  'key-purged': purgesKey,
  'vault-deleted': atVault(`${VAULTS}/delete`),
  'undo-vault-deleted': WRITES_VAULT,
  'vault-purged': purgesVault,
  'resource-group-deleted': onVault((vault) => [[{ action: `${GROUPS}/delete`, scope: groupOf(vault) }]]),
  'undo-resource-group-deleted': onVault((vault) => [
    [{ action: `${GROUPS}/write`, scope: groupOf(vault) }],
    [{ action: `${VAULTS}/write`, scope: vault.id }],
  ]),
  'public-access-disabled': WRITES_VAULT,
  'undo-public-access-disabled': WRITES_VAULT,
  'public-access-disabled-trusted': WRITES_VAULT,
  'undo-public-access-disabled-trusted': WRITES_VAULT,
  'network-restricted': WRITES_VAULT,
  'undo-network-restricted': WRITES_VAULT,
  'network-restricted-trusted': WRITES_VAULT,
  'undo-network-restricted-trusted': WRITES_VAULT,
  'decoy-vault-changed': null,
  'vault-moved': moves,
  'undo-vault-moved': moves,
  'tenant-changed': WRITES_VAULT,
  'undo-tenant-changed': WRITES_VAULT,
  'key-put-through-arm': atVault(`${VAULTS}/keys/write`),
  'private-endpoint-approved': atVault(`${VAULTS}/privateEndpointConnectionsApproval/action`),
  'perimeter-joined': joinsPerimeter,
  'undo-perimeter-joined': leavesPerimeter,
  'resources-moved': onVault((vault) => [
    [{ action: `${GROUPS}/moveResources/action`, scope: groupOf(vault) }],
  ]),
  'lock-deleted': (_subject, { locks }) =>
    locks.slice(0, 1).map(({ scope }) => [{ action: `${AUTHORIZATION}/locks/delete`, scope }]),
  'policy-deleted': onPolicy(`${POLICIES}/delete`),
  'undo-policy-deleted': onPolicy(`${POLICIES}/write`),
  // "Manage your customer-managed encryption key": who re-enables needs to read the policy. The Power Platform role
  // that it takes as well is not simulated.
  'reenable-environment': onPolicy(`${POLICIES}/read`),
  'reader-revoked': readerRight('delete'),
  'reader-granted': readerRight('write'),
  'undo-reader-revoked': readerRight('write'),
};
