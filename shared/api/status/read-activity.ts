import { policyKey } from '../../incidents/ids.ts';
import type { PolicyState } from '../../incidents/incident.ts';
import { WATCH_ITSELF } from '../../visibility/visibility-state.ts';
import type { ReadPorts } from '../endpoint.ts';
import { type ActivityEntry, noticeEntry, timelineEntry } from './activity-entry.ts';

const HOUR_MS = 3_600_000;
/** A signal may be older than the reading that opened the incident. */
const BEFORE_MS = HOUR_MS;
/** A notice of the end is given up after a day (`GIVE_UP_MS`), and that is reported. */
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
 * costs what it shows, however long the history is.
 */
export async function readActivity(
  policyStates: readonly PolicyState[],
  { from, to }: ActivityWindow,
  { isOfPolicy, fits, wanted }: { isOfPolicy: boolean; fits(entry: ActivityEntry): boolean; wanted: number },
  store: ReadPorts['store'],
): Promise<ActivityEntry[]> {
  const isWanted = (entry: ActivityEntry) => {
    const at = Date.parse(entry.at);
    return at >= from && at <= to && fits(entry);
  };
  const spans = policyStates
    .flatMap(spansOf)
    .filter(({ begins, ends }) => begins - BEFORE_MS <= to && ends + AFTER_MS >= from)
    .sort((one, other) => other.ends - one.ends);
  const found = (await withoutIncident(policyStates, isOfPolicy, store)).filter(isWanted);
  for (let n = 0; n < spans.length; n += AT_ONCE) {
    const latest = (spans[n]?.ends ?? 0) + AFTER_MS;
    if (found.filter(({ at }) => Date.parse(at) > latest).length >= wanted) break;
    const read = await Promise.all(spans.slice(n, n + AT_ONCE).map((span) => ofIncident(span, store)));
    found.push(...read.flat().filter(isWanted));
  }
  return found;
}

function spansOf({ policyId, incident, endedIncidents = [] }: PolicyState) {
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
    begins: Date.parse(incident.openedAt),
    ends: Number.MAX_SAFE_INTEGER,
  };
  return [...ended, open];
}

async function ofIncident(
  incident: { id: string; policyId: string },
  store: ReadPorts['store'],
): Promise<ActivityEntry[]> {
  const [timeline, notices] = await Promise.all([store.listTimeline(incident), store.listNotices(incident)]);
  return [
    ...timeline.map((entry) => timelineEntry(entry, incident)),
    ...notices.map((row) => noticeEntry(row, incident)),
  ];
}

/** Notices about Lockwatch itself, and those of silences that belong to a policy and not to an incident. */
async function withoutIncident(
  policyStates: readonly PolicyState[],
  isOfPolicy: boolean,
  store: ReadPorts['store'],
): Promise<ActivityEntry[]> {
  const silenced = policyStates.filter(
    ({ silences = [], silenceRows = [] }) => isOfPolicy || silences.length + silenceRows.length > 0,
  );
  const subjects = silenced.map(({ policyId }) => ({ id: policyKey(policyId), policyId }));
  if (!isOfPolicy) subjects.push({ id: WATCH_ITSELF, policyId: WATCH_ITSELF });
  const entries: ActivityEntry[] = [];
  for (let n = 0; n < subjects.length; n += AT_ONCE) {
    const read = await Promise.all(
      subjects.slice(n, n + AT_ONCE).map((subject) => store.listNotices(subject)),
    );
    entries.push(...read.flat().map((row) => noticeEntry(row, null)));
  }
  return entries;
}
