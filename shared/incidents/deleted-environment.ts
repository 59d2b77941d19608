import type { EnvironmentFact } from '../facts/facts.ts';
import { affectedEnvironments } from './environments.ts';
import type { Incident } from './incident.ts';
import type { JudgedReading } from './reading.ts';
import { RECOVERABLE_DAYS } from './recover-by.ts';
import type { StateStep } from './step.ts';

/** Environments of the incident that this reading is the first to show deleted. */
function newlyDeleted(
  open: Incident,
  incident: Incident,
  before: JudgedReading['history'],
  reading: JudgedReading,
): EnvironmentFact[] {
  const now = affectedEnvironments(incident, reading.history).filter(({ state }) => state === 'deleted');
  if (now.length === 0) return [];
  const earlier = affectedEnvironments(open, before).filter(({ state }) => state === 'deleted');
  const known = new Set(earlier.map(({ id }) => id));
  return now.filter(({ id }) => !known.has(id));
}

/** A step that also reports environments that were deleted: at once, whatever else the reading shows. */
export function withDeletions(
  step: StateStep,
  open: Incident,
  before: JudgedReading['history'],
  reading: JudgedReading,
): StateStep {
  const isOver = step.incident.state === 'closed' || step.incident.state === 'dismissed';
  if (isOver || step.reason === 'opened') return step;
  const deleted = newlyDeleted(open, step.incident, before, reading);
  if (deleted.length === 0) return step;
  const names = deleted
    .slice(0, 3)
    .map(({ displayName }) => displayName)
    .join(', ');
  const more = deleted.length > 3 ? ` and ${deleted.length - 3} more` : '';
  const deletions = `Deleted during this incident: ${names}${more}. Recover ${deleted.length === 1 ? 'it' : 'each'} within ${RECOVERABLE_DAYS} days of its deletion.`;
  return step.kind === 'none'
    ? { ...step, kind: 'worsened', deletions, reason: 'worsened' }
    : { ...step, deletions, reason: step.reason ?? 'worsened' };
}
