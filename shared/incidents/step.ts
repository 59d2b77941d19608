import type { Finding } from '../triggers/finding.ts';
import { isUp } from '../triggers/lock-signs.ts';
import { triggerOf } from '../triggers/register.ts';
import {
  type CauseChange,
  compareCauses,
  easedCauses,
  firstFirst,
  hidesMore,
  standingState,
} from './causes.ts';
import { canClose, lateLock, mayReturn } from './closing.ts';
import { withDeletions } from './deleted-environment.ts';
import { afterDeparture } from './departure.ts';
import { type MembershipChange, membershipChange } from './environments.ts';
import type { Incident, PolicyState, Transition } from './incident.ts';
import { grownLoud, kept } from './loudness.ts';
import type { NoticeReason } from './notice-reason.ts';
import { canOpen, opened } from './opening.ts';
import { propagationEndsAt } from './provisional-reading.ts';
import type { JudgedReading } from './reading.ts';
import { pastOrIgnored } from './stored-time.ts';

/** The next state of the incident, before environments, deadline and actor are added. */
export interface StateStep {
  kind: Exclude<Transition['kind'], 'reminded' | 'acted'>;
  incident: Incident;
  change: CauseChange;
  /** Why, where the change of the causes does not tell. */
  because?: string;
  /** All environments have left: its causes open no new incident until one is linked again. */
  isDeparture?: true;
  /** Which environments of it were deleted: reported at once. */
  deletions?: string;
  /** The environments that joined and left, if an incident was open. */
  moved?: MembershipChange;
  reason?: NoticeReason;
}

/** How one reading changes a policy's incident. Undefined: there is no incident, and none opens. */
export function nextStep(
  policyState: PolicyState | undefined,
  reading: JudgedReading,
  findings: Finding[],
): StateStep | undefined {
  const open = policyState?.incident;
  const at = reading.facts.readAt;
  // Once access is back the causes are kept as they last were, but they are no longer present.
  const stood = open && open.state !== 'accessRestored' ? open.causes : [];
  const change = compareCauses(stood, findings, policyState, at);
  if (!open) {
    // The effect of a lock is no cause of its own where the incident that it belongs to has just closed.
    const hasCause = change.standing.some(({ trigger }) => triggerOf(trigger)?.about !== 'effect');
    const returned = hasCause ? undefined : withLateLock(policyState, reading, change);
    if (returned) return returned;
    return canOpen(policyState, reading, change) ? opened(policyState, reading, change) : undefined;
  }
  const moved = membershipChange(open, policyState.history, reading.history);
  const propagationEnds = propagationEndsAt(policyState, reading.signals, reading.now);
  const around = { moved, propagationEnds, ranBefore: someRan(policyState) };
  const step = next(open, change, around, reading, findings);
  return { ...withDeletions(step, open, policyState.history, reading), moved };
}

/** The changes of the membership, and until when access that reads as present is provisional. */
interface Around {
  moved: MembershipChange;
  propagationEnds: string | undefined;
  /** Before this reading, an environment was seen running. */
  ranBefore: boolean;
}

function next(
  open: Incident,
  change: CauseChange,
  around: Around,
  reading: JudgedReading,
  findings: Finding[],
): StateStep {
  const louder = grownLoud(open, change, reading);
  if (louder) return louder;
  const departure = afterDeparture(open, change, reading);
  if (departure) return departure;
  const step = onward(open, change, around, reading, findings);
  return open.noEnvironments ? kept(step, open, reading.facts.readAt) : step;
}

function onward(
  open: Incident,
  change: CauseChange,
  around: Around,
  reading: JudgedReading,
  findings: Finding[],
): StateStep {
  if (open.state === 'accessRestored')
    return afterRestoring(restoredByNow(open, reading), change, around, reading, findings);
  if (change.standing.length === 0) return allClear(open, change, around, reading, findings);
  return whileItStands(open, change, around.moved, reading.facts.readAt);
}

function whileItStands(open: Incident, change: CauseChange, moved: MembershipChange, at: string): StateStep {
  const state = open.state === 'revoked' ? 'revoked' : standingState(change.standing);
  const { easedCauses: _before, readsClearSince: _clear, ...rest } = open;
  const incident: Incident = { ...rest, state, causes: change.standing };
  const eased = easedCauses(open, change);
  if (eased.length > 0) incident.easedCauses = eased;
  if (state === 'revoked') incident.confirmedAt ??= at;
  const isConfirmed = state !== open.state || change.confirmed.length > 0 || change.explained !== undefined;
  const isMore = (change.fresh.length > 0 && !change.onlyRevealed) || change.grown.length > 0;
  const isWorse = moved.joined.length > 0 || isMore;
  if (isConfirmed) return { kind: 'confirmed', incident, change, reason: 'confirmed' };
  if (isWorse) return { kind: 'worsened', incident, change, reason: 'worsened' };
  if (change.cleared.length > 0) return { kind: 'eased', incident, change, reason: 'eased' };
  return { kind: 'none', incident, change };
}

