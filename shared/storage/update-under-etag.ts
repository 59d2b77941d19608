import type { TransactionAction } from '@azure/data-tables';
import { ask } from './storage-errors.ts';
import type { Row, StoredRow, TableLike } from './table-port.ts';

/** How often a change is made anew because another writer was first. */
const TRIES = 5;

export interface GuardedRow {
  table: TableLike;
  partitionKey: string;
  rowKey: string;
  /** In sentences: "the heartbeat". */
  what: string;
  /** The table may be deleted at any time, and is then made again. */
  disposable?: boolean;
}

/** What a change writes: the row, and in the same transaction the rows that its ETag guards as well. */
export interface RowChange<Value> {
  value: Value;
  row: Row;
  beside?: readonly Row[];
}

export type RowUpdate<Value> =
  | { outcome: 'written'; value: Value; etag: string | undefined }
  | { outcome: 'declined' | 'conflict' };

/**
 * The only way to change one row that several processes write: reads it, and writes the result of `change`
 * (pure) under its ETag, or creates it. If another writer was first, it reads and changes again. `declined`:
 * `change` returned undefined, and nothing is written. `conflict`: others kept writing.
 * @example
 * await updateUnderEtag(row, (before) => ({ value: 1, row: { ...keys, count: Number(before?.count ?? 0) + 1 } }));
 */
export async function updateUnderEtag<Value>(
  { table, partitionKey, rowKey, what, disposable = false }: GuardedRow,
  change: (before: StoredRow | undefined) => RowChange<Value> | undefined,
): Promise<RowUpdate<Value>> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const before = await ask(`read ${what}`, () => table.getEntity(partitionKey, rowKey), [404]);
    const changed = change(before.value);
    if (!changed) return { outcome: 'declined' };
    const { value, ...rows } = changed;
    const isNew = before.value === undefined;
    // 409: it was created meanwhile. 404 for a row that was read: it was deleted meanwhile.
    const expected = isNew ? [409, ...(disposable ? [404] : [])] : [404, 412];
    const done = await ask(`write ${what}`, () => write(table, rows, before.value?.etag), expected);
    if (done.status === undefined) return { outcome: 'written', value, etag: done.value.etag };
    if (done.status === 404 && disposable) await ask(`make the table of ${what}`, () => table.createTable());
  }
  return { outcome: 'conflict' };
}

async function write(
  table: TableLike,
  { row, beside }: Omit<RowChange<unknown>, 'value'>,
  etag: string | undefined,
): Promise<{ etag?: string }> {
  if (!beside)
    return etag === undefined ? table.createEntity(row) : table.updateEntity(row, 'Replace', { etag });
  const actions: TransactionAction[] = [
    etag === undefined ? ['create', row] : ['update', row, 'Replace', { etag }],
    ...beside.map((one): TransactionAction => ['upsert', one, 'Replace']),
  ];
  const { subResponses } = await table.submitTransaction(actions);
  return subResponses[0] ?? {};
}
