import type { Finding } from '../triggers/finding.ts';
import { withClaims } from './assertions.ts';
import { actBehind } from './attribute-actor.ts';
import { firstFirst } from './causes.ts';
import { affectedEnvironments, changedEnvironments, gone } from './environments.ts';
import type { AffectedEnvironment, Head, Incident, TimelineEntry, Transition } from './incident.ts';
import { type Call, whenToSpeak } from './notification-policy.ts';
import { assertReading, headOf, isOlder, isSupported, type JudgedReading } from './reading.ts';
import { earliestRecoverBy, type RecoverBy } from './recover-by.ts';
import { withRefusedUnwraps } from './refused-unwrap.ts';
import { nextStep, type Step } from './step.ts';
import { actText, becauseOf } from './texts.ts';

/**
 * What one reading changes for one policy. Pure: the same head and reading give the same transition, and a reading
 * decided a second time gives `none`.
 *
 *   (no incident) ── suspected ──▶ suspected ── clear ──▶ dismissed
 *         │                            │
 *         └──── revoked ───▶ revoked ◀─┘ confirmed
 *                             │  ▲
 *                all clear    ▼  │ relapsed
 *                        accessRestored ── every environment seen enabled ──▶ closed
 *
 * An older reading changes nothing: the head comes back as it is. Throws `BadReading` for a caller's bug.
 */
export function decide(head: Head | undefined, reading: JudgedReading): Transition {
  assertReading(head, reading);
  if (head && isOlder(reading.facts, head, reading.now)) {
    return { kind: 'none', head, environments: [], timeline: [], notices: [] };
  }
  const { facts, remembered, signals } = reading;
  const findings = isSupported(facts, remembered)
    ? withRefusedUnwraps(withClaims(reading.findings, remembered, signals), head, remembered, signals)
    : reading.findings;
  const step = nextStep(head, reading, findings);
  if (!step) return idle(head, reading, findings);
  return finish(step, head, reading, {
    ...headOf(head, reading, findings),
    sequence: step.incident.sequence,
  });
}

/** No incident. Where a crash left the list of the last one unfinished, it is given again, whole. */
function idle(head: Head | undefined, reading: JudgedReading, findings: Finding[]): Transition {
  const transition: Transition = {
    kind: 'none',
    head: headOf(head, reading, findings),
    environments: [],
    timeline: [],
    notices: [],
  };
  const unwritten = head?.environmentsUnwritten;
  if (!unwritten) return transition;
  const environments = affectedEnvironments(unwritten, reading.remembered);
  return { ...transition, incident: { ...unwritten, readAt: reading.facts.readAt }, environments };
}

function finish(
  step: Step,
  head: Head | undefined,
  reading: JudgedReading,
  next: Omit<Head, 'incident'>,
): Transition {
  const at = reading.facts.readAt;
  const { moved } = step;
  const before = head?.incident;
  const incident: Incident = { ...step.incident, readAt: at };
  const isOver = incident.state === 'closed' || incident.state === 'dismissed';
  if (moved) {
    incident.environmentCount += moved.joined.length;
    if (moved.stillLeft.length > 0) incident.environmentsLeft = moved.stillLeft;
    else delete incident.environmentsLeft;
  }
  const list = reading.remembered.environments;
  if (list) {
    incident.environmentsAsOf = list.asOf;
    incident.environmentsSource = list.source;
  }
  const environments = affectedEnvironments(incident, reading.remembered);
  Object.assign(incident, deadlineOf(incident, before, environments));
  const learnt = learnAct(incident, reading);
  const because = becauseOf(step.kind, incident, step.change, { reading, joined: moved?.joined ?? [] });
  const timeline: TimelineEntry[] = [...learnt];
  if (step.kind !== 'none') timeline.push({ at, what: step.kind, text: because });
  const call = callOf(step, before, because, learnt);
  const { silences, turns } = next;
  const speaking = call && whenToSpeak(call, { incident, silences, turns, now: reading.now });
  if (speaking) incident.speech = speaking.speech;
  if (speaking?.withheld) timeline.push({ at: reading.now, what: 'withheld', text: speaking.withheld.text });
  const notices = speaking?.notice ? [speaking.notice] : [];
  const after = speaking ? { ...next, turns: speaking.turns } : next;
  return {
    kind: step.kind,
    head: isOver ? after : { ...after, incident },
    incident,
    environments: toWrite(
      notices.length > 0,
      head,
      environments,
      (moved?.left ?? []).map((member) => gone(member, incident)),
    ),
    timeline,
    notices,
  };
}

/**
 * The earliest clock. Once access is back the causes' own (a purge) no longer run, and those of environments only where
 * they still wait.
 */
function deadlineOf(
  incident: Incident,
  before: Incident | undefined,
  environments: readonly AffectedEnvironment[],
): Partial<RecoverBy> {
  if (incident.state === 'closed' || incident.state === 'dismissed') return {};
  const isBack = incident.state === 'accessRestored';
  const running = isBack ? environments.filter(({ state }) => state !== 'enabled') : environments;
  if (isBack && running.length === 0) return {};
  const isSameLock = !isBack && before !== undefined && before.state !== 'accessRestored';
  const causes = isBack ? [] : incident.causes;
  return earliestRecoverBy(incident, causes, running, isSameLock ? before : undefined);
}

/**
 * What this calls for. Where nothing else is to be said, a name that comes only now is worth a notice of its own: the
 * first one had to say that nobody is known.
 */
function callOf(
  step: Step,
  before: Incident | undefined,
  because: string,
  learnt: readonly TimelineEntry[],
): Call | undefined {
  if (step.reason)
    return {
      reason: step.reason,
      because,
      isRelapse: step.kind === 'relapsed',
      hasMoreEnvironments: (step.moved?.joined.length ?? 0) > 0,
    };
  const [act] = learnt;
  return before && act?.actor
    ? { reason: 'actorLearnt', because: `It is now known who did it: ${act.text}.` }
    : undefined;
}

/** All of them where people are told or a list was left unfinished; else what changed. */
function toWrite(
  speaks: boolean,
  head: Head | undefined,
  environments: AffectedEnvironment[],
  left: AffectedEnvironment[],
): AffectedEnvironment[] {
  if (speaks || !head?.incident || head.environmentsUnwritten) return [...environments, ...left];
  const stored = affectedEnvironments(head.incident, head.remembered);
  return [...changedEnvironments(stored, environments), ...left];
}

/**
 * Who did it, and when, is learnt once; a later signal doesn't put another name in its place. Only the causes that
 * the lock began with count: what shows up later may be the doing of whoever is mending it. The audit log may tell
 * only when access is back already; the causes are kept for it.
 */
function learnAct(incident: Incident, { signals }: JudgedReading): TimelineEntry[] {
  if (incident.actor || incident.state === 'closed' || incident.state === 'dismissed') return [];
  const began = incident.lockedSince ?? incident.openedAt;
  const act = actBehind(
    firstFirst([...(incident.easedCauses ?? []), ...incident.causes]).filter(({ since }) => since === began),
    signals,
  );
  if (!act || (!act.actor && incident.actedAt !== undefined)) return [];
  incident.actedAt = act.signal.at;
  if (act.actor) incident.actor = act.actor;
  const entry: TimelineEntry = {
    at: act.signal.at,
    what: 'signal',
    text: actText(act),
    signalId: act.signal.id,
  };
  if (act.actor) entry.actor = act.actor;
  return [entry];
}
