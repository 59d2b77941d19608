import type { Arbitrary } from 'fast-check';
import fc from 'fast-check';
import { guidOf } from '../../../dev/azure-simulator/world/ids.ts';
import {
  BUILT_IN_ROLES,
  CRYPTO_SERVICE_ENCRYPTION_USER,
  READER,
} from '../../../dev/azure-simulator/world/roles.ts';
import {
  findVault,
  type World,
  type WorldDenyAssignment,
  type WorldRoleAssignment,
  type WorldRoleDefinition,
} from '../../../dev/azure-simulator/world/world.ts';

const ACTIONS = [
  '*',
  '*/delete',
  '*/write',
  'Microsoft.KeyVault/*',
  'microsoft.keyvault/vaults/WRITE',
  'Microsoft.KeyVault/vaults/accessPolicies/write',
  'Microsoft.KeyVault/locations/deletedVaults/purge/action',
  'Microsoft.Authorization/*',
  'Microsoft.Authorization/roleAssignments/*',
  'Microsoft.Authorization/roleDefinitions/write',
  'Microsoft.PowerPlatform/enterprisePolicies/*',
  'Microsoft.Resources/subscriptions/resourceGroups/*',
];
const DATA_ACTIONS = [
  '*',
  'Microsoft.KeyVault/vaults/keys/*',
  'Microsoft.KeyVault/vaults/keys/*/action',
  'Microsoft.KeyVault/vaults/keys/delete',
  'Microsoft.KeyVault/vaults/keys/update/action',
];
const CUSTOM = ['one', 'two', 'three'].map((name) => guidOf(`random role ${name}`));
const PEOPLE = ['ann', 'ben', 'cem'].map((name) => guidOf(`random person ${name}`));
const GROUPS = ['red', 'blue'].map((name) => guidOf(`random group ${name}`));
const EVERYONE = '00000000-0000-0000-0000-000000000000';
const POLICIES = ['ep-finance', 'ep-people', 'ep-sales', 'ep-empty', 'ep-field'];

const some = <T>(items: readonly T[], maxLength: number) =>
  fc.uniqueArray(fc.constantFrom(...items), { maxLength });
const customRole = fc.record({
  actions: some(ACTIONS, 3),
  notActions: some(ACTIONS.slice(1), 1),
  dataActions: some(DATA_ACTIONS, 1),
  notDataActions: some(DATA_ACTIONS.slice(2), 1),
});
const assignment = fc.record({
  who: fc.constantFrom(...PEOPLE, ...GROUPS),
  roleId: fc.constantFrom(...BUILT_IN_ROLES.map(({ id }) => id), ...CUSTOM, ...CUSTOM),
  at: fc.nat(8),
  isConditional: fc.boolean().map((yes) => yes),
  isRare: fc.nat(4),
});
const denial = fc.record({
  who: fc.constantFrom(...PEOPLE, ...GROUPS, EVERYONE),
  at: fc.nat(8),
  actions: some(ACTIONS, 1),
  dataActions: some(DATA_ACTIONS, 1),
  excluded: some(PEOPLE, 1),
});
const entry = fc.record({
  objectId: fc.constantFrom(...PEOPLE, ...GROUPS),
  keys: some(['update', 'delete', 'purge', 'recover', 'create', 'all', 'get'], 2),
});

/** "Azure built-in roles": it reads keys, and wraps and unwraps nothing. */
export const KEY_VAULT_READER: WorldRoleDefinition = {
  id: '21090545-7ca7-4776-b22c-e363652d74d2',
  name: 'Key Vault Reader',
  description: 'Read metadata of key vaults and their keys.',
  custom: false,
  actions: ['*/read'],
  notActions: [],
  dataActions: ['Microsoft.KeyVault/vaults/*/read'],
  notDataActions: [],
};
const ofIdentity = fc.record({
  roleId: fc.constantFrom(KEY_VAULT_READER.id, CRYPTO_SERVICE_ENCRYPTION_USER),
  at: fc.nat(3),
});

export interface RandomWorld {
  world: World;
  people: string[];
  policy: string;
}

