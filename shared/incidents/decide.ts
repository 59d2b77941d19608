import type { Finding } from '../triggers/finding.ts';
import type { History } from '../triggers/history.ts';
import { judgeSignals } from '../triggers/judge-signals.ts';
import { withEnvironmentsHeld, withLossEnded } from '../triggers/loss-ended.ts';
import { affectedEnvironments, changedEnvironments, goneEnvironment, linkedMembers } from './environments.ts';
import type { AffectedEnvironment, Incident, PolicyState, TimelineEntry, Transition } from './incident.ts';
import { actorLearntBecause, type LearntOperation, learnOperations } from './learn-operation.ts';
import { mutedCausesOf } from './muted-causes.ts';
import { decideNotify } from './notification-policy.ts';
import type { NotifyRequest } from './notify-request.ts';
import { assertReading, isOlder, isSupported, type JudgedReading, policyStateOf } from './reading.ts';
import { earliestRecoverBy, type RecoverBy } from './recover-by.ts';
import { nextStep, type StateStep } from './step.ts';
import { becauseOf } from './texts.ts';

/**
 * Decides how one reading changes one policy. Pure: the same policy state and reading give the same
 * transition, and a reading that is decided a second time gives `none`.
 *
 *   (no incident) ── suspected ──▶ suspected ── clear ──▶ dismissed
 *         │                            │
 *         └──── revoked ───▶ revoked ◀─┘ confirmed
 *                             │  ▲
 *                all clear    ▼  │ relapsed
 *                        accessRestored ── every environment seen enabled ──▶ closed
 *
 * An older reading changes nothing: the same policy state is returned. Throws `ReadingError` for a bug of the
 * caller.
 */
export function decide(policyState: PolicyState | undefined, reading: JudgedReading): Transition {
  assertReading(policyState, reading);
  if (policyState && isOlder(reading.facts, policyState, reading.now)) {
    return { kind: 'none', policyState, environments: [], timeline: [], notices: [] };
  }
  const { facts, history, signals } = reading;
  const findings = isSupported(facts, history)
    ? judgeSignals(
        reading.findings,
        history,
        signals,
        reading.now,
        policyState && {
          ...policyState,
          causes: policyState.incident?.causes ?? [],
          isStanding: isStanding(policyState.incident),
          wasProven: policyState.incident?.confirmedAt !== undefined,
        },
      )
    : reading.findings;
  const step = nextStep(policyState, reading, findings);
  if (!step) return idle(policyState, reading, findings);
  return finish(step, policyState, reading, {
    ...policyStateOf(policyState, reading, findings),
    sequence: step.incident.sequence,
  });
}

/**
 * No incident. If a crash left the last incident's list of environments incomplete, the whole list is written
 * again.
 */
function idle(policyState: PolicyState | undefined, reading: JudgedReading, findings: Finding[]): Transition {
  const transition: Transition = {
    kind: 'none',
    policyState: policyStateOf(policyState, reading, findings),
    environments: [],
    timeline: [],
    notices: [],
  };
  const unwritten = policyState?.environmentsUnwritten;
  if (!unwritten) return transition;
  const environments = affectedEnvironments(unwritten, reading.history);
  return { ...transition, incident: { ...unwritten, readAt: reading.facts.readAt }, environments };
}

function finish(
  step: StateStep,
  policyState: PolicyState | undefined,
  reading: JudgedReading,
  next: Omit<PolicyState, 'incident'>,
): Transition {
  const at = reading.facts.readAt;
  const { moved } = step;
  const before = policyState?.incident;
  const incident: Incident = { ...step.incident, readAt: at };
  const isOver = incident.state === 'closed' || incident.state === 'dismissed';
  if (moved) {
    incident.environmentCount += moved.joined.length;
    if (moved.stillLeft.length > 0) incident.environmentsLeft = moved.stillLeft;
    else delete incident.environmentsLeft;
  }
  if ((linkedMembers(reading.history)?.length ?? 0) > 0) delete incident.askedToCloseAt;
  const list = reading.history.environments;
  if (list) {
    incident.environmentsAsOf = list.asOf;
    incident.environmentsSource = list.source;
  }
  const environments = affectedEnvironments(incident, reading.history);
  const closed = next.closedStanding;
  const isSame = incident.causes.some(({ trigger }) =>
    closed?.causes.some((cause) => cause.trigger === trigger),
  );
  Object.assign(incident, deadlineOf(incident, before ?? (isSame ? closed : undefined), environments));
  const learnt = learnOperations(incident, reading);
  const why =
    step.because ?? becauseOf(step.kind, incident, step.change, { reading, joined: moved?.joined ?? [] });
  const because = step.deletions === undefined ? why : `${step.deletions} ${why}`.trim();
  const timeline: TimelineEntry[] = learnt.map(({ entry }) => entry);
  if (step.kind !== 'none') timeline.push({ at, what: step.kind, text: because });
  else if (step.reason === 'reminder') timeline.push({ at, what: 'reminder', text: because });
  const request = requestOf(step, before, because, learnt);
  const { silences, recentTransitions } = next;
  const decision =
    request && decideNotify(request, { incident, silences, recentTransitions, now: reading.now });
  if (decision) incident.notification = decision.notification;
  if (decision?.suppressed)
    timeline.push({ at: reading.now, what: 'suppressed', text: decision.suppressed.text });
  const notices = decision?.notice ? [decision.notice] : [];
  const { closedIncident: _returned, ...rest } = next;
  const after = {
    ...rest,
    history: afterLoss(next.history, step.kind, incident, at),
    ...(decision ? { recentTransitions: decision.recentTransitions } : {}),
    ...(step.isDeparture && before && policyState ? mutedWhileEmpty(before, policyState) : {}),
  };
  // Only an incident that closed by itself returns; a decision takes none that is over for a suspicion.
  const itself = incident.state === 'closed' ? { closedIncident: incident } : {};
  return {
    kind: step.kind,
    policyState: isOver ? { ...after, ...itself } : { ...after, incident },
    incident,
    environments: toWrite(
      notices.length > 0,
      policyState,
      environments,
      (moved?.left ?? []).map((member) => goneEnvironment(member, incident)),
    ),
    timeline,
    notices,
  };
}

