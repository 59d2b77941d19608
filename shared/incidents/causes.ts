import { normalId } from '../azure/arm-id.ts';
import type { Finding, TriggerId } from '../triggers/finding.ts';
import { coversSubject, itemsBeyond } from '../triggers/finding-subject.ts';
import type { History } from '../triggers/history.ts';
import { lastReadAt } from '../triggers/last-read.ts';
import { TRIGGERS, triggerOf } from '../triggers/register.ts';
import type { Cause, Incident, IncidentState, PolicyState } from './incident.ts';

/** How a reading changes the causes of an open incident. */
export interface CauseChange {
  /** Causes that are present after this reading, the root first. */
  standing: Cause[];
  /** Those of them that no earlier reading of this lock showed. */
  fresh: Cause[];
  /** Causes that a known reading shows clear. */
  cleared: Cause[];
  /** Causes that were suspected and are revoked now. */
  confirmed: Cause[];
  /** Causes that were present and now cover more, each with the additions. */
  grown: { cause: Cause; added: string[] }[];
  /** `locked` was a cause, and its own cause has been found: the first of those that explain it. */
  explained?: Cause;
  /** True where every fresh cause was hidden behind one that cleared: it is news, but nothing got worse. */
  onlyRevealed: boolean;
}

/**
 * Compares the earlier causes with the findings of a reading. `unknown` neither adds a cause nor removes one.
 * The verdict of a cause never falls while the cause is present. Its evidence and its remediation steps are
 * from the last reading with that verdict, so that the next reading does not discard the confirmation of a
 * suspicion. They no longer apply once the cause concerns something else. The subject is always from the last
 * reading that could determine it.
 */
export function compareCauses(
  stood: readonly Cause[],
  findings: readonly Finding[],
  policyState: PolicyState | undefined,
  at: string,
): CauseChange {
  const before = new Map(stood.map((cause) => [cause.trigger, cause]));
  const fresh: Cause[] = [];
  const confirmed: Cause[] = [];
  const grown: CauseChange['grown'] = [];
  const standing: Cause[] = [];
  for (const finding of findings) {
    const cause = before.get(finding.trigger);
    if (finding.verdict === 'unknown') {
      if (cause && !isExplained(finding)) standing.push(cause);
    } else if (finding.verdict !== 'clear') {
      const now = cause ? continued(cause, finding) : newCause(finding, policyState, at);
      standing.push(now);
      if (!cause) fresh.push(now);
      else {
        if (isConfirmed(cause, now)) confirmed.push(now);
        const added = itemsBeyond(cause.finding.subject, finding.subject);
        if (added.length > 0) grown.push({ cause: now, added });
      }
    }
  }
  const read = new Map(findings.map((finding) => [finding.trigger, finding.verdict]));
  standing.push(...stood.filter(({ trigger }) => !read.has(trigger)));
  const cleared = stood.filter(({ trigger }) => read.get(trigger) === 'clear');
  const wasHidden = ({ trigger }: Cause) => verdictBefore(policyState, trigger) === 'unknown';
  const onlyRevealed = cleared.length > 0 && fresh.every(wasHidden);
  const change: CauseChange = { standing, fresh, cleared, confirmed, grown, onlyRevealed };
  if (before.has('locked') && findings.some(isExplained)) change.explained = standing[0];
  return change;
}

/**
 * Something harmless is likely: people get one warning, which pages nobody, and no reminders.
 */
export function isOnlyWarning({
  causes,
  noEnvironments,
}: Pick<Incident, 'causes' | 'noEnvironments'>): boolean {
  if (noEnvironments) return true;
  return (
    causes.length > 0 &&
    causes.every(({ verdict, finding }) => verdict === 'suspected' && finding.level === 'warning')
  );
}

export function standingState(causes: readonly Cause[]): Extract<IncidentState, 'suspected' | 'revoked'> {
  return causes.some(({ verdict }) => verdict === 'revoked') ? 'revoked' : 'suspected';
}

