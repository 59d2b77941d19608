import { isSameActor, type Operation, operationBehind } from './attribute-actor.ts';
import { firstFirst } from './causes.ts';
import type { Cause, Incident, TimelineEntry } from './incident.ts';
import type { JudgedReading } from './reading.ts';
import { operationText } from './texts.ts';

/** An operation that became known. `replaced`: another person was named before. */
export interface LearntOperation {
  entry: TimelineEntry;
  replaced: boolean;
}

/**
 * Adds the actor and the time of the operation behind the incident, and behind each of its causes, and returns what
 * is new. Stronger evidence replaces a weaker name: the audit log comes minutes after an event that may have named a
 * bystander. The incident's own are those of the causes that began the lock, because whoever is repairing it may
 * have brought later ones about. The audit log may arrive only after access is back; the causes are kept for that
 * case.
 */
export function learnOperations(incident: Incident, { signals }: JudgedReading): LearntOperation[] {
  if (incident.state === 'closed' || incident.state === 'dismissed') return [];
  const own = learnOwn(incident, signals);
  const ofCauses: LearntOperation[] = [];
  const withOperation = (cause: Cause): Cause => {
    const operation = operationBehind([cause], signals);
    const before = cause.operation;
    if (!operation || !isStronger(operation, before?.actor, before !== undefined)) return cause;
    const { actor, signal } = operation;
    if (actor && !(before?.actor && isSameActor(before.actor, actor)))
      ofCauses.push(learnt(operation, before?.actor));
    return { ...cause, operation: { at: signal.at, ...(actor ? { actor } : {}) } };
  };
  incident.causes = incident.causes.map(withOperation);
  if (incident.easedCauses) incident.easedCauses = incident.easedCauses.map(withOperation);
  const known = new Set(own.map(({ entry }) => entry.signalId));
  const isNew = ({ entry }: LearntOperation) => !known.has(entry.signalId) && known.add(entry.signalId);
  return [...own, ...ofCauses.filter(isNew)];
}

function learnOwn(incident: Incident, signals: JudgedReading['signals']): LearntOperation[] {
  const began = incident.lockedSince ?? incident.openedAt;
  const causes = firstFirst([...(incident.easedCauses ?? []), ...incident.causes]);
  const operation = operationBehind(
    causes.filter(({ since }) => since === began),
    signals,
  );
  const before = incident.actor;
  if (!operation || !isStronger(operation, before, incident.actedAt !== undefined)) return [];
  const { actor, signal } = operation;
  incident.actedAt = signal.at;
  if (actor) incident.actor = actor;
  return before && actor && isSameActor(before, actor) ? [] : [learnt(operation, before)];
}

function isStronger({ actor }: Operation, before: Incident['actor'], isTimeKnown: boolean): boolean {
  if (!actor) return before === undefined && !isTimeKnown;
  return before === undefined || (actor.strength ?? 0) > (before.strength ?? 0);
}

function learnt(operation: Operation, before: Incident['actor']): LearntOperation {
  const { actor, signal } = operation;
  const entry: TimelineEntry = {
    at: signal.at,
    what: 'signal',
    text: operationText(operation),
    signalId: signal.id,
  };
  if (signal.actor && actor) entry.actor = signal.actor;
  return { entry, replaced: before !== undefined };
}

/** Why people are notified of who did it. */
export function actorLearntBecause({ entry, replaced }: LearntOperation): string {
  return replaced
    ? `Better evidence names somebody else than before: ${entry.text}.`
    : `It is now known who did it: ${entry.text}.`;
}
