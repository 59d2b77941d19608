import { sameId } from '../../../shared/azure/arm-id.ts';
import type { SimulatorState } from '../state.ts';
import { whyUnusable } from '../world/apply-locks.ts';
import { linkedEnvironments, type Policy } from '../world/world.ts';

interface PolicyForPeople {
  name: string;
  id: string;
  kind: string;
  deleted: boolean;
  health: string;
  /** The reason why its key can't be changed here: it has none, or one outside this simulation. */
  notSimulated?: string;
  /** The reason why the identity can't use its key; none where it can. */
  outOfReach?: string;
  vault?: string;
  vaultDeleted: boolean;
  key?: string;
  /** The version that it names; none: always the current one. */
  keyVersion?: string;
  environments: { id: string; name: string; sku: string; region: string; runtime: string }[];
}

/** The tenant as a person would describe it. */
export function stateForPeople(state: SimulatorState) {
  const world = state.current();
  const describe = (policy: Policy, deleted: boolean): PolicyForPeople => {
    const vault = [...world.vaults, ...world.deletedVaults.map((entry) => entry.vault)].find((candidate) =>
      sameId(candidate.id, policy.keyStoreId),
    );
    return {
      name: policy.name,
      id: policy.id,
      kind: policy.kind,
      deleted,
      health: policy.health,
      notSimulated: whyNotSimulated(policy),
      outOfReach: deleted ? 'the policy is gone' : whyUnusable(world, policy, state.now()),
      vault: vault?.name ?? policy.keyStoreId?.split('/').at(-1),
      vaultDeleted: world.deletedVaults.some((entry) => entry.vault === vault),
      key: policy.keyName,
      keyVersion: policy.keyVersion,
      environments: linkedEnvironments(world, policy.id).map(({ id, name, sku, geo, runtime }) => ({
        id,
        name,
        sku,
        region: geo,
        runtime,
      })),
    };
  };
  const remade = (policy: Policy) => world.policies.some((candidate) => sameId(candidate.id, policy.id));
  return {
    at: new Date(state.now()).toISOString(),
    tenantId: world.tenantId,
    subscriptions: world.subscriptions,
    policies: [
      ...world.policies.map((policy) => describe(policy, false)),
      ...world.deletedPolicies.filter((policy) => !remade(policy)).map((policy) => describe(policy, true)),
    ],
    vaults: world.vaults.map(({ keys, deletedKeys, ...vault }) => ({
      ...vault,
      keys: keys.map((key) => ({ name: key.name, versions: key.versions })),
      deletedKeys: deletedKeys.map((key) => key.name),
    })),
    deletedVaults: world.deletedVaults.map(({ vault, deletedAt, purgeAt }) => ({
      name: vault.name,
      id: vault.id,
      deletedAt: new Date(deletedAt).toISOString(),
      scheduledPurgeDate: new Date(purgeAt).toISOString(),
    })),
    unlinkedEnvironments: world.environments
      .filter(({ link }) => !link)
      .map(({ id, name, sku }) => ({ id, name, sku })),
    people: world.people.map(({ key, name, upn, role }) => ({ key, name, upn, role })),
  };
}

function whyNotSimulated({ kind, keyStoreId }: Policy): string | undefined {
  if (kind !== 'Encryption') return `${kind}: it has no key`;
  return /\/managedHSMs\//i.test(keyStoreId ?? '') ? 'Managed HSM, which is not simulated' : undefined;
}

/** The answer of `GET /state`. */
export type StateForPeople = ReturnType<typeof stateForPeople>;
