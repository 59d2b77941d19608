import { normalId } from '../azure/arm-id.ts';
import { shortKey } from '../incidents/ids.ts';
import type { PolicyState } from '../incidents/incident.ts';
import { msSince } from '../incidents/stored-time.ts';
import type { AdvisoryFinding, Severity } from '../triggers/advisories/advisory.ts';
import type { RemediationStep } from '../triggers/finding.ts';
import { type DigestSilences, silencesForDigest } from './digest-silences.ts';
import { type AlertChanges, nextWarningAlerts, type WarningAlerts } from './warning-alerts.ts';

/** The warnings that people have received, and when the last digest of each severity was sent (ISO 8601). */
export interface Warned {
  /** By the hash of advisory and scope, so that long ids don't enlarge the row. */
  known: Record<string, Severity>;
  digestAt: Partial<Record<Severity, string>>;
  /**
   * When a warning that became graver was last reported at once, for a day: by its hash and severity. One that
   * comes and goes would otherwise send a digest after every sweep.
   */
  atOnceAt?: Record<string, string>;
  alerts?: WarningAlerts;
}

/** One early warning as a digest reports it. */
export interface DigestItem {
  severity: Severity;
  text: string;
  steps: RemediationStep[];
}

export const NOBODY_WARNED: Warned = { known: {}, digestAt: {} };
const DAY_MS = 86_400_000;
/** Short silences share the daily limit of what is good to know. */
const SILENCES_COUNT_AS: Severity = 'info';
const GRAVEST_FIRST: readonly Severity[] = ['urgent', 'warning', 'info'];
/** Nobody reads more than this in one digest. The others are counted, and the status lists them. */
const MAX_ITEMS = 40;
/** How many warnings are stored one by one, the gravest first; see `visibility-rows.ts` for their size. */
export const MAX_WARNINGS = 80_000;
/** How many findings of a digest its row names, so that a lost state can be rebuilt from the row. */
const MAX_KEYS = 2_000;
/** How many warnings that were reported at once are stored, the latest first. */
const MAX_AT_ONCE = 2_000;

/**
 * Decides whether a digest of early warnings is due: at most one a day for each severity, and only if that
 * severity has something new; at once if something has become graver, or is urgent from the start, which
 * counts once a day for each warning and severity, so that no warning uses up the limit of another. It lists
 * all present findings of the severities that are due; if there are too many, the new ones; and the short silences
 * that no digest has reported. Pure. Neither: nothing is to be sent to people, and `alerts` is the end of what a
 * service keeps open.
 */
export function nextDigest(
  before: Warned,
  policyStates: readonly PolicyState[],
  now: string,
): {
  warned: Warned;
  items: DigestItem[];
  more: number;
  silences: DigestSilences[];
  keys: Partial<Record<Severity, string[]>>;
  alerts: AlertChanges;
} {
  const standing = presentAdvisories(policyStates);
  // A warning beyond the stored maximum is new each time, so only the daily digest includes it.
  const isFull = Object.keys(before.known).length >= MAX_WARNINGS;
  const isNew = ([key, { severity }]: [string, AdvisoryFinding]) => before.known[key] !== severity;
  const isGraver = ([key, finding]: [string, AdvisoryFinding]) =>
    isNew([key, finding]) &&
    msSince(before.atOnceAt?.[limitOf([key, finding])], now) >= DAY_MS &&
    !(isFull && before.known[key] === undefined) &&
    (finding.severity === 'urgent' || rank(finding.severity) < rank(before.known[key] ?? finding.severity));
  const { fresh: silences, keys: silenceKeys } = silencesForDigest(before.known, policyStates);
  const due = GRAVEST_FIRST.filter((severity) => {
    const of = [...standing].filter(([, finding]) => finding.severity === severity);
    if (of.some(isGraver)) return true;
    const isRested = msSince(before.digestAt[severity], now) >= DAY_MS;
    return isRested && (of.some(isNew) || (severity === SILENCES_COUNT_AS && silences.length > 0));
  });
  const listed = due.flatMap((severity) => [...standing].filter(([, of]) => of.severity === severity));
  // A long list is cut, and what is new must not be hidden by what people know.
  const news = (one: [string, AdvisoryFinding]) => (isGraver(one) ? 0 : isNew(one) ? 1 : 2);
  const shown = new Set(listed.toSorted((a, b) => news(a) - news(b)).slice(0, MAX_ITEMS));
  const atOnce = listed.filter(isGraver).map(limitOf);
  const keys = Object.fromEntries(due.map((severity) => [severity, keysOf(standing, severity)]));
  const areSilencesDue = due.includes(SILENCES_COUNT_AS);
  if (areSilencesDue) keys[SILENCES_COUNT_AS]?.push(...silenceKeys);
  const unread = unreadKeys(policyStates);
  const next = history(before, standing, unread, due, now);
  const left = new Set([
    ...[...standing.values()].map(({ severity }) => severity),
    ...Object.entries(before.known).flatMap(([key, severity]) => (unread.has(key) ? [severity] : [])),
  ]);
  const { alerts, changes } = nextWarningAlerts(before.alerts ?? {}, { due, left }, now);
  if (Object.keys(alerts).length > 0) next.alerts = alerts;
  for (const key of silenceKeys)
    if (areSilencesDue || Object.hasOwn(before.known, key)) next.known[key] = SILENCES_COUNT_AS;
  return {
    warned: { ...next, ...limits(before, atOnce, now) },
    items: listed.filter((one) => shown.has(one)).map(([, finding]) => itemOf(finding)),
    more: listed.length - shown.size,
    silences: areSilencesDue ? silences : [],
    keys,
    alerts: changes,
  };
}

