import type { TransactionAction } from '@azure/data-tables';
import { policyKey } from '../incidents/ids.ts';
import { inBatches } from './batches.ts';
import { DRILL_PARTITION } from './drill-partition.ts';
import type { OutboxRow } from './incident-store.ts';
import { inPartition, noticesBeside, pendingRow, rowsUnder } from './keys.ts';
import { query } from './query.ts';
import { noticeFromRow } from './rows.ts';
import { ask } from './storage-errors.ts';
import type { Row, StoredRow, TableLike } from './table-port.ts';
import { type RowFault, readEach } from './unreadable-rows.ts';

const DOING = 'list undelivered notices';
/** Above this, one query of all notices of these policies costs less than one for each that may be pending. */
const MAX_SINGLY = 100;
/** So many rows beside notices that are final are deleted at a time; the others at the next. */
const MAX_DELETED = 200;

/**
 * The rows beside new notices, one for all channels of each, for the transaction that creates them. They are deleted
 * only once every channel's row is final (`readPendingNotices`), so no crash can hide a notice that is pending.
 */
export function besideNotices(notices: readonly OutboxRow[]): Row[] {
  const pending = notices.filter(({ state }) => state === 'pending');
  const rows = pending.map(
    ({ policyId, incidentId, noticeId }): Row => ({
      partitionKey: policyKey(policyId),
      rowKey: pendingRow(incidentId, noticeId),
    }),
  );
  return [...new Map(rows.map((row) => [row.rowKey, row])).values()];
}

export function upsertAll(rows: readonly Row[]): TransactionAction[] {
  return rows.map((row): TransactionAction => ['upsert', row, 'Replace']);
}

/**
 * The notices that are pending, due or not: of all policies (except the drill's), or of these. Found by the rows
 * beside them; those whose notices are all final are deleted here.
 */
export async function readPendingNotices(
  table: TableLike,
  policyIds?: readonly string[],
): Promise<{ values: OutboxRow[]; faults: RowFault[] }> {
  const partitions = policyIds && [...new Set(policyIds.map(policyKey))];
  const within = (filter: string) => partitions?.map((one) => inPartition(one, filter)) ?? [filter];
  const all = async (filters: readonly string[]) =>
    (await Promise.all(filters.map((filter) => query(table, DOING, filter)))).flat();
  const beside = await all(within(rowsUnder('pending')));
  const filters =
    beside.length > MAX_SINGLY
      ? within(`${rowsUnder('notice')} and state eq 'pending'`)
      : beside.map(({ partitionKey = '', rowKey = '' }) => inPartition(partitionKey, noticesBeside(rowKey)));
  const pending = (await all(filters)).filter(({ state }) => state !== 'sent' && state !== 'givenUp');
  await deleteFinal(table, beside, pending);
  const real = pending.filter(
    ({ partitionKey }) => policyIds !== undefined || partitionKey !== DRILL_PARTITION,
  );
  return readEach(real, noticeFromRow);
}

/** So many missing rows are written at a time; the others at the next. */
const MAX_WRITTEN = 500;

/**
 * Writes the row beside each pending notice that has none: an earlier version wrote none, and a person can delete one.
 * Such a notice is found by nothing else, and would never be sent or given up. One row too many is harmless, since the
 * next reader deletes it. `isWhole`: none is missing any more.
 */
export async function repairPendingRows(table: TableLike): Promise<{ written: number; isWhole: boolean }> {
  const doing = 'repair the rows beside undelivered notices';
  const keys = ['partitionKey', 'rowKey'];
  const [pending, beside] = await Promise.all([
    query(table, doing, `${rowsUnder('notice')} and state eq 'pending'`, [], [...keys, 'state']),
    query(table, doing, rowsUnder('pending'), [], keys),
  ]);
  const known = new Set(beside.map(({ partitionKey, rowKey }) => `${partitionKey} ${rowKey}`));
  const wanted = pending.map(({ partitionKey = '', rowKey = '' }): [string, Row] => {
    const row = { partitionKey, rowKey: ['pending', ...rowKey.split('|').slice(1, 3)].join('|') };
    return [`${partitionKey} ${row.rowKey}`, row];
  });
  const missing = [...new Map(wanted.filter(([key]) => !known.has(key))).values()];
  const some = missing.slice(0, MAX_WRITTEN);
  const partitions = Map.groupBy(some, ({ partitionKey }) => partitionKey).values();
  for (const rows of partitions)
    for (const batch of inBatches(rows)) await ask(doing, () => table.submitTransaction(upsertAll(batch)));
  return { written: some.length, isWhole: some.length === missing.length };
}

/** Under its ETag: a commit that adds a channel to a notice writes the row beside it again. */
async function deleteFinal(
  table: TableLike,
  beside: readonly StoredRow[],
  pending: readonly StoredRow[],
): Promise<void> {
  const keyOf = (partition = '', incident = '', notice = '') => `${partition} ${incident} ${notice}`;
  const keys = new Set(
    pending.map(({ partitionKey, rowKey }) => keyOf(partitionKey, ...(rowKey?.split('|').slice(1, 3) ?? []))),
  );
  const final = beside.filter(
    ({ partitionKey, rowKey }) => !keys.has(keyOf(partitionKey, ...(rowKey?.split('|').slice(1, 3) ?? []))),
  );
  // One that stays for any reason costs the next reader one query.
  await Promise.allSettled(
    final
      .slice(0, MAX_DELETED)
      .map(({ partitionKey = '', rowKey = '', etag }) => table.deleteEntity(partitionKey, rowKey, { etag })),
  );
}
