import { armIdParts } from '../../azure/arm-id.ts';
import type { Grant, PermissionFact } from '../../facts/facts.ts';
import { scopeOfAssignment } from '../apply-permission.ts';
import { builtInRole } from '../built-in-roles.ts';
import { chainIds, type PreviewChain } from '../chain.ts';
import type { PlannedOperation } from '../change.ts';
import { modelOf } from '../set-vault-access.ts';
import { operationId } from './operation-id.ts';
import type { OperationsOf } from './operations.ts';

type Listed = ReturnType<OperationsOf>;

/** No tenant has this id, so it is another one than the identity's. */
const ANOTHER_TENANT = '00000000-0000-0000-0000-000000000000';
const UNWRAP = 'Microsoft.KeyVault/vaults/keys/unwrap/action';

/** Each grant that could be removed alone, all of them together, and what ends all of them at once. */
export const lostPermissions: OperationsOf = (chain) => {
  const { vaultId, principalId } = chainIds(chain);
  if (vaultId === undefined) return [];
  const { permission, policyId } = chain.facts;
  const vault = armIdParts(vaultId).name;
  const held = permission.state === 'known' ? permission.value : undefined;
  const unread = (): Listed[number] => ({
    id: operationId('permission-removed', vaultId, policyId),
    what: `Take the permission on the key vault ${vault} from the policy's identity`,
    on: vaultId,
    operations: [],
    unread: `The identity's permissions could not be read, so what this does is not known${permission.state === 'known' ? '.' : `: ${permission.detail}`}`,
  });
  return [
    ...(held === undefined ? [unread()] : removals(chain, held)),
    ...(held?.model === 'rbac' && principalId !== undefined
      ? [...editedRoles(held), deniedRight(vaultId, principalId)]
      : []),
    ...switched(chain, vaultId),
    movedTenant(chain, vaultId),
  ];
};

/** What ends the grants of one principal: the policy's identity itself, or a group that it may be in. */
export function lostByPrincipal(chain: PreviewChain, objectId: string): Listed {
  const { permission } = chain.facts;
  if (permission.state !== 'known') return lostPermissions(chain, { now: '' }).filter((one) => one.unread);
  return removals(chain, permission.value, objectId);
}

interface Removal {
  grant: Grant;
  /** An entry of an access policy for another principal, which is a group of the identity or no business of it. */
  isPerhapsGroup: boolean;
  operation: PlannedOperation;
}

/** `objectId`, in lower case: only the grants of this principal. */
function removals(chain: PreviewChain, held: PermissionFact, objectId?: string): Listed {
  const { vaultId = '' } = chainIds(chain);
  const { policyId } = chain.facts;
  const removal = (grant: Grant, isPerhapsGroup: boolean): Removal => ({
    grant,
    isPerhapsGroup,
    operation:
      grant.by === 'roleAssignment'
        ? { what: 'roleAssignmentRemoved', id: grant.id }
        : { what: 'accessPolicyRemoved', vaultId, objectId: grant.id },
  });
  const all = [
    ...held.grants.map((grant) => removal(grant, false)),
    ...held.perhapsGroups.map((grant) => removal(grant, true)),
  ].filter(({ grant }) => objectId === undefined || grant.principalId.toLowerCase() === objectId);
  const vault = armIdParts(vaultId).name;
  // The id of an access policy is that of a principal, which the answer does not name.
  const each = all.map(({ grant, isPerhapsGroup, operation }, n) => ({
    id:
      grant.by === 'roleAssignment'
        ? operationId('role-assignment-removed', grant.id)
        : operationId('access-policy-removed', vaultId, `${policyId} ${n + 1}`),
    what: whatOf(grant, isPerhapsGroup, vault),
    on: grant.by === 'roleAssignment' ? scopeOfAssignment(grant.id) : vaultId,
    operations: [operation],
  }));
  if (all.length < 2) return each;
  const whose = objectId === undefined ? "the policy's identity" : 'this principal';
  return [
    ...each,
    {
      id: operationId('every-grant-removed', vaultId, policyId),
      what: `Remove all ${all.length} grants of ${whose} on the key vault ${vault}`,
      on: vaultId,
      operations: all.map(({ operation }) => operation),
    },
  ];
}

