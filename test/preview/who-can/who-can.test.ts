import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { guidOf } from '../../../dev/azure-simulator/world/ids.ts';
import {
  CONTRIBUTOR,
  KEY_VAULT_ADMINISTRATOR,
  OWNER,
  USER_ACCESS_ADMINISTRATOR,
} from '../../../dev/azure-simulator/world/roles.ts';
import { seedWorld } from '../../../dev/azure-simulator/world/seed.ts';
import type { World } from '../../../dev/azure-simulator/world/world.ts';
import { unknown } from '../../../shared/azure/outcome.ts';
import { cannotSee } from '../../../shared/preview/who-can/cannot-see.ts';
import { countWhoCanLock } from '../../../shared/preview/who-can/count-who-can-lock.ts';
import { holdersOf } from '../../../shared/preview/who-can/holders.ts';
import {
  LOCKING_OPERATIONS,
  type LockingOperationId,
  OPERATIONS_OF,
} from '../../../shared/preview/who-can/locking-operations.ts';
import { onKey } from '../../../shared/preview/who-can/right.ts';
import { whoCan } from '../../../shared/preview/who-can/who-can.ts';
import { whoCanHelp } from '../../../shared/preview/who-can/who-can-help.ts';
import { TRIGGERS } from '../../../shared/triggers/register.ts';
import { KEY_VAULT_READER } from './random-world.ts';
import { rightsIn } from './world-rights.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const NOW_TEXT = '2026-11-23T12:00:00Z';
const EVE = guidOf('person eve');
const isEditRole = ({ operation }: { operation: string }) => operation === 'edit-role';

/** Contoso without its people: whoever is listed was put there by the test. */
function quiet(change: (world: World) => void = () => {}): World {
  const world = seedWorld(NOW);
  const people = new Set([...world.people.map(({ objectId }) => objectId), guidOf('group vault operators')]);
  world.roleAssignments = world.roleAssignments.filter(({ principalId }) => !people.has(principalId));
  world.eligibleAssignments = [];
  change(world);
  return world;
}
const vaultOf = (world: World, name: string) =>
  world.vaults.find((one) => one.name === name) ?? assert.fail(name);
const give = (world: World, roleId: string, scope: string, more: object = {}) =>
  world.roleAssignments.push({
    id: guidOf(`given ${roleId} ${scope}`),
    scope,
    principalId: EVE,
    principalType: 'User',
    roleId,
    createdAt: 0,
    ...more,
  });
async function eveOf(world: World, policy: string, operation: LockingOperationId) {
  const found = whoCan([await rightsIn(world, policy)]).find((one) => one.operation === operation);
  return found?.holders.find(({ principalId }) => principalId === EVE);
}

/** Names of the trigger register that are the same operation as one of the list, or that nobody does on purpose. */
const MEANS: Readonly<Record<string, readonly LockingOperationId[] | string>> = {
  'Microsoft.Authorization/roleAssignments/': ['remove-role-assignment'],
  'Microsoft.Authorization/roleDefinitions/': ['edit-role'],
  'Microsoft.Authorization/denyAssignments/': ['deny-identity'],
  'Microsoft.KeyVault/vaults/accessPolicies/write': ['remove-access-policy'],
  'Microsoft.KeyVault/vaults/write': ['close-network', 'switch-permission-model', 'remove-access-policy'],
  'Microsoft.KeyVault/vaults/delete': ['delete-vault'],
  'Microsoft.Resources/subscriptions/resourceGroups/delete': ['delete-resource-group', 'delete-policy-group'],
  'Microsoft.Resources/subscriptions/resourceGroups/moveResources/action': ['move-vault', 'move-policy'],
  'Microsoft.PowerPlatform/enterprisePolicies/delete': ['delete-policy'],
  'Microsoft.PowerPlatform/enterprisePolicies/write': ['change-policy'],
  'Microsoft.Network/networkSecurityPerimeters/': ['join-perimeter'],
  KeyUpdate: ['update-key'],
  KeyDelete: ['delete-key'],
  KeyPurge: ['purge-key'],
  KeyCreate: ['add-key-version'],
  KeyImport: ['add-key-version'],
  VaultDelete: ['delete-vault'],
  VaultPut: ['close-network', 'switch-permission-model'],
  VaultPatch: ['close-network', 'switch-permission-model'],
  'Microsoft.KeyVault.KeyNewVersionCreated': ['add-key-version'],
  'Microsoft.KeyVault.VaultAccessPolicyChanged': ['remove-access-policy', 'switch-permission-model'],
  VaultAccessPolicyChangedEventGridNotification: ['remove-access-policy'],
  'Microsoft.KeyVault/vaults/keys/write': 'it makes keys and changes none ("Keys - Create If Not Exist")',
  'Microsoft.KeyVault/vaults/privateEndpointConnections/': 'it takes nobody’s access away',
  'Microsoft.KeyVault/vaults/privateEndpointConnectionsApproval/action': 'it takes nobody’s access away',
  'Microsoft.KeyVault.KeyExpired': 'time does it',
  'Microsoft.KeyVault.KeyNearExpiry': 'time does it',
  KeyRotate: 'the new version can be used, and the one before it still is',
  KeyRestore: 'it needs a name that no key has',
  KeyRecover: 'it brings a key back',
  VaultRecover: 'it brings a vault back; its role assignments went when it was deleted',
};

