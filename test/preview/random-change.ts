import fc from 'fast-check';
import { assignmentId } from '../../dev/azure-simulator/scenarios/permissions.ts';
import { resourceGroupId } from '../../dev/azure-simulator/world/ids.ts';
import { CUSTOM_ROLE } from '../../dev/azure-simulator/world/seed.ts';
import type { World } from '../../dev/azure-simulator/world/world.ts';
import type { PlannedOperation } from '../../shared/preview/change.ts';
import {
  dataActions,
  date,
  EVERYBODY,
  holder,
  index,
  keyOperations,
  keyPermissions,
  network,
  nth,
  OTHER_TENANT,
  place,
  principalOf,
  ROLES,
  scopeOf,
} from './random-world.ts';

/** A change of what is in the world. Undefined: there is nothing of that kind in it. */
export type RandomChange = (world: World) => PlannedOperation | undefined;

const flag = fc.boolean();
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const vaultOf = (world: World, n: number) => nth(world.vaults, n);
const policyOf = (world: World, n: number) => nth(world.policies, n);

/** Each kind of operation that a plan can hold. */
const changes: readonly fc.Arbitrary<RandomChange>[] = [
  fc.record({ vault: index, set: network, part: fc.constantFrom(0, 1, 2, 3) }).map(
    ({ vault, set, part }): RandomChange =>
      (world) => {
        const some = [
          { publicNetworkAccess: set.publicNetworkAccess },
          { defaultAction: set.defaultAction },
          { bypass: set.bypass },
          set,
        ][part];
        return { what: 'vaultSet', vaultId: vaultOf(world, vault).id, set: some as object };
      },
  ),
  fc.record({ vault: index, rbac: flag }).map(
    ({ vault, rbac }): RandomChange =>
      (world) => ({ what: 'vaultSet', vaultId: vaultOf(world, vault).id, set: { rbac } }),
  ),
  fc.record({ vault: index, isOther: flag }).map(
    ({ vault, isOther }): RandomChange =>
      (world) => ({
        what: 'vaultSet',
        vaultId: vaultOf(world, vault).id,
        set: { tenantId: isOther ? OTHER_TENANT : world.tenantId },
      }),
  ),
  fc
    .record({
      vault: index,
      entries: fc.array(fc.record({ policy: index, to: holder, keys: keyPermissions }), { maxLength: 3 }),
    })
    .map(
      ({ vault, entries }): RandomChange =>
        (world) => {
          const named = entries.map(({ policy, to, keys }) => ({
            objectId: principalOf(to, policyOf(world, policy).principalId).principalId,
            tenantId: world.tenantId,
            keys,
          }));
          const accessPolicies = named.filter(
            ({ objectId }, n) => named.findIndex((one) => one.objectId === objectId) === n,
          );
          return { what: 'vaultSet', vaultId: vaultOf(world, vault).id, set: { accessPolicies } };
        },
    ),
  fc.record({ vault: index, access: fc.constantFrom('Enforced', 'Learning', 'none') }).map(
    ({ vault, access }): RandomChange =>
      (world) => ({ what: 'perimeterSet', vaultId: vaultOf(world, vault).id, access: access as 'none' }),
  ),
  fc
    .record({
      vault: index,
      version: optional(index),
      set: fc.record({
        enabled: optional(flag),
        expires: optional(fc.option(date)),
        notBefore: optional(fc.option(date)),
        keyOps: optional(keyOperations),
      }),
    })
    .map(
      ({ vault, version, set }): RandomChange =>
        (world) => {
          const { id, keys } = vaultOf(world, vault);
          const key = keys.find(({ name }) => name === 'cmk');
          if (!key) return undefined;
          const of = version === undefined ? {} : { version: nth(key.versions, version).id };
          const given = Object.fromEntries(Object.entries(set).filter(([, value]) => value !== undefined));
          return { what: 'keySet', vaultId: id, keyName: 'cmk', ...of, set: given };
        },
    ),
  fc.record({ vault: index, keyName: fc.constantFrom('cmk', 'cmk', 'cmk-2'), purges: flag }).map(
    ({ vault, keyName, purges }): RandomChange =>
      (world) => ({ what: 'keyDeleted', vaultId: vaultOf(world, vault).id, keyName, purges }),
  ),
  fc.record({ vault: index, purges: flag }).map(
    ({ vault, purges }): RandomChange =>
      (world) => ({ what: 'vaultDeleted', vaultId: vaultOf(world, vault).id, purges }),
  ),
  fc.record({ vault: index }).map(
    ({ vault }): RandomChange =>
      (world) => {
        const { subscriptionId, resourceGroup } = vaultOf(world, vault);
        return { what: 'resourceGroupDeleted', id: resourceGroupId(subscriptionId, resourceGroup) };
      },
  ),
  fc.record({ policy: index }).map(
    ({ policy }): RandomChange =>
      (world) => ({ what: 'policyDeleted', policyId: policyOf(world, policy).id }),
  ),
  fc.record({ policy: index, version: fc.option(index) }).map(
    ({ policy: n, version }): RandomChange =>
      (world) => {
        const policy = policyOf(world, n);
        const key = world.vaults
          .find(({ id }) => id === policy.keyStoreId)
          ?.keys.find(({ name }) => name === 'cmk');
        if (!key) return undefined;
        const keyVersion = version === null ? null : nth(key.versions, version).id;
        return { what: 'policySet', policyId: policy.id, set: { keyVersion } };
      },
  ),
  fc.record({ assignment: index }).map(
    ({ assignment }): RandomChange =>
      ({ roleAssignments, app }) => {
        const some = roleAssignments.filter(({ principalId }) => principalId !== app.objectId);
        return some.length === 0
          ? undefined
          : { what: 'roleAssignmentRemoved', id: assignmentId(nth(some, assignment)) };
      },
  ),
  fc.record({ policy: index, to: holder, at: place, role: fc.constantFrom(...ROLES) }).map(
    ({ policy, to, at, role }): RandomChange =>
      (world) => {
        const { principalId, keyStoreId } = policyOf(world, policy);
        const vault = world.vaults.find(({ id }) => id === keyStoreId);
        return (
          vault && {
            what: 'roleAssignmentAdded',
            scope: scopeOf(world, at, vault),
            ...principalOf(to, principalId),
            role,
          }
        );
      },
  ),
  dataActions.map(
    (some): RandomChange =>
      () => ({
        what: 'roleDefinitionSet',
        roleId: CUSTOM_ROLE,
        permissions: [{ dataActions: some, notDataActions: [] }],
      }),
  ),
  fc.record({ policy: index, isForAll: flag, at: place, actions: dataActions }).map(
    ({ policy, isForAll, at, actions }): RandomChange =>
      (world) => {
        const { principalId, keyStoreId } = policyOf(world, policy);
        const vault = world.vaults.find(({ id }) => id === keyStoreId);
        return (
          vault && {
            what: 'denyAssignmentAdded',
            scope: scopeOf(world, at, vault),
            principalIds: [isForAll ? EVERYBODY : principalId],
            permissions: [{ dataActions: actions, notDataActions: [] }],
          }
        );
      },
  ),
  fc.constant(
    (({ denyAssignments: [denial] }) =>
      denial && {
        what: 'denyAssignmentRemoved',
        id: `${denial.scope}/providers/Microsoft.Authorization/denyAssignments/${denial.id}`,
      }) satisfies RandomChange,
  ),
  fc.record({ vault: index, policy: index, to: holder, keys: keyPermissions }).map(
    ({ vault, policy, to, keys }): RandomChange =>
      (world) => {
        const { principalId: objectId } = principalOf(to, policyOf(world, policy).principalId);
        const entry = { objectId, tenantId: world.tenantId, keys };
        return { what: 'accessPolicySet', vaultId: vaultOf(world, vault).id, entry };
      },
  ),
  fc.record({ vault: index, entry: index }).map(
    ({ vault: n, entry }): RandomChange =>
      (world) => {
        const vault = vaultOf(world, n);
        if (vault.accessPolicies.length === 0) return undefined;
        const { objectId } = nth(vault.accessPolicies, entry);
        return { what: 'accessPolicyRemoved', vaultId: vault.id, objectId };
      },
  ),
  fc.constant(
    (({ locks: [lock] }) =>
      lock && {
        what: 'lockRemoved',
        id: `${lock.scope}/providers/Microsoft.Authorization/locks/${lock.name}`,
      }) satisfies RandomChange,
  ),
];

export const randomChange = fc.oneof(...changes);