/** Names no principal: whoever may read may ask. */
function whatOf({ by, roleName, viaGroup, scope }: Grant, isPerhapsGroup: boolean, vault: string): string {
  if (by === 'accessPolicy')
    return isPerhapsGroup
      ? `Remove another principal's access policy from the key vault ${vault}`
      : `Remove the identity's access policy from the key vault ${vault}`;
  const role = roleName === undefined ? 'its role' : `the role ${roleName}`;
  const whose = viaGroup ? 'a group of the identity' : 'the identity';
  return `Remove ${role} from ${whose}, given at ${placeOf(scope)}`;
}

function placeOf(scope: string): string {
  const { name, resourceGroup, subscriptionId } = armIdParts(scope);
  if (/\/keys\/[^/]+$/i.test(scope)) return `the key ${name}`;
  if (/\/vaults\/[^/]+$/i.test(scope)) return `the key vault ${name}`;
  if (resourceGroup !== undefined) return `the resource group ${resourceGroup}`;
  return subscriptionId === undefined ? `the management group ${name}` : `the subscription ${subscriptionId}`;
}

/** Azure's own roles can't be edited; each of the others can, wherever it is assigned. */
function editedRoles({ grants }: PermissionFact): Listed {
  const roles = new Map<string, Grant>();
  for (const grant of grants) {
    const guid = armIdParts(grant.roleDefinitionId ?? '').name.toLowerCase();
    if (guid !== '' && builtInRole(guid) === undefined) roles.set(guid, grant);
  }
  return [...roles].map(([guid, { roleName, roleDefinitionId = guid, scope }]) => ({
    id: operationId('role-edited', roleDefinitionId),
    what: `Take the rights on keys out of the role ${roleName ?? guid}`,
    on: scope,
    operations: [{ what: 'roleDefinitionSet', roleId: roleDefinitionId, permissions: [] }],
  }));
}

function deniedRight(vaultId: string, principalId: string): Listed[number] {
  return {
    id: operationId('right-denied', vaultId),
    what: `Add a deny assignment on unwrapping keys to the key vault ${armIdParts(vaultId).name}`,
    on: vaultId,
    operations: [
      {
        what: 'denyAssignmentAdded',
        scope: vaultId,
        principalIds: [principalId],
        permissions: [{ dataActions: [UNWRAP], notDataActions: [] }],
      },
    ],
  };
}

/** A vault trusts one tenant: where the identity's own is not known, nothing shows that another is the wrong one. */
function movedTenant({ facts: { policy } }: PreviewChain, vaultId: string): Listed[number] {
  const tenantId = policy.state === 'known' ? policy.value.tenantId : undefined;
  const operation = {
    id: operationId('tenant-changed', vaultId),
    what: `Move the key vault ${armIdParts(vaultId).name} to another tenant`,
    on: vaultId,
  };
  return tenantId === undefined
    ? {
        ...operation,
        operations: [],
        unread: "Azure did not say which tenant the policy's identity is in, so what this does is not known.",
      }
    : {
        ...operation,
        operations: [{ what: 'vaultSet', vaultId, set: { tenantId: ANOTHER_TENANT } }],
      };
}

function switched({ facts }: PreviewChain, vaultId: string): Listed {
  const model = modelOf(facts);
  if (model === undefined) return [];
  const to = model === 'rbac' ? 'access policies' : 'role assignments';
  return [
    {
      id: operationId('permission-model-switched', vaultId),
      what: `Switch the permission model of the key vault ${armIdParts(vaultId).name} to ${to}`,
      on: vaultId,
      operations: [{ what: 'vaultSet', vaultId, set: { rbac: model !== 'rbac' } }],
    },
  ];
}
