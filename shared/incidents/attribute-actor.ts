import { isOperation } from '../signals/is-operation.ts';
import type { Actor, Signal } from '../signals/signal.ts';
import { triggerOf } from '../triggers/register.ts';
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
const UNDELAYED_MS = 60_000;
/**
 * The maximum difference between the clocks of Azure and of this app. An operation after the reading can't
 * have caused it.
 */
export const CLOCK_SKEW_MS = 2_000;

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
  const withActor = candidates.filter((signal) => signal.actor !== undefined);
  const signal = [...withActor].sort((a, b) => rank(a) - rank(b))[0] ?? candidates[0];
  return signal && { signal, actor: signal.actor };
}

function canCause(signal: Signal, cause: Cause): boolean {
  const operations = triggerOf(cause.trigger)?.operations;
  if (signal.outcome !== 'success' || !operations) return false;
  const { change, onlyEnd = [], onlyAsserted = [], propagationMs } = operations;
  if (!isOperation(signal, change) || isOperation(signal, onlyEnd)) return false;
  if (signal.assertion === undefined && isOperation(signal, onlyAsserted)) return false;
  const at = Date.parse(signal.at);
  const late = propagationMs > 0 ? PROPAGATION_MS : UNDELAYED_MS;
  const notBefore = cause.lastClearAt === undefined ? 0 : Date.parse(cause.lastClearAt) - late;
  return at >= notBefore && at <= Date.parse(cause.since) + CLOCK_SKEW_MS;
}

/**
 * Signals that assert the loss of the key come first, then Resource Manager and the audit log. Key Vault's
 * events come last because they name no actor.
 */
function rank(signal: Signal): number {
  if (signal.assertion !== undefined) return 0;
  return signal.source === 'keyVault' ? 2 : 1;
}
