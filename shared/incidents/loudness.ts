import { isUnhealthy } from '../triggers/lock-signs.ts';
import { wasLinked } from '../triggers/witnesses.ts';
import { type CauseChange, standingState } from './causes.ts';
import { linkedMembers } from './environments.ts';
import type { Incident } from './incident.ts';
import type { JudgedReading } from './reading.ts';
import type { StateStep } from './step.ts';

/** A list that names no environment is proof for no longer than this: one may have been linked since. */
const EMPTY_LIST_MS = 10 * 60_000;

/**
 * Whether a loss of the key may take environments down: then the incident is a full one. Only a list that is
 * known to be complete shows that a policy has no environment, and not of one that had an environment within
 * 35 days or reports Unhealthy. A policy may also encrypt the tenant's platform apps data, which no list shows
 * (Power Platform docs: customer-managed key), so people get a warning all the same.
 */
export function mayHaveEnvironments(reading: JudgedReading): boolean {
  const { facts, history } = reading;
  const { environments: list, effect } = history;
  if (hasAffected(reading) || !list || list.isComplete !== true) return true;
  if (effect && wasLinked(effect, facts.readAt)) return true;
  return (
    facts.environments.state === 'unknown' && Date.parse(facts.readAt) - Date.parse(list.asOf) > EMPTY_LIST_MS
  );
}

/** A reading shows an environment, or the policy reports that it can't use its key. */
export function hasAffected({ facts, history }: JudgedReading): boolean {
  return linkedMembers(history)?.length !== 0 || isUnhealthy(facts, history);
}

/** The full incident of a loss that was only a warning so far. Undefined: it stays as it is. */
export function grownLoud(
  open: Incident,
  change: CauseChange,
  reading: JudgedReading,
): StateStep | undefined {
  if (!open.noEnvironments || change.standing.length === 0 || !hasAffected(reading)) return undefined;
  const { noEnvironments: _none, acknowledged: _seen, ...rest } = open;
  const state = standingState(change.standing);
  const at = reading.facts.readAt;
  const incident: Incident = { ...rest, state, causes: change.standing, lockedSince: at };
  if (state === 'revoked') incident.confirmedAt ??= at;
  const count = linkedMembers(reading.history)?.length ?? 0;
  const news =
    count > 0
      ? `${count === 1 ? '1 environment is' : `${count} environments are`} linked to this policy now`
      : 'The policy reports Unhealthy now';
  return {
    kind: 'worsened',
    incident,
    change,
    because: `${news}, and its key can't be used: ${change.standing[0]?.finding.summary ?? ''}`,
    reason: state === 'revoked' ? 'opened' : 'suspected',
  };
}

/**
 * A warning without environments: changes of its causes are recorded and not sent, and there is nothing to
 * enable once the key can be used again.
 */
export function kept({ reason, ...step }: StateStep, open: Incident, at: string): StateStep {
  // A change that may not have taken effect yet neither dismisses nor closes.
  if (step.kind === 'accessRestored' && step.incident.provisionalUntil !== undefined)
    return { ...step, kind: 'none', incident: { ...open, readsClearSince: open.readsClearSince ?? at } };
  if (step.kind === 'accessRestored') {
    const incident: Incident = { ...step.incident, state: 'closed', closedAt: at, accessCertainAt: at };
    delete incident.provisionalUntil;
    return { ...step, kind: 'closed', incident, reason: 'closed' };
  }
  return reason === 'closed' ? { ...step, reason } : step;
}
