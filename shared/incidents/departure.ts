import { isAbsenceProven } from '../triggers/absence.ts';
import { isUnhealthy } from '../triggers/lock-signs.ts';
import type { CauseChange } from './causes.ts';
import { linkedMembers } from './environments.ts';
import type { Incident } from './incident.ts';
import type { JudgedReading } from './reading.ts';
import type { StateStep } from './step.ts';

/**
 * The end of an incident whose environments have all left the policy: for a day no list has named one of them.
 * Where every one was seen without the link, or the list is complete, it closes. Otherwise nobody can tell, so
 * it stays open, and people are asked once to close it. Undefined: an environment is there, or may be.
 */
export function afterDeparture(
  open: Incident,
  change: CauseChange,
  { facts, history }: JudgedReading,
): StateStep | undefined {
  const { environments: list } = facts;
  const { environments: known, effect } = history;
  if (list.state !== 'known' || open.environmentCount === 0 || linkedMembers(history)?.length !== 0)
    return undefined;
  const linkedAt = effect?.linkedAt ?? open.openedAt;
  if (facts.policy.state !== 'gone' && change.standing.length > 0 && isUnhealthy(facts, history))
    return undefined;
  const seenAt = list.value.source === 'inventory' ? facts.readAt : list.value.asOf;
  if (!isAbsenceProven(linkedAt, seenAt)) return undefined;
  const at = facts.readAt;
  if ((known?.unaccounted?.length ?? 0) > 0) {
    if (open.askedToCloseAt !== undefined) return undefined;
    const because =
      'For a day no list has shown the environments of this incident, and Lockwatch may not see all environments of the tenant.';
    return {
      kind: 'none',
      incident: { ...open, askedToCloseAt: at },
      change,
      because,
      reason: 'reminder',
    };
  }
  const isPolicyGone = facts.policy.state === 'gone';
  const because = `Every environment of this incident has left the policy: for a day no list has named one of them.${isPolicyGone ? ' The policy is deleted.' : ''}`;
  const { askedToCloseAt: _asked, ...rest } = open;
  const isSuspicion = open.confirmedAt === undefined;
  const incident: Incident = { ...rest, state: isSuspicion ? 'dismissed' : 'closed', closedAt: at };
  return {
    kind: isSuspicion ? 'dismissed' : 'closed',
    incident,
    change,
    because,
    isDeparture: true,
    reason: 'closed',
  };
}