function unreadKeys(policyStates: readonly PolicyState[]): ReadonlySet<string> {
  return new Set(findingsOf(policyStates).flatMap((one) => (one.verdict === 'unknown' ? [keyOf(one)] : [])));
}

/**
 * A reported severity is stored as reported. A warning that waits for its day stays new. One that can't be
 * read now is unchanged.
 */
function history(
  before: Warned,
  standing: ReadonlyMap<string, AdvisoryFinding>,
  unread: ReadonlySet<string>,
  due: readonly Severity[],
  now: string,
): Warned {
  const known: Warned['known'] = {};
  for (const [key, severity] of Object.entries(before.known)) if (unread.has(key)) known[key] = severity;
  for (const [key, { severity }] of standing) {
    const reported = due.includes(severity) ? severity : before.known[key];
    if (reported !== undefined) known[key] = reported;
  }
  const digestAt = { ...before.digestAt };
  for (const severity of due) digestAt[severity] = now;
  return { known: gravest(known), digestAt };
}

/** Each warning has a limit of its own for each severity. */
function limitOf([key, { severity }]: [string, AdvisoryFinding]): string {
  return `${key}|${severity}`;
}

function limits(before: Warned, atOnce: readonly string[], now: string): Pick<Warned, 'atOnceAt'> {
  const earlier = Object.entries(before.atOnceAt ?? {}).filter(
    ([limit, at]) => msSince(at, now) < DAY_MS && !atOnce.includes(limit),
  );
  const all = [...atOnce.map((limit) => [limit, now] as const), ...earlier].slice(0, MAX_AT_ONCE);
  return all.length > 0 ? { atOnceAt: Object.fromEntries(all) } : {};
}

function gravest(known: Warned['known']): Warned['known'] {
  const all = Object.entries(known);
  if (all.length <= MAX_WARNINGS) return known;
  const sorted = all.sort(([, a], [, b]) => rank(a) - rank(b));
  return Object.fromEntries(sorted.slice(0, MAX_WARNINGS));
}

/**
 * A finding that several policies share (a vault without purge protection) counts once, with its gravest
 * severity.
 */
function presentAdvisories(policyStates: readonly PolicyState[]): Map<string, AdvisoryFinding> {
  const standing = new Map<string, AdvisoryFinding>();
  for (const finding of findingsOf(policyStates)) {
    if (finding.verdict !== 'present') continue;
    const key = keyOf(finding);
    const other = standing.get(key);
    if (!other || rank(finding.severity) < rank(other.severity)) standing.set(key, finding);
  }
  return standing;
}

function findingsOf(policyStates: readonly PolicyState[]): AdvisoryFinding[] {
  return policyStates.flatMap(({ advisories }) => advisories?.findings ?? []);
}

function keyOf({ advisory, scope }: AdvisoryFinding): string {
  return shortKey(`${advisory}|${normalId(scope)}`);
}

function keysOf(standing: ReadonlyMap<string, AdvisoryFinding>, severity: Severity): string[] {
  return [...standing]
    .filter(([, finding]) => finding.severity === severity)
    .slice(0, MAX_KEYS)
    .map(([key]) => key);
}

function itemOf({ severity, summary, remediation }: AdvisoryFinding): DigestItem {
  return { severity, text: summary, steps: remediation };
}

function rank(severity: Severity): number {
  return GRAVEST_FIRST.indexOf(severity);
}