describe('the operations of the list', () => {
  it('are those that the triggers name, each of them or the reason why not', () => {
    for (const { id, operations } of TRIGGERS)
      for (const name of operations.change) {
        if (operations.onlyEnd?.includes(name)) continue;
        const means = MEANS[name];
        assert.ok(means !== undefined, `${id}: ${name}`);
        if (typeof means === 'string') continue;
        const listed = OPERATIONS_OF[id];
        const isListed = means.some((one) => listed.includes(one));
        // A policy that is pointed elsewhere is of the key's triggers, and of the permissions'.
        assert.ok(isListed, `${id}: ${name} is none of ${listed.join(', ')}`);
      }
  });

  it('are each of a trigger', () => {
    const used = new Set(Object.values(OPERATIONS_OF).flat());
    assert.deepEqual(
      Object.keys(LOCKING_OPERATIONS).filter((id) => !used.has(id as LockingOperationId)),
      [],
    );
  });
});

describe('who holds a right', () => {
  it('a Contributor of the subscription closes the network and deletes the vault, and touches no key under Azure RBAC', async () => {
    const world = quiet((draft) => give(draft, CONTRIBUTOR, `/subscriptions/${draft.subscriptions[0]?.id}`));
    assert.equal((await eveOf(world, 'ep-finance', 'close-network'))?.how, 'now');
    assert.equal((await eveOf(world, 'ep-finance', 'delete-vault'))?.how, 'now');
    for (const operation of ['update-key', 'switch-permission-model', 'remove-role-assignment'] as const)
      assert.equal(await eveOf(world, 'ep-finance', operation), undefined, operation);
  });

  it('under access policies the same Contributor writes an entry of their own first', async () => {
    const world = quiet((draft) => give(draft, CONTRIBUTOR, `/subscriptions/${draft.subscriptions[1]?.id}`));
    assert.equal((await eveOf(world, 'ep-sales', 'update-key'))?.how, 'inTwoSteps');
    assert.equal((await eveOf(world, 'ep-sales', 'remove-access-policy'))?.how, 'now');
  });

  it('the grants of the other permission model count for nothing', async () => {
    const world = quiet((draft) => {
      vaultOf(draft, 'kv-contoso-eu').accessPolicies.push({ objectId: EVE, keys: ['all'] });
      give(draft, KEY_VAULT_ADMINISTRATOR, vaultOf(draft, 'kv-contoso-us').id);
    });
    assert.equal(await eveOf(world, 'ep-finance', 'delete-key'), undefined);
    assert.equal(await eveOf(world, 'ep-sales', 'delete-key'), undefined);
  });

  it('an entry of another tenant grants nothing, and one for an application names it', async () => {
    const rights = await rightsIn(quiet(), 'ep-sales');
    const entry = { objectId: EVE, keys: ['delete'] };
    const held = (more: object) =>
      holdersOf({ ...rights, accessPolicies: [{ ...entry, ...more }] }, onKey('delete')).get(EVE);
    assert.equal(held({})?.how, 'now');
    assert.equal(held({ tenantId: guidOf('tenant fabrikam') }), undefined);
    assert.equal(held({ applicationId: 'app-1' })?.through[0]?.application, 'app-1');
  });

  it('a condition is shown, and does not count where Azure wants an unrestricted right', async () => {
    const world = quiet((draft) =>
      give(draft, OWNER, vaultOf(draft, 'kv-contoso-eu').id, {
        condition: { text: 'only Reader', roleIds: [] },
      }),
    );
    const removes = await eveOf(world, 'ep-finance', 'remove-role-assignment');
    assert.deepEqual([removes?.how, removes?.through[0]?.condition], ['now', 'only Reader']);
    assert.equal((await eveOf(world, 'ep-finance', 'switch-permission-model'))?.how, 'inTwoSteps');
  });

  it('a deny assignment for everyone leaves those whom it exempts, and is said where only Azure can tell', async () => {
    const world = quiet((draft) => {
      const { id } = vaultOf(draft, 'kv-contoso-eu');
      give(draft, OWNER, id);
      const denial = { scope: id, dataActions: [], actions: ['Microsoft.KeyVault/vaults/delete'] };
      const everyone = '00000000-0000-0000-0000-000000000000';
      draft.denyAssignments.push({
        ...denial,
        id: guidOf('denial'),
        name: 'no deletions',
        principalId: everyone,
        principalType: 'SystemDefined',
      });
    });
    assert.equal(await eveOf(world, 'ep-finance', 'delete-vault'), undefined);
    assert.equal((await eveOf(world, 'ep-finance', 'close-network'))?.how, 'now');
    const [denial] = world.denyAssignments;
    assert.ok(denial);
    denial.excluded = [EVE];
    assert.equal((await eveOf(world, 'ep-finance', 'delete-vault'))?.how, 'now');
    Object.assign(denial, { principalId: guidOf('some group'), principalType: 'Group', excluded: [] });
    assert.deepEqual((await eveOf(world, 'ep-finance', 'delete-vault'))?.perhapsDenied, ['no deletions']);
  });

  it('whoever may delete the only grant that unwraps is listed, though another one reads keys', async () => {
    const world = quiet((draft) => {
      give(draft, USER_ACCESS_ADMINISTRATOR, vaultOf(draft, 'kv-contoso-eu').id);
      draft.roleDefinitions.push(KEY_VAULT_READER);
      give(draft, KEY_VAULT_READER.id, `/subscriptions/${draft.subscriptions[0]?.id}`, {
        principalId: draft.policies.find(({ name }) => name === 'ep-finance')?.principalId,
      });
    });
    assert.equal((await eveOf(world, 'ep-finance', 'remove-role-assignment'))?.how, 'now');
  });

  it('of two grants that both unwrap, the right on one is not enough', async () => {
    const world = quiet((draft) => {
      give(draft, USER_ACCESS_ADMINISTRATOR, vaultOf(draft, 'kv-contoso-eu').id);
      give(draft, KEY_VAULT_ADMINISTRATOR, `/subscriptions/${draft.subscriptions[0]?.id}`, {
        principalId: draft.policies.find(({ name }) => name === 'ep-finance')?.principalId,
      });
    });
    assert.equal(await eveOf(world, 'ep-finance', 'remove-role-assignment'), undefined);
  });

  it('a custom role that alone unwraps can be edited, whatever else reads keys', async () => {
    const before = whoCan([await rightsIn(quiet(), 'ep-people')]).find(isEditRole);
    assert.ok(before !== undefined && before.unknown === null);
    const world = quiet((draft) => {
      draft.roleDefinitions.push(KEY_VAULT_READER);
      give(draft, KEY_VAULT_READER.id, `/subscriptions/${draft.subscriptions[0]?.id}`, {
        principalId: draft.policies.find(({ name }) => name === 'ep-people')?.principalId,
      });
    });
    assert.deepEqual(whoCan([await rightsIn(world, 'ep-people')]).find(isEditRole)?.needs, before.needs);
  });

  it('where the grants of the identity could not be read, the operations are listed as not known', async () => {
    const rights = await rightsIn(quiet(), 'ep-finance');
    const permission = unknown('forbidden', 'It needs Reader.', NOW_TEXT);
    const blind = { ...rights, facts: { ...rights.facts, permission } };
    for (const id of ['remove-role-assignment', 'edit-role'] as const)
      assert.match(
        whoCan([blind]).find(({ operation }) => operation === id)?.unknown ?? 'missing',
        /^The role assignments of the policy's identity could not be read: It needs Reader\.$/,
      );
    assert.match(
      cannotSee([blind]).join('\n'),
      /identity of the policy ep-finance use the key: It needs Reader/,
    );
    assert.equal(countWhoCanLock([blind]).isPartial, true);
    const policy = unknown('throttled', 'Azure throttled it.', NOW_TEXT);
    const { vault: _vault, ...without } = { ...rights, facts: { ...rights.facts, policy } };
    assert.match(cannotSee([without]).join('\n'), /key vault of the policy ep-finance is not known/);
  });

  it('a role of the identity that could not be read leaves the editing of roles not known', async () => {
    const rights = await rightsIn(quiet(), 'ep-people');
    assert.ok(rights.vault);
    const blind = { ...rights, vault: { ...rights.vault, roles: new Map() } };
    assert.match(whoCan([blind]).find(isEditRole)?.unknown ?? 'missing', /could not be read/);
  });

  it('nobody is said to hold a right where the assignments could not be read: it is not known', async () => {
    const rights = await rightsIn(quiet(), 'ep-finance');
    assert.ok(rights.vault);
    const unreadable = unknown('forbidden', 'It needs Reader.', '2026-11-23T12:00:00Z');
    const blind = { ...rights, vault: { ...rights.vault, assignments: { unreadable } } };
    const found = whoCan([blind]).find(({ operation }) => operation === 'delete-vault');
    assert.deepEqual([found?.unknown, found?.holders], ['It needs Reader.', []]);
    assert.match(cannotSee([blind]).join('\n'), /Role assignments: It needs Reader/);
    assert.equal(countWhoCanLock([blind]).isPartial, true);
  });
});

