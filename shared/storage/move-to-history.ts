import type { TransactionAction } from '@azure/data-tables';
import { partitionOfIncident } from '../incidents/ids.ts';
import { endedAtOf } from '../incidents/may-move.ts';
import { inBatches } from './batches.ts';
import { DRILL_PARTITION } from './drill-partition.ts';
import { ENDED_PARTITION, endedRow, incidentRow, inPartition, rowsOfIncident } from './keys.ts';
import { query } from './query.ts';
import {
  environmentFromRow,
  incidentFromRow,
  isLeaving,
  LEAVING,
  listedFromRow,
  noticeFromRow,
  timelineFromRow,
} from './rows.ts';
import { ask } from './storage-errors.ts';
import type { Row, StoredRow, TableLike, Tables } from './table-port.ts';
import { type RowFault, readEach } from './unreadable-rows.ts';

/** `waits`: a notice of it is not delivered. `unreadable`: some of its rows can't be read. `gone`: it has moved. */
export interface Moved {
  outcome: 'moved' | 'waits' | 'unreadable' | 'gone';
  faults: RowFault[];
}

type MovedTables = Pick<Tables, 'policies' | 'history'>;

/**
 * Moves an incident that ended, with all its rows, to the table `history`. The rows keep their keys, so that a copy
 * that is made again is the same copy:
 *
 *   1  environments, timeline, notices    copied, 100 in a transaction
 *   2  the incident                       copied, with a row that lists it among those of its policy
 *   3  a row that lists it among all      from here on a list shows it, and all that it shows is there
 *   4  the incident in `policies`         marked: from here on a reader needs `history`, too
 *   5  environments, timeline, notices    deleted from `policies`
 *   6  the incident                       deleted from `policies`, last: while it is there, the move goes on
 *
 * Until step 6 it is in both tables; readers take each row from `policies` first.
 */
export async function moveToHistory(tables: MovedTables, id: string): Promise<Moved> {
  const { policies, history } = tables;
  const partition = partitionOfIncident(id);
  if (partition === undefined) return { outcome: 'gone', faults: [] };
  const read = (kind: Parameters<typeof rowsOfIncident>[0]) =>
    query(policies, DOING, inPartition(partition, rowsOfIncident(kind, id)));
  const got = await ask(DOING, () => policies.getEntity(partition, incidentRow(id)), [404]);
  if (!got.value) return { outcome: 'gone', faults: [] };
  const [environments, timeline, notices] = await Promise.all([
    read('environment'),
    read('timeline'),
    read('notice'),
  ]);
  if (notices.some(({ state }) => state === 'pending')) return { outcome: 'waits', faults: [] };
  const listed = readEach([got.value], listedFromRow);
  const whole = readEach([got.value], incidentFromRow);
  const faults = [
    ...listed.faults,
    ...whole.faults,
    ...readEach(environments, environmentFromRow).faults,
    ...readEach(timeline, timelineFromRow).faults,
    ...readEach(notices, noticeFromRow).faults,
  ];
  const [ended] = listed.values;
  if (faults.length > 0 || !ended) return { outcome: 'unreadable', faults };

  const rows = [...environments, ...timeline, ...notices].map(copyOf);
  const index: Row = {
    partitionKey: partition,
    rowKey: endedRow(ended.state, ended.openedAt, id),
    // An earlier version wrote incidents without this column.
    ...whole.values.map((incident) => ({ endedAt: endedAtOf(incident) }))[0],
    ...ended,
  };
  for (const batch of inBatches(rows)) await put(history, batch);
  await put(history, [copyOf(got.value), index]);
  if (partition !== DRILL_PARTITION) await put(history, [{ ...index, partitionKey: ENDED_PARTITION }]);
  if (!isLeaving(got.value) && !(await mark(policies, got.value))) return { outcome: 'moved', faults: [] };
  // 404: another process moves the same incident, and deletes the rest.
  for (const batch of [...inBatches(rows), [copyOf(got.value)]]) if (!(await remove(policies, batch))) break;
  return { outcome: 'moved', faults: [] };
}

const DOING = 'move an incident to the history';

/** Only what was stored: the service adds its own columns to what it gives. */
function copyOf(row: StoredRow): Row {
  const { etag: _, timestamp: __, [LEAVING]: ___, partitionKey = '', rowKey = '', ...columns } = row;
  const own = Object.entries(columns).filter(([name]) => !name.startsWith('odata.'));
  return { ...Object.fromEntries(own), partitionKey, rowKey };
}

/** A person may have deleted the whole table, to delete all of the history: it is made anew. */
async function put(history: TableLike, rows: readonly Row[]): Promise<void> {
  const actions = rows.map((row): TransactionAction => ['upsert', row, 'Replace']);
  const done = await ask(DOING, () => history.submitTransaction(actions), [404]);
  if (done.value) return;
  await ask('make the table of the history', () => history.createTable());
  await ask(DOING, () => history.submitTransaction(actions));
}

/** Under its ETag: where another process marks it, that one deletes the rows. */
async function mark(policies: TableLike, row: StoredRow): Promise<boolean> {
  const { etag } = row;
  const marked = { ...copyOf(row), [LEAVING]: true };
  const done = await ask(DOING, () => policies.updateEntity(marked, 'Replace', { etag }), [404, 412]);
  return done.value !== undefined;
}

async function remove(policies: TableLike, rows: readonly Row[]): Promise<boolean> {
  const actions = rows.map(
    ({ partitionKey, rowKey }): TransactionAction => ['delete', { partitionKey, rowKey }],
  );
  return (await ask(DOING, () => policies.submitTransaction(actions), [404])).value !== undefined;
}
