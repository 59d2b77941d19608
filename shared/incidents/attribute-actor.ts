import type { Actor, Signal } from '../signals/signal.ts';
import type { Cause } from './incident.ts';

/**
 * Permission changes take effect up to 10 minutes late, network changes up to 15 (Azure RBAC and Key Vault
 * troubleshooting docs).
 */
const PROPAGATION_MS = 15 * 60_000;
/**
 * No such delay is known for keys, vaults and policies. The audit log arrives minutes late and out of order:
 * if one person disabled a key, it was enabled, and another person disabled it again, the first must not be
 * blamed.
 */
const KEY_PROPAGATION_MS = 60_000;
/**
 * The maximum difference between the clocks of Azure and of this app. An operation after the reading can't
 * have caused it.
 */
const CLOCK_SKEW_MS = 2_000;

export interface Operation {
  signal: Signal;
  actor?: Actor;
}

/**
 * The operation behind these causes, root cause first, as far as the signals of this reading show it. A wrong
 * name is worse than none: the operation must be able to bring the cause about, it must have succeeded, and
 * it must have happened between the last reading that showed the cause clear and the first that showed it.
 */
export function operationBehind(causes: readonly Cause[], signals: readonly Signal[]): Operation | undefined {
  const candidates = causes.flatMap((cause) => signals.filter((signal) => canCause(signal, cause)));
  const told = candidates.filter((signal) => signal.actor !== undefined);
  const signal = [...told].sort((a, b) => rank(a) - rank(b))[0] ?? candidates[0];
  return signal && { signal, actor: signal.actor };
}

function canCause(signal: Signal, cause: Cause): boolean {
  if (signal.outcome !== 'success') return false;
  if (!canBringAbout(signal, cause.trigger) || GIVES.test(signal.operation ?? '')) return false;
  if (isKeyUpdate(signal) && DISABLED.has(cause.trigger) && signal.assertion?.what !== 'keyDisabled')
    return false;
  const at = Date.parse(signal.at);
  const late = PROPAGATES.test(cause.trigger) ? PROPAGATION_MS : KEY_PROPAGATION_MS;
  const notBefore = cause.lastClearAt === undefined ? 0 : Date.parse(cause.lastClearAt) - late;
  return at >= notBefore && at <= Date.parse(cause.since) + CLOCK_SKEW_MS;
}

/** Operations that can end a cause and never bring one about: granting a right takes none away. */
const GIVES = /microsoft\.authorization\/(?:roleassignments\/write|denyassignments\/delete)\b/i;

/** Whether this kind of operation can bring the cause about, or end it. Its time is not considered. */
export function canBringAbout({ type, operation = '', scope }: Signal, trigger: string): boolean {
  return OPERATIONS.get(trigger)?.test(`${type} ${operation} ${scope}`) === true;
}

const PROPAGATES = /^(?:permissions-revoked|public-access-disabled|network-restricted)$/;
const DISABLED: ReadonlySet<string> = new Set(['key-disabled', 'key-version-disabled']);

/**
 * An audit log record. Its assertion says whether it disabled the key; most updates don't ("Azure Key Vault
 * logging").
 */
function isKeyUpdate({ type }: Signal): boolean {
  return type.toLowerCase() === 'keyupdate';
}

/**
 * Signals that assert the loss of the key come first, then Resource Manager and the audit log. Key Vault's
 * events come last because they name no actor.
 */
function rank(signal: Signal): number {
  if (signal.assertion !== undefined) return 0;
  return signal.source === 'keyVault' ? 2 : 1;
}

const GROUP_GONE = String.raw`resourcegroups/delete\b|/moveresources/action\b`;
const KEY_CHANGED = String.raw`/vaults/keys/write\b|enterprisepolicies/write\b|\bkey(?:update|create|import|rotate|restore)\b|keyvault\.keynewversioncreated\b`;
const NETWORK_CHANGED = String.raw`keyvault/vaults/write\b|vault(?:put|patch)\b|networksecurityperimeters/|privateendpointconnections`;

/**
 * The operations that can bring each cause about: ARM operations, Key Vault's event types, and its audit
 * log's operation names, matched against type, operation and scope. No actor is attributed for a trigger that
 * is not listed.
 */
const OPERATIONS: ReadonlyMap<string, RegExp> = new Map(
  Object.entries({
    'policy-deleted': String.raw`enterprisepolicies/delete\b|resourcedeletesuccess .*/enterprisepolicies/[^/]+$|${GROUP_GONE}`,
    'vault-deleted': String.raw`keyvault/vaults/delete\b|\bvaultdelete\b|${GROUP_GONE}`,
    'permissions-revoked': String.raw`microsoft\.authorization/(?:roleassignments|roledefinitions|denyassignments)/|/vaults/accesspolicies/|keyvault/vaults/write\b|enterprisepolicies/write\b|vaultaccesspolicychanged|\bvault(?:put|patch|recover)\b`,
    'key-deleted': String.raw`\bkey(?:delete|purge)\b|enterprisepolicies/write\b`,
    'key-disabled': KEY_CHANGED,
    'key-version-disabled': KEY_CHANGED,
    'key-not-yet-active': KEY_CHANGED,
    'key-unusable': KEY_CHANGED,
    'key-expired': String.raw`${KEY_CHANGED}|keyvault\.keyexpired\b`,
    'public-access-disabled': NETWORK_CHANGED,
    'network-restricted': NETWORK_CHANGED,
  }).map(([trigger, acts]) => [trigger, new RegExp(acts, 'i')]),
);