describe('the number of principals who can lock environments', () => {
  it('counts each principal once, and not those who hold only what is refused to everybody', async () => {
    const before = countWhoCanLock([await rightsIn(quiet(), 'ep-finance')]);
    const world = quiet((draft) => give(draft, CONTRIBUTOR, `/subscriptions/${draft.subscriptions[0]?.id}`));
    const all = await Promise.all(['ep-finance', 'ep-people'].map((name) => rightsIn(world, name)));
    const after = countWhoCanLock(all);
    assert.deepEqual(
      after.able.filter((id) => !before.able.includes(id)),
      [EVE],
    );
    assert.equal(after.isPartial, false);
    const purger = quiet((draft) => {
      const role = draft.roleDefinitions.find(({ id }) => id === CONTRIBUTOR);
      Object.assign(role ?? {}, { actions: ['Microsoft.KeyVault/locations/deletedVaults/purge/action'] });
      give(draft, CONTRIBUTOR, `/subscriptions/${draft.subscriptions[0]?.id}`);
    });
    const refused = countWhoCanLock([await rightsIn(purger, 'ep-finance')]);
    assert.ok(!refused.able.includes(EVE), 'purge protection refuses it');
  });
});

describe('whom a lock stops', () => {
  const LOCKS = 'Microsoft.Authorization/locks/*';
  const locked = (actions: string[]) =>
    quiet((draft) => {
      const { id } = vaultOf(draft, 'kv-contoso-eu');
      const role = draft.roleDefinitions.find((one) => one.id === CONTRIBUTOR);
      Object.assign(role ?? {}, { actions, notActions: [] });
      give(draft, CONTRIBUTOR, id);
      draft.locks = [{ ...(draft.locks[0] ?? assert.fail('no lock')), scope: id, level: 'ReadOnly' }];
    });
  const countIn = async (world: World) => countWhoCanLock([await rightsIn(world, 'ep-finance')]);

  it('is not counted, unless they may delete that lock: then in two steps', async () => {
    const stopped = await countIn(locked(['Microsoft.KeyVault/vaults/delete']));
    assert.deepEqual([stopped.able.includes(EVE), stopped.inTwoSteps.includes(EVE)], [false, false]);
    const unlocks = await countIn(locked(['Microsoft.KeyVault/vaults/delete', LOCKS]));
    assert.deepEqual([unlocks.able.includes(EVE), unlocks.inTwoSteps.includes(EVE)], [false, true]);
  });
});

describe('who can help', () => {
  it('names the holders of each step, and those who may read the policy for re-enabling', async () => {
    const world = quiet((draft) => give(draft, KEY_VAULT_ADMINISTRATOR, vaultOf(draft, 'kv-contoso-eu').id));
    const help = whoCanHelp(await rightsIn(world, 'ep-finance'), ['key-disabled', 'key-version-disabled']);
    assert.deepEqual(
      help.map(({ title, holders }) => [title, holders.some(({ principalId }) => principalId === EVE)]),
      [
        ['Enable the key again, or correct its dates and operations', true],
        ['Re-enable the environments in the Power Platform admin center, once access is back', false],
      ],
    );
    const types = help[1]?.holders.map(({ principalType }) => principalType) ?? [];
    assert.ok(!types.includes('ServicePrincipal'), 'an application re-enables nothing');
  });
});
