import { policyKey } from '../incidents/ids.ts';
import type { AffectedEnvironment, Incident, IncidentState, TimelineEntry } from '../incidents/incident.ts';
import { endedAtOf } from '../incidents/may-move.ts';
import { pack, unpack } from './entities.ts';
import type { ListedIncident, OutboxRow } from './incident-store.ts';
import { environmentRow, incidentRow, noticeRow, PROGRESS_ROW, timelineRow } from './keys.ts';
import {
  environmentSchema,
  INCIDENT_STATES,
  incidentSchema,
  noticeSchema,
  timelineSchema,
} from './row-schemas.ts';
import { UnreadableRowError } from './storage-errors.ts';
import type { Row, StoredRow } from './table-port.ts';

// One row's maximum share of a transaction's body, so that all rows of one decision fit into it together.
const INCIDENT_BYTES = 130_000;
const NOTICE_BYTES = 60_000;
const SMALL_BYTES = 30_000;

export function incidentToRow(incident: Incident): Row {
  return {
    partitionKey: policyKey(incident.policyId),
    rowKey: incidentRow(incident.id),
    policyId: incident.policyId,
    state: incident.state,
    openedAt: incident.openedAt,
    endedAt: endedAtOf(incident) ?? '',
    ...pack(incident, INCIDENT_BYTES),
  };
}

export function isEnded({ state }: Pick<Incident, 'state'>): boolean {
  return state === 'closed' || state === 'dismissed';
}

/** Set once all of an incident is in `history`, before anything of it is deleted from `policies`. */
export const LEAVING = 'isLeaving';
export function isLeaving(row: StoredRow): boolean {
  return row[LEAVING] === true;
}

/** The columns of an incident's row that a list needs; the incident itself is not read. */
export const LISTED = ['partitionKey', 'rowKey', 'policyId', 'state', 'openedAt', 'endedAt'];

export function listedFromRow(row: StoredRow): ListedIncident {
  const { policyId, state, openedAt, endedAt } = row;
  const isState = (text: unknown): text is IncidentState => INCIDENT_STATES.some((one) => one === text);
  if (typeof policyId !== 'string' || !isState(state)) throw new UnreadableRowError(row, LACKS);
  if (typeof openedAt !== 'string' || Number.isNaN(Date.parse(openedAt)))
    throw new UnreadableRowError(row, LACKS);
  const listed: ListedIncident = { id: row.rowKey?.split('|').at(-1) ?? '', policyId, state, openedAt };
  if (typeof endedAt === 'string' && !Number.isNaN(Date.parse(endedAt))) listed.endedAt = endedAt;
  return listed;
}
const LACKS = 'its plain columns are not those that this version writes';

export function incidentFromRow(row: StoredRow): Incident {
  return unpack<Incident>(row, incidentSchema);
}

export function environmentFromRow(row: StoredRow): AffectedEnvironment {
  return unpack<AffectedEnvironment>(row, environmentSchema);
}

export function timelineFromRow(row: StoredRow): TimelineEntry {
  return unpack<TimelineEntry>(row, timelineSchema);
}

/** One row per key: the same row twice would make storage refuse the whole transaction. */
export function environmentsToRows(incident: Incident, environments: readonly AffectedEnvironment[]): Row[] {
  const partitionKey = policyKey(incident.policyId);
  const rows = environments.map((environment) => ({
    partitionKey,
    rowKey: environmentRow(incident.id, environment.id),
    state: environment.state,
    ...pack(environment, SMALL_BYTES),
  }));
  return [...new Map(rows.map((row) => [row.rowKey, row])).values()];
}

/**
 * The progress of an incident's list of environments. Until the list is complete, the row also contains the
 * incident.
 */
export function progressToRow(incident: Incident, done: boolean): Row {
  const columns = {
    partitionKey: policyKey(incident.policyId),
    rowKey: PROGRESS_ROW,
    readAt: incident.readAt,
    done,
  };
  return done ? columns : { ...columns, ...pack(incident, INCIDENT_BYTES) };
}

export function timelineToRow(incident: Incident, entry: TimelineEntry, n: number): Row {
  return {
    partitionKey: policyKey(incident.policyId),
    rowKey: timelineRow(incident.id, entry, n),
    what: entry.what,
    ...pack(entry, SMALL_BYTES),
  };
}

/** `state` and `nextTryAt` have columns of their own: queries for undelivered notices use them. */
export function noticeToRow(notice: OutboxRow, most = NOTICE_BYTES): Row {
  const { etag: _, ...kept } = notice;
  if (kept.incident) {
    const { environmentsLeft: __, ...incident } = kept.incident;
    kept.incident = incident;
  }
  return {
    partitionKey: policyKey(notice.policyId),
    rowKey: noticeRow(notice.incidentId, notice.noticeId, notice.channel),
    policyId: notice.policyId,
    channel: notice.channel,
    reason: notice.reason,
    state: notice.state,
    nextTryAt: notice.nextTryAt,
    ...pack(kept, most),
  };
}

export function noticeFromRow(row: StoredRow): OutboxRow {
  return { ...unpack<OutboxRow>(row, noticeSchema), etag: row.etag };
}