/**
 * Every cause reads clear. A suspicion that was never confirmed is dismissed; people who were notified of it
 * are notified of its end.
 */
function allClear(
  open: Incident,
  change: CauseChange,
  { propagationEnds }: Around,
  reading: JudgedReading,
  findings: Finding[],
): StateStep {
  const at = reading.facts.readAt;
  if (hidesMore(change.cleared, findings, reading.history)) return { kind: 'none', incident: open, change };
  if (open.confirmedAt === undefined) {
    // A change that reads as present may not have taken effect yet, so it does not dismiss a suspicion.
    if (propagationEnds !== undefined)
      return { kind: 'none', incident: { ...open, readsClearSince: open.readsClearSince ?? at }, change };
    const incident: Incident = { ...open, state: 'dismissed', closedAt: at };
    return { kind: 'dismissed', incident, change, reason: 'closed' };
  }
  const { easedCauses: eased = [], ...rest } = open;
  const causes = firstFirst([...eased, ...open.causes]);
  const incident: Incident = { ...rest, causes, state: 'accessRestored', accessRestoredAt: at };
  if (propagationEnds === undefined) incident.accessCertainAt = at;
  else incident.provisionalUntil = propagationEnds;
  return { kind: 'accessRestored', incident, change, reason: 'accessRestored' };
}

/**
 * A new revocation joins the incident that is still open. Its notice is `worsened` and not `opened`: people
 * already have this incident, with its link and its thread, and must see that the same incident has returned.
 */
function afterRestoring(
  open: Incident,
  change: CauseChange,
  { moved, propagationEnds, ranBefore }: Around,
  reading: JudgedReading,
  findings: Finding[],
): StateStep {
  const at = reading.facts.readAt;
  if (change.standing.length > 0) {
    const state = standingState(change.standing);
    const incident: Incident = { ...open, state, causes: change.standing, lockedSince: at };
    delete incident.accessRestoredAt;
    delete incident.accessCertainAt;
    delete incident.provisionalUntil;
    // The actor of the first lock need not be the actor of this one; the timeline keeps the first.
    delete incident.actor;
    delete incident.actedAt;
    delete incident.acknowledged;
    if (state === 'revoked') incident.confirmedAt ??= at;
    return { kind: 'relapsed', incident, change, reason: 'worsened' };
  }
  const kind = ranBefore && lateLock(open, reading).length > 0 ? 'lockShown' : 'none';
  const news = kind === 'lockShown' ? ({ kind, reason: 'worsened' } as const) : ({ kind } as const);
  if (propagationEnds !== undefined)
    return { ...news, incident: { ...open, provisionalUntil: propagationEnds }, change };
  // A cause that can't be read when the provisional time ends is not known to have stayed clear.
  if (open.causes.some(({ trigger }) => findings.find((one) => one.trigger === trigger)?.verdict !== 'clear'))
    return { ...news, incident: open, change };
  const { provisionalUntil, ...definite } = open;
  definite.accessCertainAt ??= provisionalUntil ?? open.accessRestoredAt;
  if (canClose(open, moved, reading)) {
    return {
      kind: 'closed',
      incident: { ...definite, state: 'closed', closedAt: at },
      change,
      reason: 'closed',
    };
  }
  return { ...news, incident: definite, change };
}

/** A clock that ran ahead would keep the incident from closing, and a late lock from showing, until its time. */
function restoredByNow(open: Incident, { facts, now }: JudgedReading): Incident {
  if (pastOrIgnored(open.accessRestoredAt, now) === open.accessRestoredAt) return open;
  const { accessCertainAt: _, ...rest } = open;
  return { ...rest, accessRestoredAt: facts.readAt };
}

/** The incident that closed by itself within the last day, if the lock of its environments shows only now. */
function withLateLock(
  policyState: PolicyState | undefined,
  reading: JudgedReading,
  change: CauseChange,
): StateStep | undefined {
  const closed = mayReturn(policyState, reading.now);
  if (!closed || closed.accessRestoredAt === undefined) return undefined;
  // Where none was known, the list may have been late with the environments as well.
  if (!closed.noEnvironments && !someRan(policyState)) return undefined;
  if (lateLock(closed, reading).length === 0) return undefined;
  const { closedAt: _closedAt, noEnvironments: _none, ...rest } = closed;
  return { kind: 'lockShown', incident: { ...rest, state: 'accessRestored' }, change, reason: 'worsened' };
}

/** Whether the last list with a state showed an environment running, so that a lock is news. */
function someRan(policyState: PolicyState | undefined): boolean {
  return (policyState?.history.environments?.members ?? []).some((one) => isUp(one) || one.ran === true);
}
