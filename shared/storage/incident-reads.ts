import { partitionOfIncident, policyKey } from '../incidents/ids.ts';
import { WATCH_ITSELF } from '../visibility/visibility-state.ts';
import { DRILL_PARTITION } from './drill-partition.ts';
import type { EndedOnes, IncidentOfRows, IncidentStore } from './incident-store.ts';
import {
  ENDED_PARTITION,
  endedBetween,
  endedRow,
  INCIDENT_ROWS,
  incidentRow,
  inPartition,
  ownNoticesBetween,
  rowsOfIncident,
} from './keys.ts';
import { firstRows, query } from './query.ts';
import {
  environmentFromRow,
  incidentFromRow,
  isEnded,
  isLeaving,
  LISTED,
  listedFromRow,
  noticeFromRow,
  timelineFromRow,
} from './rows.ts';
import {
  ask,
  HistoryUnreadableError,
  StorageRefusedError,
  StorageUnavailableError,
} from './storage-errors.ts';
import type { StoredRow, TableLike, Tables } from './table-port.ts';
import { type RowFault, readEach } from './unreadable-rows.ts';

type IncidentReads = Pick<
  IncidentStore,
  | 'listIncidents'
  | 'listEnded'
  | 'readIncident'
  | 'listEnvironments'
  | 'listTimeline'
  | 'listNotices'
  | 'listOwnNotices'
  | 'historyFault'
>;

/**
 * Reads of incidents, which are in the table `policies` while they are open and for at least a day more, and in
 * `history` from then on. `policies` is always read first: an incident is deleted there only after all of it is in
 * `history`, so a reader that meets the move misses nothing; each row counts once, as it is in `policies`. `history` is
 * read only for what may be missing in `policies`, and where it refuses, `HistoryUnreadableError` says so.
 */
export function incidentReads(
  tables: () => Promise<Tables>,
  stateOf: IncidentStore['readPolicyState'],
  note: (read: string, table: 'policies' | 'history', faults: readonly RowFault[]) => void,
): IncidentReads {
  /** The values of both tables, in the order of their keys. */
  const values = <T>(name: string, current: StoredRow[], moved: StoredRow[], from: (row: StoredRow) => T) => {
    const keys = new Set(current.map(({ rowKey }) => rowKey));
    const keyed = (row: StoredRow) => ({ key: row.rowKey ?? '', value: from(row) });
    const mine = readEach(current, keyed);
    const older = readEach(
      moved.filter(({ rowKey }) => !keys.has(rowKey)),
      keyed,
    );
    note(name, 'policies', mine.faults);
    note(`${name} in the history`, 'history', older.faults);
    const all = [...mine.values, ...older.values];
    if (older.values.length > 0) all.sort((a, b) => (a.key < b.key ? -1 : 1));
    return all.map(({ value }) => value);
  };
  const list = async <T>(
    what: string,
    kind: Parameters<typeof rowsOfIncident>[0],
    incident: IncidentOfRows,
    from: (row: StoredRow) => T,
  ) => {
    const { policies, history } = await tables();
    const { id, policyId, state } = incident;
    const filter = inPartition(policyKey(policyId), rowsOfIncident(kind, id));
    const mayHaveMoved = partitionOfIncident(id) !== undefined && (state === undefined || isEnded({ state }));
    const current = await query(policies, `list ${what}`, filter);
    // In this order: where the incident's row is as it was, nothing of it had been deleted before.
    const isMissing = mayHaveMoved && (await hasLeft(policies, policyKey(policyId), id));
    const moved = isMissing ? await asked(() => query(history, `list ${what}`, filter, [404])) : [];
    return values(`${what} of ${id}`, current, moved, from);
  };
  return {
    async listIncidents({ drills } = { drills: false }) {
      const rows = await query((await tables()).policies, 'list incidents', INCIDENT_ROWS, [], LISTED);
      const real = rows.filter(({ partitionKey }) => drills || partitionKey !== DRILL_PARTITION);
      const read = readEach(real, listedFromRow);
      note('list of incidents', 'policies', read.faults);
      return read.values;
    },
    async listEnded(wanted) {
      const { history } = await tables();
      const read = await asked(() => endedOnes(history, wanted));
      note('list of the history', 'history', read.faults);
      return read.values;
    },
    async readIncident(incidentId) {
      const partition = partitionOfIncident(incidentId);
      if (partition === undefined) return undefined;
      const { policies, history } = await tables();
      const read = (table: TableLike) =>
        ask('read an incident', () => table.getEntity(partition, incidentRow(incidentId)), [404]);
      const current = (await read(policies)).value;
      const moved = current ? undefined : (await asked(() => read(history))).value;
      const [incident] = values(
        `incident ${incidentId}`,
        current ? [current] : [],
        moved ? [moved] : [],
        incidentFromRow,
      );
      const policyId = current?.policyId;
      if (incident || typeof policyId !== 'string') return incident;
      // The policy state contains the whole open incident; the next transition writes this row again.
      const open = (await stateOf(policyId))?.policyState.incident;
      return open?.id === incidentId ? open : undefined;
    },
    listEnvironments: (incident) => list('environments', 'environment', incident, environmentFromRow),
    listTimeline: (incident) => list('timeline', 'timeline', incident, timelineFromRow),
    listNotices: (incident) => list('notices', 'notice', incident, noticeFromRow),
    async listOwnNotices(subject, range) {
      const partition = subject === WATCH_ITSELF ? policyKey(subject) : subject;
      const filter = inPartition(partition, ownNoticesBetween(subject, range));
      const read = readEach(await query((await tables()).policies, 'list notices', filter), noticeFromRow);
      note(`notices of ${subject}`, 'policies', read.faults);
      return read.values;
    },
    async historyFault() {
      const filter = inPartition(ENDED_PARTITION, "RowKey eq ''");
      try {
        const { history } = await tables();
        await asked(() => query(history, 'read the table of the history', filter));
        return undefined;
      } catch (error) {
        if (error instanceof HistoryUnreadableError) return error.message;
        throw error;
      }
    },
  };
}

/** Whether some of its rows may be in `history` alone: it has moved, or its move has begun to delete. */
async function hasLeft(policies: TableLike, partition: string, id: string): Promise<boolean> {
  const got = await ask('read an incident', () => policies.getEntity(partition, incidentRow(id)), [404]);
  return got.value === undefined || isLeaving(got.value);
}

/** A question to the table `history`. Throws `HistoryUnreadableError` where storage fails or refuses. */
async function asked<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    if (error instanceof StorageUnavailableError || error instanceof StorageRefusedError)
      throw new HistoryUnreadableError(error);
    throw error;
  }
}

/** The first of each state, so that the first of all of them are among these. */
async function endedOnes(history: TableLike, wanted: EndedOnes) {
  const { states, policyId, from, to, after, count } = wanted;
  const partition = policyId === undefined ? ENDED_PARTITION : policyKey(policyId);
  const found = await Promise.all(
    states.map((state) => {
      const place = after && endedRow(state, after.openedAt, after.id);
      const filter = inPartition(partition, endedBetween(state, { from, to, after: place }));
      const first = { filter, select: LISTED, count, isCounted: isReadable };
      return firstRows(history, 'list the history', first, [404]);
    }),
  );
  return readEach(found.flat(), listedFromRow);
}

/** A row that can't be read takes no other's place: fewer than `count` means that there are no more. */
function isReadable(row: StoredRow): boolean {
  return readEach([row], listedFromRow).faults.length === 0;
}