/** A lock whose cause was found is evidence of that cause and none of its own. */
function isExplained({ trigger, follows }: Finding): boolean {
  return trigger === 'locked' && follows !== undefined;
}

/**
 * True where every cause reads clear but access is still not known to be back. Either a cause hid something
 * (a policy, vault or key that was gone) that has not been read yet, since recovering a vault doesn't restore
 * its role assignments; or a part that earlier readings showed can't be read now, and something may have been
 * removed there in the meantime. A part that was never readable does not count: it would keep an incident
 * open for ever.
 */
export function hidesMore(
  cleared: readonly Cause[],
  findings: readonly Finding[],
  history: History,
): boolean {
  const unread = findings.filter(({ verdict }) => verdict === 'unknown');
  if (unread.length > 0 && cleared.some(({ trigger }) => triggerOf(trigger)?.hides)) return true;
  return unread.some(({ trigger }) => wasReadBefore(trigger, history));
}

function wasReadBefore(id: TriggerId, history: History): boolean {
  const trigger = triggerOf(id);
  return trigger !== undefined && lastReadAt(trigger, history) !== undefined;
}

/**
 * Causes that took the key away in this lock and no longer do. A suspicion that cleared took nothing away.
 */
export function easedCauses(open: Incident, { standing, cleared }: CauseChange): Cause[] {
  const stands = new Set(standing.map(({ trigger }) => trigger));
  const proven = cleared.filter(({ verdict }) => verdict === 'revoked');
  return [...(open.easedCauses ?? []), ...proven].filter(({ trigger }) => !stands.has(trigger));
}

/** In order of occurrence. Among causes that one reading showed, the root comes first. */
export function firstFirst(causes: readonly Cause[]): Cause[] {
  const order = new Map(TRIGGERS.map(({ id }, n) => [id, n]));
  return causes.toSorted(
    (a, b) =>
      Date.parse(a.since) - Date.parse(b.since) || (order.get(a.trigger) ?? 0) - (order.get(b.trigger) ?? 0),
  );
}

/**
 * One cause over several policies makes one message: its group is the reason, the root cause, and the scope
 * of that cause.
 */
export function groupOf(reason: string, incident: Pick<Incident, 'causes' | 'policyId'>): string {
  const [root] = incident.causes;
  return `${reason}|${root?.trigger ?? 'none'}|${normalId(root?.scope ?? incident.policyId)}`;
}

/** A cause that now concerns something else may be only suspected, though it was revoked before. */
function isConfirmed(before: Cause, now: Cause): boolean {
  return (
    now.verdict !== before.verdict ||
    (before.finding.verdict === 'suspected' && now.finding.verdict === 'revoked')
  );
}

function continued(cause: Cause, finding: Finding): Cause {
  const verdict = cause.verdict === 'revoked' || finding.verdict === 'revoked' ? 'revoked' : 'suspected';
  const { subject } = finding;
  const isProven = finding.verdict === verdict || !coversSubject(cause.finding.subject, subject);
  const proof = isProven ? finding : { ...cause.finding, ...(subject ? { subject } : {}) };
  return { ...cause, verdict, scope: finding.scope, finding: proof };
}

function newCause(finding: Finding, policyState: PolicyState | undefined, at: string): Cause {
  const cause: Cause = {
    trigger: finding.trigger,
    verdict: finding.verdict === 'revoked' ? 'revoked' : 'suspected',
    scope: finding.scope,
    since: at,
    finding,
  };
  if (policyState && verdictBefore(policyState, finding.trigger) === 'clear')
    cause.lastClearAt = policyState.readAt;
  return cause;
}

function verdictBefore(
  policyState: PolicyState | undefined,
  trigger: string,
): Finding['verdict'] | undefined {
  return policyState?.findings.find((finding) => finding.trigger === trigger)?.verdict;
}