function mutedWhileEmpty(before: Incident, policyState: PolicyState): Pick<PolicyState, 'mutedCauses'> {
  const own = new Set(before.state === 'accessRestored' ? [] : before.causes.map(({ trigger }) => trigger));
  const muted = mutedCausesOf(before, policyState);
  return {
    mutedCauses: muted.map((cause) => (own.has(cause.trigger) ? { ...cause, whileEmpty: true } : cause)),
  };
}

/** The loss ends when access first reads clear; until the incident closes, disabled environments are its own. */
function afterLoss(history: History, kind: StateStep['kind'], incident: Incident, at: string): History {
  const hasEnded =
    kind === 'accessRestored' ||
    kind === 'lockShown' ||
    (kind === 'closed' && incident.accessRestoredAt === at);
  if (hasEnded) return withLossEnded(history, at);
  return incident.state === 'accessRestored' ? withEnvironmentsHeld(history, at) : history;
}

function isStanding(incident: Incident | undefined): boolean {
  return incident?.state === 'suspected' || incident?.state === 'revoked';
}

/**
 * The earliest deadline. Once access is back, the deadlines of the causes (a purge) no longer apply, and
 * those of environments apply only while the environments wait to be enabled.
 */
function deadlineOf(
  incident: Incident,
  before: Incident | undefined,
  environments: readonly AffectedEnvironment[],
): Partial<RecoverBy> {
  if (incident.state === 'closed' || incident.state === 'dismissed' || incident.noEnvironments) return {};
  const isBack = incident.state === 'accessRestored';
  const left = environments.filter(({ state }) => state !== 'deleted');
  const running = isBack ? left.filter(({ state }) => state !== 'enabled') : left;
  if (isBack && running.length === 0) return {};
  const isSameLock =
    !isBack && before !== undefined && before.state !== 'accessRestored' && !before.noEnvironments;
  const causes = isBack ? [] : incident.causes;
  return earliestRecoverBy(incident, causes, running, isSameLock ? before : undefined);
}

/**
 * The notification that this step asks for. If nothing else is to be reported, an actor who becomes known
 * later is worth a notice of its own, because the first notice had to say that nobody is known.
 */
function requestOf(
  step: StateStep,
  before: Incident | undefined,
  because: string,
  learnt: readonly LearntOperation[],
): NotifyRequest | undefined {
  if (step.reason)
    return {
      reason: step.reason,
      because,
      isRelapse: step.kind === 'relapsed',
      isLast: step.kind === 'none' && step.reason === 'reminder',
      hasMoreEnvironments: (step.moved?.joined.length ?? 0) > 0 || step.deletions !== undefined,
    };
  const operation = learnt.find(({ entry }) => entry.actor !== undefined);
  return before && operation && !step.incident.noEnvironments
    ? { reason: 'actorLearnt', because: actorLearntBecause(operation) }
    : undefined;
}

/** All of them where people are notified or a list was left incomplete; otherwise those that changed. */
function toWrite(
  speaks: boolean,
  policyState: PolicyState | undefined,
  environments: AffectedEnvironment[],
  left: AffectedEnvironment[],
): AffectedEnvironment[] {
  if (speaks || !policyState?.incident || policyState.environmentsUnwritten)
    return [...environments, ...left];
  const stored = affectedEnvironments(policyState.incident, policyState.history);
  return [...changedEnvironments(stored, environments), ...left];
}
