import { isSameActor, operationBehind } from './attribute-actor.ts';
import { firstFirst } from './causes.ts';
import type { Incident, TimelineEntry } from './incident.ts';
import type { JudgedReading } from './reading.ts';
import { operationText } from './texts.ts';

/**
 * Adds the actor and the time of the operation behind the incident, and returns the timeline entry if somebody
 * new is named. Stronger evidence replaces a weaker name: the audit log comes minutes after an event that may
 * have named a bystander. Only the causes that began the lock count, because whoever is repairing it may have
 * brought later ones about. The audit log may arrive only after access is back; the causes are kept for that
 * case.
 */
export function learnOperation(incident: Incident, { signals }: JudgedReading): TimelineEntry[] {
  if (incident.state === 'closed' || incident.state === 'dismissed') return [];
  const began = incident.lockedSince ?? incident.openedAt;
  const causes = firstFirst([...(incident.easedCauses ?? []), ...incident.causes]);
  const operation = operationBehind(
    causes.filter(({ since }) => since === began),
    signals,
  );
  const before = incident.actor;
  if (!operation || (!operation.actor && incident.actedAt !== undefined)) return [];
  const { actor, signal } = operation;
  if (before && (!actor || (actor.strength ?? 0) <= (before.strength ?? 0))) return [];
  incident.actedAt = signal.at;
  if (actor) incident.actor = actor;
  if (before && actor && isSameActor(before, actor)) return [];
  const entry: TimelineEntry = {
    at: signal.at,
    what: 'signal',
    text: operationText(operation),
    signalId: signal.id,
  };
  if (signal.actor && actor) entry.actor = signal.actor;
  return [entry];
}

/** Why people are notified of who did it. `before`: the incident before this reading. */
export function actorLearntBecause({ actor }: Incident, { text }: TimelineEntry): string {
  return actor
    ? `Better evidence names somebody else than before: ${text}.`
    : `It is now known who did it: ${text}.`;
}
