import { sameId } from '../../../shared/azure/arm-id.ts';
import { guidOf } from '../world/ids.ts';
import { CMK_DATA_ACTIONS, CRYPTO_SERVICE_ENCRYPTION_USER } from '../world/roles.ts';
import { CUSTOM_ROLE } from '../world/seed.ts';
import type { Policy, Vault, World, WorldRoleAssignment } from '../world/world.ts';
import {
  armEvent,
  liveVault,
  policyOf,
  type Scenario,
  type ScenarioOutcome,
  ScenarioRefusedError,
} from './scenario.ts';

const CMK_PERMISSIONS = ['get', 'wrapKey', 'unwrapKey'];
const ENTRA =
  'a change of group membership is Entra’s: neither Resource Manager nor Key Vault raises an event';
const ROLE_EVENT = 'Microsoft.Authorization/roleAssignments';
const EITHER = 'Microsoft.KeyVault/vaults/accessPolicies/write and VaultAccessPolicyChanged';
const MANAGEMENT_GROUP =
  'a role assignment at a management group reaches no subscription’s topic (Azure subscription as an Event Grid source)';

/**
 * Changes to the right to use the key: role assignments, access policies, groups, roles, deny assignments,
 * the model.
 */
export const PERMISSION_SCENARIOS: Scenario[] = [
  {
    name: 'permissions-revoked',
    line: 'Takes the policy’s identity out of the access policies, or its role assignments away.',
    raises: `${ROLE_EVENT}/delete; with access policies ${EITHER}; nothing for one at the management group`,
    perform(draft, { target }) {
      const policy = policyOf(target);
      const vault = liveVault(target);
      if (!vault.rbac) {
        const before = vault.accessPolicies.length;
        vault.accessPolicies = vault.accessPolicies.filter((entry) => entry.objectId !== policy.principalId);
        if (vault.accessPolicies.length === before) throw nothingToTake(policy);
        return accessPolicyChanged(vault, 'remove');
      }
      const taken = draft.roleAssignments.filter(
        (assignment) => assignment.principalId === policy.principalId,
      );
      if (taken.length === 0) throw nothingToTake(policy);
      draft.roleAssignments = draft.roleAssignments.filter((assignment) => !taken.includes(assignment));
      return assignmentEvents(draft, taken, 'Delete');
    },
  },
  ...(['grant-permissions', 'undo-permissions-revoked'] as const).map(
    (name): Scenario => ({
      name,
      line: 'Gives the policy’s identity get, wrap and unwrap in the vault’s permission model.',
      raises: `${ROLE_EVENT}/write; with access policies ${EITHER}`,
      perform(draft, { target, now }) {
        const policy = policyOf(target);
        const vault = liveVault(target);
        if (!vault.rbac) {
          vault.accessPolicies = vault.accessPolicies.filter(
            (entry) => entry.objectId !== policy.principalId,
          );
          vault.accessPolicies.push({ objectId: policy.principalId, keys: [...CMK_PERMISSIONS] });
          return accessPolicyChanged(vault, 'add');
        }
        const grant: WorldRoleAssignment = {
          id: guidOf(`grant ${policy.principalId} ${vault.id} ${now}`),
          scope: vault.id,
          principalId: policy.principalId,
          principalType: 'ServicePrincipal',
          roleId: CRYPTO_SERVICE_ENCRYPTION_USER,
          createdAt: now,
        };
        draft.roleAssignments.push(grant);
        return assignmentEvents(draft, [grant], 'Write');
      },
    }),
  ),
  {
    name: 'role-removed-through-group',
    line: 'Takes the policy’s identity out of the group that holds its role.',
    raises: null,
    silent: ENTRA,
    defaultPolicy: 'ep-apps',
    perform(draft, { target }) {
      const policy = policyOf(target);
      const group = draft.groups.find((candidate) => candidate.members.includes(policy.principalId));
      if (!group)
        throw new ScenarioRefusedError(409, `The identity of ${policy.name} is in no group.`, {
          field: 'policy',
        });
      group.members = group.members.filter((member) => member !== policy.principalId);
      return { events: [], audit: [], silent: ENTRA };
    },
  },
  {
    name: 'undo-role-removed-through-group',
    line: 'Puts the policy’s identity into the group again.',
    raises: null,
    silent: ENTRA,
    defaultPolicy: 'ep-apps',
    perform(draft, { target }) {
      const policy = policyOf(target);
      const [group] = draft.groups;
      if (group && !group.members.includes(policy.principalId)) group.members.push(policy.principalId);
      return { events: [], audit: [], silent: ENTRA };
    },
  },
  customRole(
    'custom-role-edited',
    'Takes unwrap out of the custom role “Contoso CMK Operator”.',
    (action) => !action.includes('/unwrap/'),
  ),
  customRole('undo-custom-role-edited', 'Puts unwrap back into the custom role.', () => true),
  {
    name: 'deny-assignment-added',
    line: 'A deny assignment at the vault takes unwrap from the policy’s identity, whatever its roles.',
    raises: 'Microsoft.Authorization/denyAssignments/write',
    perform(draft, { target, now }) {
      const policy = policyOf(target);
      const scope = liveVault(target).id;
      const denial = {
        id: guidOf(`deny ${policy.principalId} ${now}`),
        name: `Deny unwrap to ${policy.name}`,
        scope,
        principalId: policy.principalId,
        dataActions: ['Microsoft.KeyVault/vaults/keys/unwrap/action'],
      };
      draft.denyAssignments.push(denial);
      return {
        events: [armEvent('Write', 'Microsoft.Authorization/denyAssignments/write', denyId(denial))],
        audit: [],
      };
    },
  },
  ...(['deny-assignment-removed', 'undo-deny-assignment-added'] as const).map(
    (name): Scenario => ({
      name,
      line: 'Takes the policy’s deny assignments away.',
      raises: 'Microsoft.Authorization/denyAssignments/delete',
      perform(draft, { target }) {
        const policy = policyOf(target);
        const taken = draft.denyAssignments.filter((denial) => denial.principalId === policy.principalId);
        if (taken.length === 0)
          throw new ScenarioRefusedError(409, `There is no deny assignment for ${policy.name}.`, {
            field: 'policy',
          });
        draft.denyAssignments = draft.denyAssignments.filter((denial) => !taken.includes(denial));
        const operation = 'Microsoft.Authorization/denyAssignments/delete';
        return { events: taken.map((denial) => armEvent('Delete', operation, denyId(denial))), audit: [] };
      },
    }),
  ),
  ...(['permission-model-flipped', 'undo-permission-model-flipped'] as const).map(
    (name): Scenario => ({
      name,
      line: 'Switches the vault between role assignments and access policies; the other model’s grants don’t count.',
      raises: 'Microsoft.KeyVault/vaults/write and VaultAccessPolicyChanged',
      perform(_draft, { target }) {
        const vault = liveVault(target);
        vault.rbac = !vault.rbac;
        return {
          events: [
            armEvent('Write', 'Microsoft.KeyVault/vaults/write', vault.id),
            { from: 'keyVault', type: 'VaultAccessPolicyChanged', vaultId: vault.id },
          ],
          audit: [{ operation: 'VaultPatch', vaultId: vault.id, status: 200, rbac: vault.rbac }],
        };
      },
    }),
  ),
];

