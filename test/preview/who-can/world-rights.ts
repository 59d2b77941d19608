import assert from 'node:assert/strict';
import {
  denyAssignmentBody,
  roleAssignmentBody,
  roleDefinitionBody,
  vaultBody,
} from '../../../dev/azure-simulator/http/arm-bodies.ts';
import { eligibilityBody, lockBody } from '../../../dev/azure-simulator/http/arm-guard-bodies.ts';
import { isAtOrAbove, principalsOf } from '../../../dev/azure-simulator/world/access.ts';
import { findVault, linkedEnvironments, type World } from '../../../dev/azure-simulator/world/world.ts';
import type { ArmSession } from '../../../shared/azure/arm-client.ts';
import { isUnder } from '../../../shared/azure/arm-id.ts';
import type { Outcome } from '../../../shared/azure/outcome.ts';
import type { Part } from '../../../shared/azure/part.ts';
import type { Facts } from '../../../shared/facts/facts.ts';
import { readPermission } from '../../../shared/facts/permission-reader.ts';
import type { PolicyRights } from '../../../shared/facts/rights.ts';
import { rightsReader } from '../../../shared/facts/rights-reader.ts';
import { readVault } from '../../../shared/facts/vault.ts';
import { environment } from '../../triggers/a-reading.ts';

const AT = '2026-11-23T12:00:00.000Z';
const PROVIDER = /^(.*)\/providers\/Microsoft\.Authorization\/(\w+)(?:\/([^/]+))?$/i;

/** The wire format of a world without the wire: what the simulator would answer the product's own readers. */
export function armOf(world: World): ArmSession {
  const answered = <T>(value: T): Outcome<T> => ({ kind: 'answered', value, askedAt: AT, at: AT });
  const missing: Outcome<never> = {
    kind: 'refused',
    what: 'GET',
    status: 404,
    code: 'ResourceNotFound',
    text: '',
    at: AT,
  };
  return {
    clock: { now: () => AT, nowMs: () => Date.parse(AT) } as ArmSession['clock'],
    async get(id) {
      const [, scope = '', type, name] = PROVIDER.exec(id) ?? [];
      const role = type === 'roleDefinitions' && world.roleDefinitions.find((one) => one.id === name);
      return role ? answered(roleDefinitionBody(world, role, scope)) : missing;
    },
    async list(id, query) {
      const [, scope = '', type] = PROVIDER.exec(id) ?? [];
      const assigned = /assignedTo\('([^']+)'\)/.exec(decodeURIComponent(query))?.[1];
      const reach = <T extends { scope: string; principalId?: string }>(items: readonly T[]) =>
        items
          .filter((one) => isAtOrAbove(world, one.scope, scope) || isUnder(one.scope, scope))
          .filter(
            ({ principalId = '' }) =>
              assigned === undefined || principalsOf(world, assigned).includes(principalId.toLowerCase()),
          );
      switch (type) {
        case 'roleAssignments':
          return answered(reach(world.roleAssignments).map((one) => roleAssignmentBody(world, one)));
        case 'roleEligibilityScheduleInstances':
          return answered(reach(world.eligibleAssignments).map((one) => eligibilityBody(world, one)));
        case 'denyAssignments':
          return answered(reach(world.denyAssignments).map(denyAssignmentBody));
        case 'locks':
          return answered(reach(world.locks).map(lockBody));
        default:
          return assert.fail(`${type} is not listed`);
      }
    },
    keyVault: {
      vault: async (id: string) => {
        const vault = findVault(world, id);
        return vault ? answered(vaultBody(vault, world.tenantId)) : missing;
      },
    } as unknown as ArmSession['keyVault'],
  };
}

/** The rights around one policy of the world, as the product reads them. */
export async function rightsIn(world: World, policyName: string): Promise<PolicyRights> {
  const arm = armOf(world);
  const policy = [...world.policies, ...world.deletedPolicies].find(({ name }) => name === policyName);
  assert.ok(policy?.keyStoreId !== undefined && policy.keyName !== undefined);
  const { keyStoreId: vaultId, keyName, principalId } = policy;
  const known = <T>(value: T): Part<T> => ({ state: 'known', value, readAt: AT });
  const vault = await readVault(arm, vaultId);
  const environments = linkedEnvironments(world, policy.id).map(({ id }) => environment(id));
  const facts: Facts = {
    policyId: policy.id,
    readAt: AT,
    policy: known({
      id: policy.id,
      name: policy.name,
      geo: policy.geo,
      tenantId: world.tenantId,
      principalId,
      vaultId,
      managedHsm: false,
      keyName,
      ...(policy.keyVersion === undefined ? {} : { keyVersion: policy.keyVersion }),
    }),
    vault: vault.part,
    deletedVault: { state: 'unknown', reason: 'follows', detail: '', readAt: AT },
    key: { state: 'unknown', reason: 'follows', detail: '', readAt: AT },
    permission: await readPermission(arm, { vaultId, keyName, principalId, tenantId: world.tenantId }, vault),
    environments: known({ source: 'powerPlatform', asOf: AT, environments }),
  };
  return { ...(await rightsReader(arm)(facts, {})), linkedEnvironments: environments.length };
}
