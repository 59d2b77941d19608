import { AUDIT_OPERATION } from '../signals/audit-operations.ts';
import { isOperation, type OperationName } from '../signals/is-operation.ts';
import { ARM_OPERATION } from '../signals/operation-names.ts';
import type { Actor, NamedActor, Signal } from '../signals/signal.ts';
import { MAX_PROPAGATION_MS } from '../triggers/propagation.ts';
import { triggerOf } from '../triggers/register.ts';
import type { Cause } from './incident.ts';

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
  actor?: NamedActor;
}

/**
 * The operation behind these causes, root cause first, as far as the signals of this reading show it. A wrong
 * name is worse than none: the operation must be able to bring the cause about, it must have succeeded, and
 * it must have happened between the last reading that showed the cause clear and the first that showed it. An
 * operation that may just as well have changed a tag names its actor only where no other fits.
 */
export function operationBehind(causes: readonly Cause[], signals: readonly Signal[]): Operation | undefined {
  const candidates = causes.flatMap((cause) => signals.filter((signal) => canCause(signal, cause)));
  const withActor = candidates.filter((signal) => signal.actor !== undefined);
  const [signal] = withActor.toSorted((a, b) => strengthOf(b) - strengthOf(a));
  if (!signal?.actor) return candidates[0] && { signal: candidates[0] };
  const { actor } = signal;
  const strength = strengthOf(signal);
  const isAlone = withActor.every(
    (other) => strengthOf(other) < strength || (other.actor !== undefined && isSameActor(other.actor, actor)),
  );
  if (strength < UNAMBIGUOUS && !isAlone) return { signal };
  return { signal, actor: { ...actor, from: signal.source === 'audit' ? 'auditLog' : 'event', strength } };
}

/** Whether both name the same person or application, as far as either says so. */
export function isSameActor(a: Actor, b: Actor): boolean {
  const idOf = ({ objectId, name, application }: Actor) => (objectId ?? name ?? application)?.toLowerCase();
  return idOf(a) === idOf(b) || (a.name !== undefined && a.name.toLowerCase() === b.name?.toLowerCase());
}

function canCause(signal: Signal, cause: Cause): boolean {
  const operations = triggerOf(cause.trigger)?.operations;
  if (signal.outcome !== 'success' || !operations) return false;
  const { change, onlyEnd = [], onlyAsserted = [], propagationMs } = operations;
  if (!isOperation(signal, change) || isOperation(signal, onlyEnd)) return false;
  if (signal.assertion === undefined && isOperation(signal, onlyAsserted)) return false;
  const at = Date.parse(signal.at);
  const late = propagationMs > 0 ? MAX_PROPAGATION_MS : UNDELAYED_MS;
  const notBefore = cause.lastClearAt === undefined ? 0 : Date.parse(cause.lastClearAt) - late;
  return at >= notBefore && at <= Date.parse(cause.since) + CLOCK_SKEW_MS;
}

/** Operations that write a resource as a whole: most of them change a tag, and none says what it changed. */
const AMBIGUOUS: readonly OperationName[] = [
  ARM_OPERATION.vaultWrite,
  ARM_OPERATION.keyWrite,
  ARM_OPERATION.policyWrite,
  AUDIT_OPERATION.VaultPut,
  AUDIT_OPERATION.VaultPatch,
  AUDIT_OPERATION.KeyUpdate,
];
const ASSERTED = 4;
const UNAMBIGUOUS = 2;

/**
 * What it asserts counts most, then whether it can have changed anything else, then who recorded it. Key
 * Vault's events come last: they are about a vault and not about an operation.
 */
function strengthOf(signal: Signal): number {
  if (signal.source === 'keyVault') return -1;
  const recorded = signal.source === 'audit' ? 1 : 0;
  if (signal.assertion !== undefined) return ASSERTED + recorded;
  return (isOperation(signal, AMBIGUOUS) ? 0 : UNAMBIGUOUS) + recorded;
}