/** A tenant whose people hold random rights around one policy, in either permission model. */
export function randomWorld(seed: World): Arbitrary<RandomWorld> {
  return fc
    .record({
      policy: fc.constantFrom(...POLICIES),
      rbac: fc.boolean(),
      roles: fc.tuple(customRole, customRole, customRole),
      members: fc.tuple(some(PEOPLE, 2), some(PEOPLE, 2)),
      assignments: fc.array(assignment, { maxLength: 6 }),
      eligible: fc.array(assignment, { maxLength: 2 }),
      denials: fc.array(denial, { maxLength: 2 }),
      ofIdentity: fc.array(ofIdentity, { maxLength: 2 }),
      entries: fc.uniqueArray(entry, { maxLength: 3, selector: ({ objectId }) => objectId }),
    })
    .map(
      ({
        policy: name,
        rbac,
        roles,
        members,
        assignments,
        eligible,
        denials,
        ofIdentity: more,
        entries,
      }): RandomWorld => {
        const world = structuredClone(seed);
        const policy = world.policies.find((one) => one.name === name);
        const vault = findVault(world, policy?.keyStoreId);
        if (policy === undefined || vault === undefined) throw new TypeError(name);
        vault.rbac = rbac;
        const above = (id: string) => [
          id.split('/').slice(0, 3).join('/'),
          id.split('/').slice(0, 5).join('/'),
        ];
        const scopes = [
          world.managementGroupId,
          ...above(vault.id),
          vault.id,
          `${vault.id}/keys/${policy.keyName}`,
          `${vault.id}/keys/another`,
          policy.id,
          ...above(policy.id),
        ];
        const at = (n: number) => scopes[n % scopes.length] ?? '';
        const seeded = new Set(world.people.map(({ objectId }) => objectId));
        const groups = new Set(
          world.groups.filter(({ name: group }) => /vault/.test(group)).map(({ id }) => id),
        );
        const isKept = ({ principalId }: { principalId: string }) =>
          !seeded.has(principalId) && !groups.has(principalId);
        const given = (n: number, one: (typeof assignments)[number]): WorldRoleAssignment => ({
          id: guidOf(`random assignment ${n}`),
          scope: at(one.at),
          principalId: one.who,
          principalType: GROUPS.includes(one.who) ? 'Group' : 'User',
          roleId: one.roleId,
          createdAt: 0,
          ...(one.isConditional && one.isRare === 0
            ? { condition: { text: 'a condition', roleIds: [READER] } }
            : {}),
        });
        world.groups.push(...GROUPS.map((id, n) => ({ id, name: `random ${n}`, members: members[n] ?? [] })));
        world.roleDefinitions.push(
          KEY_VAULT_READER,
          ...roles.map(
            (role, n): WorldRoleDefinition => ({
              ...role,
              id: CUSTOM[n] ?? '',
              name: `Random ${n}`,
              custom: true,
              description: '',
            }),
          ),
        );
        world.roleAssignments = [
          ...world.roleAssignments.filter(isKept),
          ...assignments.map((one, n) => given(n, one)),
          ...more.map(({ roleId, at: n }, index) => ({
            id: guidOf(`random grant ${index}`),
            scope: at(n),
            principalId: policy.principalId,
            principalType: 'ServicePrincipal' as const,
            roleId,
            createdAt: 0,
          })),
        ];
        world.eligibleAssignments = eligible.map((one, n) => given(100 + n, one));
        world.denyAssignments = denials.map(
          ({ who, at: n, ...rest }, index): WorldDenyAssignment => ({
            ...rest,
            id: guidOf(`random denial ${index}`),
            name: `denial ${index}`,
            scope: at(n),
            principalId: who,
            principalType: who === EVERYONE ? 'SystemDefined' : GROUPS.includes(who) ? 'Group' : 'User',
          }),
        );
        vault.accessPolicies = [
          ...vault.accessPolicies.filter(({ objectId }) => objectId === policy.principalId),
          ...entries,
        ];
        return { world, people: PEOPLE, policy: name };
      },
    );
}
