import { policyKey } from '../../incidents/ids.ts';
import type { PolicyState } from '../../incidents/incident.ts';
import type { IncidentOfRows } from '../../storage/incident-store.ts';
import { WATCH_ITSELF } from '../../visibility/visibility-state.ts';
import type { ReadPorts } from '../endpoint.ts';
import { type ActivityEntry, noticeEntry, timelineEntry } from './activity-entry.ts';
import { withoutHistory } from './optional-reads.ts';

const HOUR_MS = 3_600_000;
/** A signal may be older than the reading that opened the incident. */
const BEFORE_MS = HOUR_MS;
/**
 * A notice of the end is given up after a day (`GIVE_UP_MS`), and that is reported. So far the time in a notice's key may
 * be ahead of its row's, too.
 */
const AFTER_MS = 25 * HOUR_MS;
/** How many incidents are read at the same time. */
const AT_ONCE = 8;

/** Times in milliseconds. `to`: nothing later than this is wanted. */
export interface ActivityWindow {
  from: number;
  to: number;
}

/**
 * At least the newest `wanted` entries of the window, and perhaps more, in no order. Reads the incidents that are
 * open and those of the last month, the latest first, and stops where no other could have a newer entry: so a page
 * costs what it shows, however long the history is. `historyFault`: why some that ended could not be read.
 */
export async function readActivity(
  policyStates: readonly PolicyState[],
  { from, to }: ActivityWindow,
  { isOfPolicy, fits, wanted }: { isOfPolicy: boolean; fits(entry: ActivityEntry): boolean; wanted: number },
  { store, now }: { store: ReadPorts['store']; now: number },
): Promise<{ entries: ActivityEntry[]; historyFault?: string }> {
  const isWanted = (entry: ActivityEntry) => {
    const at = Date.parse(entry.at);
    return at >= from && at <= to && fits(entry);
  };
  const spans = policyStates
    .flatMap(spansOf)
    .filter(({ begins, ends }) => begins - BEFORE_MS <= to && ends + AFTER_MS >= from)
    .sort((one, other) => other.ends - one.ends);
  const own = { wanted, isWanted, window: { from, to } };
  const found = await withoutIncident(subjectsOf(policyStates, isOfPolicy), own, { store, now });
  let historyFault: string | undefined;
  for (let left = spans; left.length > 0; ) {
    const latest = (left[0]?.ends ?? 0) + AFTER_MS;
    if (found.filter(({ at }) => Date.parse(at) > latest).length >= wanted) break;
    const some = left.slice(0, AT_ONCE);
    const read = await Promise.all(some.map((span) => withoutHistory(ofIncident(span, store), [])));
    found.push(...read.flatMap(({ value }) => value).filter(isWanted));
    left = left.slice(AT_ONCE);
    const fault = read.find((one) => one.historyFault !== undefined)?.historyFault;
    // Each of the others that moved would wait for the same failure.
    if (fault !== undefined && historyFault === undefined) left = await notMoved(left, store);
    historyFault ??= fault;
  }
  return { entries: found, ...(historyFault === undefined ? {} : { historyFault }) };
}

async function notMoved<T extends { id: string }>(
  spans: readonly T[],
  store: ReadPorts['store'],
): Promise<T[]> {
  const ids = new Set((await store.listIncidents()).map(({ id }) => id));
  return spans.filter(({ id }) => ids.has(id));
}

/** When an incident began and ended. */
interface Span extends IncidentOfRows {
  begins: number;
  ends: number;
}

function spansOf({ policyId, incident, endedIncidents = [] }: PolicyState): Span[] {
  const ended = endedIncidents.map(({ id, openedAt, endedAt }) => ({
    id,
    policyId,
    begins: Date.parse(openedAt),
    ends: Date.parse(endedAt),
  }));
  if (!incident) return ended;
  const open = {
    id: incident.id,
    policyId,
    state: incident.state,
    begins: Date.parse(incident.openedAt),
    ends: Number.MAX_SAFE_INTEGER,
  };
  return [...ended, open];
}

async function ofIncident(incident: IncidentOfRows, store: ReadPorts['store']): Promise<ActivityEntry[]> {
  const [timeline, notices] = await Promise.all([store.listTimeline(incident), store.listNotices(incident)]);
  return [
    ...timeline.map((entry) => timelineEntry(entry, incident)),
    ...notices.map((row) => noticeEntry(row, incident)),
  ];
}

/**
 * Lockwatch itself, and the policies that are silenced or were in the last week: what is sent about them belongs to no
 * incident. Of one policy that was asked for, whenever that was.
 */
function subjectsOf(policyStates: readonly PolicyState[], isOfPolicy: boolean): string[] {
  const silenced = policyStates.filter(
    ({ silences = [], silenceRows = [], reportedSilences = [] }) =>
      isOfPolicy || silences.length + silenceRows.length + reportedSilences.length > 0,
  );
  return [...silenced.map(({ policyId }) => policyKey(policyId)), ...(isOfPolicy ? [] : [WATCH_ITSELF])];
}

const DAY_MS = 24 * HOUR_MS;
/** How far back the first read goes, and beyond which the next one goes back to the beginning. */
const FIRST_BACK_MS = DAY_MS;
const LAST_BACK_MS = 32 * DAY_MS;

/** The newest, by their keys: read back in time until there are as many as wanted. */
async function withoutIncident(
  subjects: readonly string[],
  {
    wanted,
    isWanted,
    window,
  }: { wanted: number; isWanted(entry: ActivityEntry): boolean; window: ActivityWindow },
  { store, now }: { store: ReadPorts['store']; now: number },
): Promise<ActivityEntry[]> {
  const entries: ActivityEntry[] = [];
  const newest = Math.min(window.to, now);
  let to = window.to + AFTER_MS;
  for (let backMs = FIRST_BACK_MS; ; backMs = nextBack(backMs, entries.length, wanted)) {
    const from = Math.max(window.from - BEFORE_MS, newest - backMs);
    for (let n = 0; n < subjects.length; n += AT_ONCE) {
      const some = subjects.slice(n, n + AT_ONCE);
      const read = await Promise.all(some.map((subject) => store.listOwnNotices(subject, { from, to })));
      entries.push(
        ...read
          .flat()
          .map((row) => noticeEntry(row, null))
          .filter(isWanted),
      );
    }
    const isEnough = entries.filter(({ at }) => Date.parse(at) >= from + BEFORE_MS).length >= wanted;
    if (isEnough || from <= window.from - BEFORE_MS) return entries;
    to = from - 1;
  }
}

/** As far back as there are enough, if they are as many in each day as found so far. */
function nextBack(backMs: number, found: number, wanted: number): number {
  if (backMs >= LAST_BACK_MS) return Number.POSITIVE_INFINITY;
  return Math.round(backMs * Math.min(32, Math.max(1.5, (1.5 * wanted) / found)));
}
