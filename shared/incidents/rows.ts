import { pack, unpack } from './entities.ts';
import type { AffectedEnvironment, Incident, IncidentState, TimelineEntry } from './incident.ts';
import { environmentRow, incidentRow, noticeRow, PROGRESS_ROW, policyKey, timelineRow } from './keys.ts';
import { BrokenRow } from './storage-errors.ts';
import type { ListedIncident, OutboxRow } from './store.ts';
import type { Row, StoredRow } from './table-port.ts';

export function incidentToRow(incident: Incident): Row {
  return {
    partitionKey: policyKey(incident.policyId),
    rowKey: incidentRow(incident.id),
    policyId: incident.policyId,
    state: incident.state,
    openedAt: incident.openedAt,
    ...pack(incident),
  };
}

/** The columns of an incident's row that a list needs; the incident itself stays where it is. */
export const LISTED = ['partitionKey', 'rowKey', 'policyId', 'state', 'openedAt'];

export function listedFromRow(row: StoredRow): ListedIncident {
  const { policyId, state, openedAt } = row;
  const isState = (text: unknown): text is IncidentState => STATES.some((one) => one === text);
  if (typeof policyId !== 'string' || typeof openedAt !== 'string' || !isState(state))
    throw new BrokenRow(`The row ${row.partitionKey}/${row.rowKey} can't be read.`);
  return { id: row.rowKey?.slice('incident|'.length) ?? '', policyId, state, openedAt };
}

const STATES: readonly IncidentState[] = ['suspected', 'revoked', 'accessRestored', 'closed', 'dismissed'];

/** One row per key: the same row twice would have the whole transaction refused. */
export function environmentsToRows(incident: Incident, environments: readonly AffectedEnvironment[]): Row[] {
  const partitionKey = policyKey(incident.policyId);
  const rows = environments.map((environment) => ({
    partitionKey,
    rowKey: environmentRow(incident.id, environment.id),
    state: environment.state,
    ...pack(environment),
  }));
  return [...new Map(rows.map((row) => [row.rowKey, row])).values()];
}

/** How far an incident's list of environments is written. While it isn't done, the incident lies here with it. */
export function progressToRow(incident: Incident, done: boolean): Row {
  const columns = {
    partitionKey: policyKey(incident.policyId),
    rowKey: PROGRESS_ROW,
    readAt: incident.readAt,
    done,
  };
  return done ? columns : { ...columns, ...pack(incident) };
}

export function timelineToRow(incident: Incident, entry: TimelineEntry, n: number): Row {
  return {
    partitionKey: policyKey(incident.policyId),
    rowKey: timelineRow(incident.id, entry, n),
    what: entry.what,
    ...pack(entry),
  };
}

/** `state` and `nextTryAt` stand in columns of their own: undelivered notices are looked for by them. */
export function noticeToRow(notice: OutboxRow): Row {
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
    ...pack(kept),
  };
}

export function noticeFromRow(row: StoredRow): OutboxRow {
  return { ...unpack<OutboxRow>(row), etag: row.etag };
}
