import { guidOf, resourceGroupId } from './ids.ts';
import {
  CONTRIBUTOR,
  CRYPTO_OFFICER,
  KEY_VAULT_ADMINISTRATOR,
  KEY_VAULT_CONTRIBUTOR,
  OWNER,
  READER,
  USER_ACCESS_ADMINISTRATOR,
} from './roles.ts';
import { AZURE_PORTAL, personOf } from './seed-people.ts';
import { findVault, type World, type WorldRoleAssignment } from './world.ts';

/** The people whose rights differ, by what they may do. */
const PEOPLE = {
  olga: 'Owner of the production subscription',
  connie: 'Contributor of the Americas subscription',
  kofi: 'Key Vault Contributor of the groups that hold the keys',
  cleo: 'Key Vault Crypto Officer of the key cmk-finance',
  uma: 'User Access Administrator of the production subscription, for the role Reader alone',
  ravi: 'Reader of both subscriptions',
  gwen: 'member of the groups grp-vault-operators and grp-vault-administrators',
  ade: 'entry in the access policies of kv-contoso-us',
  pia: 'eligible for Owner of the Americas subscription',
} as const;
type PersonKey = keyof typeof PEOPLE;
const NAMES: Readonly<Record<PersonKey, string>> = {
  olga: 'Olga Marchetti',
  connie: 'Connie Abara',
  kofi: 'Kofi Mensah',
  cleo: 'Cleo Lindqvist',
  uma: 'Uma Raghavan',
  ravi: 'Ravi Castellanos',
  gwen: 'Gwen Takahashi',
  ade: 'Ade Novak',
  pia: 'Pia Sandoval',
};

/** "Examples to delegate Azure role assignment management with conditions": constrain roles. */
const ONLY_READER = `((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR (@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${READER}})) AND ((!(ActionMatches{'Microsoft.Authorization/roleAssignments/delete'})) OR (@Resource[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${READER}}))`;

/** Adds people with different rights around the keys, in both permission models. The given world is not changed. */
export function withPeopleOfRights(world: World, now: number): World {
  const next = structuredClone(world);
  const [eu = '', us = ''] = next.subscriptions.map(({ id }) => id);
  const subscription = (id: string) => `/subscriptions/${id}`;
  const group = (id: string, name: string) => resourceGroupId(id, name);
  const vault = (name: string) => next.vaults.find((one) => one.name === name)?.id ?? '';
  next.people.push(
    ...Object.entries(PEOPLE).map(([key, role]) =>
      personOf(key, NAMES[key as PersonKey], AZURE_PORTAL, '203.0.113.44', role),
    ),
  );
  const id = (key: PersonKey) => guidOf(`person ${key}`);
  const operators = guidOf('group vault operators');
  next.groups.push(
    { id: operators, name: 'grp-vault-operators', members: [id('gwen')] },
    { id: guidOf('group vault administrators'), name: 'grp-vault-administrators', members: [id('gwen')] },
  );
  const give = (
    principalId: string,
    roleId: string,
    scope: string,
    more: Partial<WorldRoleAssignment> = {},
  ): WorldRoleAssignment => ({
    id: guidOf(`right ${principalId} ${roleId} ${scope}`),
    scope,
    principalId,
    principalType: 'User',
    roleId,
    createdAt: now,
    ...more,
  });
  next.roleAssignments.push(
    give(id('olga'), OWNER, subscription(eu)),
    give(id('connie'), CONTRIBUTOR, subscription(us)),
    give(id('kofi'), KEY_VAULT_CONTRIBUTOR, group(eu, 'rg-keys-eu')),
    give(id('kofi'), KEY_VAULT_CONTRIBUTOR, group(us, 'rg-keys-us')),
    give(id('cleo'), CRYPTO_OFFICER, `${vault('kv-contoso-eu')}/keys/cmk-finance`),
    give(id('uma'), USER_ACCESS_ADMINISTRATOR, subscription(eu), {
      condition: { text: ONLY_READER, roleIds: [READER] },
    }),
    give(id('ravi'), READER, subscription(eu)),
    give(id('ravi'), READER, subscription(us)),
    give(operators, KEY_VAULT_ADMINISTRATOR, group(eu, 'rg-keys-apps'), { principalType: 'Group' }),
  );
  next.eligibleAssignments.push(give(id('pia'), OWNER, subscription(us)));
  findVault(next, vault('kv-contoso-us'))?.accessPolicies.push({
    objectId: id('ade'),
    keys: ['get', 'list', 'update', 'delete', 'recover'],
  });
  return next;
}
