import { actorFrom } from './actor.ts';
import { dataOf, idOf, timeOf, type UntrustedEvent } from './event.ts';
import { ARM_OPERATION, isNamedAs, SUBSCRIPTION_EVENT } from './operation-names.ts';
import { perText } from './per-text.ts';
import { isPolicyId, isResourceGroupId, isVaultId, scopeFrom, usualScope } from './scope.ts';
import type { About, Signal } from './signal.ts';
import { recordOrJsonFrom, textFrom } from './untrusted.ts';

const MAX_LENGTH = 256;

const OUTCOMES: ReadonlyMap<string, Signal['outcome']> = new Map(
  ['write', 'delete', 'action'].flatMap((verb) => [
    [`microsoft.resources.resource${verb}success`, 'success'],
    [`microsoft.resources.resource${verb}failure`, 'failure'],
    [`microsoft.resources.resource${verb}cancel`, 'cancelled'],
  ]),
);

/**
 * The outcome by event type, for the nine types of "Azure subscription as an Event Grid source"; else
 * undefined.
 */
export const outcomeOf: (type: string) => Signal['outcome'] | undefined = perText((type) =>
  OUTCOMES.get(type.toLowerCase()),
);

/**
 * A change made through Azure Resource Manager as a signal: the resource, the operation, and the actor where
 * the claims name one. `outcome` comes from the event type: `data.status` has been seen to contradict it. A
 * fault where the event names no resource; undefined where the signal is not wanted, which is decided before
 * any detail is read.
 */
export function resourceManagerSignal(
  event: UntrustedEvent,
  outcome: Signal['outcome'],
  receivedAt: string,
  wanted?: (about: About) => boolean,
): Signal | { fault: string } | undefined {
  const data = dataOf(event);
  const fault = () => ({ fault: `is of type ${event.type} and names no resource` });
  const usual = event.subject === data.resourceUri ? usualScope(event.subject) : undefined;
  const scope = usual ?? scopeFrom(data.resourceUri) ?? scopeFrom(event.subject);
  if (scope === undefined) return fault();
  const operation = textFrom(data.operationName, MAX_LENGTH);
  const about: About = { source: 'resourceManager', type: event.type, outcome, scope };
  if (operation !== undefined) about.operation = operation;
  if (wanted?.(about) === false) return undefined;
  if (scopeFrom(scope) === undefined) return fault();

  const signal: Signal = { id: idOf(event), ...about, at: timeOf(event) ?? receivedAt };
  const correlationId = textFrom(data.correlationId, MAX_LENGTH);
  const actor = actorFrom(data.claims, recordOrJsonFrom(data.httpRequest)?.clientIpAddress);
  if (correlationId !== undefined) signal.correlationId = correlationId;
  if (actor !== undefined) signal.actor = actor;
  if (assertsDeletion(event.type, operation, scope)) signal.assertion = { what: 'deleted', scope };
  return signal;
}

// Operation and scope must match: an event's operation may not be one on the resource that it names (a role
// assignment deleted at a vault names the vault), and an assertion alone can open an incident.
function assertsDeletion(type: string, operation: string | undefined, scope: string): boolean {
  if (!isNamedAs(type, SUBSCRIPTION_EVENT.delete)) return false;
  if (isNamedAs(operation, ARM_OPERATION.vaultDelete)) return isVaultId(scope);
  if (isNamedAs(operation, ARM_OPERATION.policyDelete)) return isPolicyId(scope);
  return isNamedAs(operation, ARM_OPERATION.resourceGroupDelete) && isResourceGroupId(scope);
}
