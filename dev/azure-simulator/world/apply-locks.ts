import { normalId, sameId } from '../../../shared/azure/arm-id.ts';
import { mayUseKey } from './access.ts';
import { findKey, findVault, type Key, type Policy, type Vault, type World } from './world.ts';

const ROTATION_GRACE_MS = 28 * 86_400_000;

/**
 * Applies Power Platform's reaction: a policy whose identity can no longer use its key becomes Unhealthy and
 * its environments Disabled, `lockDelayMs` later; one that can again becomes Healthy, and its environments
 * stay Disabled until someone re-enables each (Power Platform docs: Lock environments). Returns the same
 * world where nothing changes.
 */
export function applyLocks(world: World, now: number, lockDelayMs: number): World {
  const due = (policy: Policy, standing: boolean) => {
    const usable = standing && whyUnusable(world, policy, now) === undefined;
    const access = usable === policy.access.usable ? policy.access : { usable, since: now, applied: false };
    const applies = !access.applied && now - access.since >= lockDelayMs;
    return { usable, access, applies, changed: access !== policy.access || applies };
  };
  const judged = [
    ...world.policies.map((policy) => ({ policy, ...due(policy, true) })),
    ...world.deletedPolicies.map((policy) => ({ policy, ...due(policy, false) })),
  ].filter((entry) => entry.changed);
  if (judged.length === 0) return world;

  const next = structuredClone(world);
  const links = Map.groupBy(next.environments, ({ link }) => normalId(link?.policyId ?? ''));
  const linkedTo = (policyId: string) => links.get(normalId(policyId)) ?? [];
  for (const { policy, usable, access, applies } of judged) {
    const mine = [...next.policies, ...next.deletedPolicies].find(
      (candidate) => candidate.principalId === policy.principalId && sameId(candidate.id, policy.id),
    );
    if (!mine) continue;
    mine.access = { ...access, applied: access.applied || applies };
    if (!applies) continue;
    mine.health = usable ? 'Healthy' : 'Unhealthy';
    if (!usable) for (const environment of linkedTo(policy.id)) lock(environment);
  }
  return next;
}

/**
 * Until when `applyLocks` changes nothing more in a world that it returned: a key becomes active or expires, a
 * rotated version is used no longer, or a lock's delay ends. A large tenant is judged only then.
 */
export function locksStandUntil(world: World, now: number, lockDelayMs: number): number {
  const times = [
    ...world.vaults
      .flatMap(({ keys }) => keys.flatMap(({ versions }) => versions))
      .flatMap(({ nbf, exp, created }) => [
        (nbf ?? 0) * 1000,
        (exp ?? 0) * 1000,
        created * 1000 + ROTATION_GRACE_MS,
      ]),
    ...[...world.policies, ...world.deletedPolicies].flatMap(({ access }) =>
      access.applied ? [] : [access.since + lockDelayMs],
    ),
  ];
  return Math.min(Number.POSITIVE_INFINITY, ...times.filter((time) => time > now));
}

/** The reason why the policy's identity can't use its environments' key; undefined where it can. */
export function whyUnusable(world: World, policy: Policy, now: number): string | undefined {
  // A Managed HSM is not simulated: always usable.
  if (policy.kind !== 'Encryption' || /\/managedHSMs\//i.test(policy.keyStoreId ?? '')) return undefined;
  if (policy.unreadableFault) return 'Power Platform can’t use it, and nothing that can be read shows why';
  const vault = findVault(world, policy.keyStoreId);
  if (!vault) return 'the vault is gone';
  const key = findKey(vault, policy.keyName);
  if (!key) return 'the key is gone';
  if (key.birth !== policy.keyBirth) return 'the key is another one of the same name';
  return whyKeyUnusable(key, policy, now) ?? whyUnreachable(world, vault, policy, key);
}

function whyKeyUnusable(key: Key, policy: Policy, now: number): string | undefined {
  const pinned = key.versions.find((version) => version.id === policy.keyVersion);
  if (policy.keyVersion && !pinned) return 'the pinned key version is gone';
  const used = pinned ?? key.versions.at(-1);
  if (!used) return 'the key has no version';
  if (!used.enabled) return 'the key version in use is disabled';
  if (used.nbf !== undefined && used.nbf * 1000 > now) return 'the key is not yet active';
  if (used.exp !== undefined && used.exp * 1000 <= now) return 'the key has expired';
  if (!key.kty.startsWith('RSA')) return 'the key is no RSA key';
  if (!['wrapKey', 'unwrapKey'].every((operation) => used.keyOps.includes(operation)))
    return 'the key does not allow wrapping and unwrapping';
  if (pinned) return undefined;
  // The previous version stays in use for 28 days after a rotation (Power Platform docs: customer-managed
  // key).
  const stillUsed = key.versions.filter((version, index) => {
    const successor = key.versions[index + 1];
    return !version.enabled && successor && now - successor.created * 1000 < ROTATION_GRACE_MS;
  });
  return stillUsed.length > 0 ? 'a key version still in use is disabled' : undefined;
}

function whyUnreachable(world: World, vault: Vault, policy: Policy, key: Key): string | undefined {
  const { publicNetworkAccess, defaultAction, bypass } = vault.network;
  if (vault.tenantId !== undefined) return 'the vault trusts another tenant';
  if (publicNetworkAccess === 'SecuredByPerimeter') return 'the vault’s perimeter shuts Power Platform out';
  if (bypass === 'None' && publicNetworkAccess === 'Disabled') return 'public access to the vault is off';
  if (bypass === 'None' && defaultAction === 'Deny') return 'the vault’s firewall shuts Power Platform out';
  if (!mayUseKey(world, policy.principalId, vault, key.name)) return 'the identity has no permission';
  return undefined;
}

function lock(environment: { runtime: string; instance?: string }): void {
  environment.runtime = 'Disabled';
  if (environment.instance) environment.instance = 'Disabled';
}
