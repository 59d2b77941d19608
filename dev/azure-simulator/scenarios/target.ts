import { normalId, sameId } from '../../../shared/azure/arm-id.ts';
import { MAIN_POLICY } from '../world/seed.ts';
import type { Policy, Vault, World, WorldPerson } from '../world/world.ts';
import { type Scenario, ScenarioRefusedError, type Target } from './scenario.ts';

/** Names or ids, as the request has them. */
export interface ScenarioRequest {
  policy?: string;
  vault?: string;
  key?: string;
  environment?: string;
  /** Who did it, as Azure's logs name them. Their rights are not asked for. */
  actor?: string;
  /** Who does it: Azure refuses what they may not do. */
  as?: string;
}

/**
 * Finds a request's resources in the draft. A vault named alone selects its first key and the policy that
 * uses it. Throws `ScenarioRefusedError` (404) with the field and the available names.
 */
export function resolveTarget(draft: World, scenario: Scenario, request: ScenarioRequest): Target {
  const environment = request.environment
    ? pick('environment', request.environment, draft.environments)
    : undefined;
  const policies = [...draft.policies, ...draft.deletedPolicies];
  const vaults = [...draft.vaults, ...draft.deletedVaults.map((entry) => entry.vault)];

  const namedVault = request.vault ? pick('vault', request.vault, vaults) : undefined;
  const policy = request.policy
    ? pick('policy', request.policy, policies)
    : (policies.find((candidate) => sameId(candidate.id, environment?.link?.policyId)) ??
      (namedVault
        ? policyOnVault(policies, namedVault, request.key)
        : policies.find((candidate) => candidate.name === (scenario.defaultPolicy ?? MAIN_POLICY))));
  const vault = namedVault ?? vaults.find((candidate) => sameId(candidate.id, policy?.keyStoreId));
  const keyName = request.key ?? policy?.keyName ?? vault?.keys[0]?.name;
  const key = vault?.keys.find((candidate) => candidate.name.toLowerCase() === keyName?.toLowerCase());
  const deletedKey = vault?.deletedKeys.some(
    (candidate) => candidate.name.toLowerCase() === keyName?.toLowerCase(),
  );
  if (request.key && vault && !key && !deletedKey)
    throw unknown(
      'key',
      request.key,
      [...vault.keys, ...vault.deletedKeys].map((candidate) => candidate.name),
    );
  const vaultDeleted = draft.deletedVaults.some((entry) => entry.vault === vault);
  return { policy, vault, vaultDeleted, key, keyName, environment };
}

/** Throws `ScenarioRefusedError` (404) for an unknown person. */
export function resolveActor(draft: World, name: string | undefined): WorldPerson {
  const [first] = draft.people;
  if (!first) throw new ScenarioRefusedError(404, 'This tenant has no people.', { field: 'actor' });
  if (!name) return first;
  const wanted = name.toLowerCase();
  const found = draft.people.find((person) =>
    [person.key, person.name, person.upn ?? ''].some((candidate) => candidate.toLowerCase() === wanted),
  );
  if (!found)
    throw unknown(
      'actor',
      name,
      draft.people.map((person) => person.key),
    );
  return found;
}

function policyOnVault(policies: Policy[], vault: Vault, keyName: string | undefined): Policy | undefined {
  const users = policies.filter((policy) => sameId(policy.keyStoreId, vault.id));
  return keyName ? users.find((policy) => policy.keyName?.toLowerCase() === keyName.toLowerCase()) : users[0];
}

function pick<T extends { id: string; name: string }>(field: string, wanted: string, from: T[]): T {
  const found = from.find(
    (candidate) =>
      normalId(candidate.id) === normalId(wanted) ||
      candidate.name.toLowerCase() === wanted.trim().toLowerCase(),
  );
  if (!found)
    throw unknown(
      field,
      wanted,
      from.map((candidate) => candidate.name),
    );
  return found;
}

function unknown(field: string, wanted: string, choices: string[]): ScenarioRefusedError {
  return new ScenarioRefusedError(404, `There is no ${field} '${wanted.slice(0, 200)}'.`, { field, choices });
}