export function assignmentId(assignment: WorldRoleAssignment): string {
  return `${assignment.scope}/providers/Microsoft.Authorization/roleAssignments/${assignment.id}`;
}

export function assignmentEvents(
  world: World,
  assignments: WorldRoleAssignment[],
  verb: 'Write' | 'Delete',
): ScenarioOutcome {
  const heard = assignments.filter((assignment) => !sameId(assignment.scope, world.managementGroupId));
  return {
    events: heard.map((assignment) =>
      armEvent(verb, `${ROLE_EVENT}/${verb.toLowerCase()}`, assignmentId(assignment)),
    ),
    audit: [],
    silent: heard.length === 0 ? MANAGEMENT_GROUP : undefined,
  };
}

function accessPolicyChanged(vault: Vault, what: 'add' | 'remove'): ScenarioOutcome {
  return {
    events: [
      armEvent(
        'Write',
        'Microsoft.KeyVault/vaults/accessPolicies/write',
        `${vault.id}/accessPolicies/${what}`,
      ),
      { from: 'keyVault', type: 'VaultAccessPolicyChanged', vaultId: vault.id },
    ],
    audit: [{ operation: 'VaultPatch', vaultId: vault.id, status: 200 }],
  };
}

function customRole(name: string, line: string, keep: (action: string) => boolean): Scenario {
  return {
    name,
    line,
    raises: 'Microsoft.Authorization/roleDefinitions/write',
    defaultPolicy: 'ep-people',
    perform(draft) {
      const role = draft.roleDefinitions.find((candidate) => candidate.id === CUSTOM_ROLE);
      if (!role) throw new ScenarioRefusedError(409, 'The custom role is gone.');
      role.dataActions = CMK_DATA_ACTIONS.filter(keep);
      const subscription = draft.subscriptions[0]?.id ?? '';
      const resource = `/subscriptions/${subscription}/providers/Microsoft.Authorization/roleDefinitions/${role.id}`;
      return {
        events: [armEvent('Write', 'Microsoft.Authorization/roleDefinitions/write', resource)],
        audit: [],
      };
    },
  };
}

function denyId(denial: { scope: string; id: string }): string {
  return `${denial.scope}/providers/Microsoft.Authorization/denyAssignments/${denial.id}`;
}

function nothingToTake(policy: Policy): ScenarioRefusedError {
  return new ScenarioRefusedError(
    409,
    `The identity of ${policy.name} holds no direct permission that could be taken.`,
    {
      field: 'policy',
    },
  );
}
