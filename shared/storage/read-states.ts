import { policyKey } from '../incidents/ids.ts';
import type { Head } from '../incidents/incident.ts';
import { type KnownMembers, remember } from './commit-rows.ts';
import { DRILL_PARTITION } from './drill-partition.ts';
import { unpack } from './entities.ts';
import type { StoredHead } from './incident-store.ts';
import { HEAD_ROWS, inPartition, PROGRESS_ROW, placeOfHead } from './keys.ts';
import { eachRow, query } from './query.ts';
import { type Lost, recoverHead } from './recover-state.ts';
import { incidentFromRow } from './rows.ts';
import { membersFromRows } from './state-rows.ts';
import { headSchema } from './state-schema.ts';
import { versionOf } from './state-version.ts';
import { StorageUnavailable } from './storage-errors.ts';
import type { StoredRow, TableLike } from './table-port.ts';
import { faultOf, type RowFault } from './unreadable-rows.ts';

export interface Read<T> {
  value: T;
  faults: RowFault[];
}

/** Every head but the drill's. Heads are long: a row is let go as soon as its head is made. */
export async function readHeads(table: TableLike, known: KnownMembers): Promise<Read<StoredHead[]>> {
  const heads: StoredHead[] = [];
  const faults: RowFault[] = [];
  const again: string[] = [];
  let ofOne: StoredRow[] = [];
  const finish = () => {
    const partition = ofOne[0]?.partitionKey ?? DRILL_PARTITION;
    const read = partition === DRILL_PARTITION ? undefined : headIn(ofOne);
    ofOne = [];
    if (!read) return;
    if (!read.stored) again.push(partition);
    else {
      heads.push(read.stored);
      faults.push(...read.faults);
    }
  };
  // Table service docs, "Query Entities": rows come sorted by partition, then by key.
  await eachRow(table, 'list what is remembered', HEAD_ROWS, (row) => {
    if (row.partitionKey !== ofOne[0]?.partitionKey) finish();
    ofOne.push(row);
  });
  finish();
  for (const read of await Promise.all(again.map((partition) => readOne(table, partition, known)))) {
    if (read.value) heads.push(read.value);
    faults.push(...read.faults);
  }
  return { value: heads, faults };
}

/** The head of one policy; where its row can't be read, one that begins anew in the next place. */
export async function readHead(
  table: TableLike,
  policyId: string,
  known: KnownMembers,
): Promise<Read<StoredHead | undefined>> {
  return readOne(table, policyKey(policyId), known, policyId);
}

const READ_TRIES = 5;

/**
 * A head with thousands of members lies in several rows; a read in the midst of a write is made again. What is torn and
 * stays the same version has lost rows.
 */
async function readOne(
  table: TableLike,
  partition: string,
  known: KnownMembers,
  policyId?: string,
): Promise<Read<StoredHead | undefined>> {
  let before: Lost | undefined;
  for (let attempt = 0; attempt < READ_TRIES; attempt += 1) {
    const rows = await query(table, 'read what is remembered of a policy', inPartition(partition, HEAD_ROWS));
    const read = headIn(rows);
    if (!read) return { value: undefined, faults: [] };
    const { stored, faults, membersHash, lost } = read;
    if (stored) {
      if (membersHash !== undefined) remember(known, `${partition} ${stored.etag}`, membersHash);
      return { value: stored, faults };
    }
    const isTornAnew = lost.isTorn && (attempt < READ_TRIES - 1 || before?.version !== lost.version);
    if (!isTornAnew) {
      const recovered = await recoverHead(table, partition, { ...lost, policyId: policyId ?? lost.policyId });
      const whose = recovered.value?.head.policyId;
      return {
        value: recovered.value,
        faults: [...faults, ...recovered.faults].map((fault) => ({ ...fault, policyId: whose })),
      };
    }
    before = lost;
  }
  throw new StorageUnavailable('read what is remembered of a policy', {
    name: 'KeepsChanging',
    statusCode: 503,
  });
}

type HeadRead = { faults: RowFault[] } & (
  | { stored: StoredHead; membersHash?: string; lost?: undefined }
  | { stored?: undefined; membersHash?: undefined; lost: Lost }
);

/** The head from the rows of its partition. Undefined: there is none. */
function headIn(rows: readonly StoredRow[]): HeadRead | undefined {
  let row: StoredRow | undefined;
  let place = -1;
  let older: { row: StoredRow; place: number }[] | undefined;
  for (const one of rows) {
    const at = placeOfHead(one.rowKey);
    if (at === undefined) continue;
    if (row) older = [...(older ?? []), at > place ? { row, place } : { row: one, place: at }];
    if (at > place) [row, place] = [one, at];
  }
  if (!row) return undefined;
  const faults = (older ?? []).flatMap((one) => headAt(one.place, one.row, rows).fault ?? []);
  const { head, fault, isTorn } = headAt(place, row, rows);
  if (fault || !head) {
    const lost: Lost = { place, isTorn: isTorn === true, version: row.etag };
    if (head) lost.head = head;
    if (typeof row.policyId === 'string') lost.policyId = row.policyId;
    return { faults: fault ? [...faults, fault] : faults, lost };
  }
  faults.push(...readProgress(rows, head));
  for (const one of faults) one.policyId = head.policyId;
  const stored = { head, etag: versionOf({ place, etag: row.etag }) };
  return typeof row.membersHash === 'string'
    ? { stored, faults, membersHash: row.membersHash }
    : { stored, faults };
}

/** `isTorn`: rows beside it are missing, and `head` is without what they hold. */
function headAt(
  place: number,
  row: StoredRow,
  rows: readonly StoredRow[],
): { head?: Head; fault?: RowFault; isTorn?: true } {
  try {
    const head = unpack<Head>(row, headSchema);
    if (policyKey(head.policyId) !== row.partitionKey)
      return { fault: { row, why: 'it is about a policy of another partition' } };
    if (!(Number(row.membersRows) > 0)) return { head };
    const members = membersFromRows(rows, place, row);
    const { environments, ...remembered } = head.remembered;
    if (!members || !environments)
      return {
        head: { ...head, remembered },
        fault: { row, why: 'rows of its list of environments are missing' },
        isTorn: true,
      };
    environments.members = members;
    return { head };
  } catch (error) {
    return { fault: faultOf(error, row) };
  }
}

/** The list that a crash left unfinished. Where that can't be told, that of the open incident is written again. */
function readProgress(rows: readonly StoredRow[], head: Head): RowFault[] {
  const progress = rows.find(({ rowKey }) => rowKey === PROGRESS_ROW);
  if (progress?.done !== false) return [];
  try {
    head.environmentsUnwritten = incidentFromRow(progress);
    return [];
  } catch (error) {
    if (head.incident) head.environmentsUnwritten = head.incident;
    return [faultOf(error, progress)];
  }
}
