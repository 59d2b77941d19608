import type { TransactionAction } from '@azure/data-tables';
import type { OutboxRow } from './incident-store.ts';
import { besideNotices, upsertAll } from './pending-notices.ts';
import { noticeToRow } from './rows.ts';
import { ask, etagOf } from './storage-errors.ts';
import type { TableLike } from './table-port.ts';

/**
 * Gives up a notice and inserts the rows that report it, in one transaction of the policy's partition, so
 * that no crash can leave a given-up notice without a report. The condition of each row:
 *
 *   the notice    replaced only under its ETag: the process that was first has also written the rows
 *   the rows      inserted, never overwritten
 *
 * Undefined if another process was first.
 */
export async function giveUpNotice(
  table: TableLike,
  notice: OutboxRow,
  rows: readonly OutboxRow[],
): Promise<OutboxRow[] | undefined> {
  const { etag } = notice;
  if (etag === undefined) throw new TypeError('A notice is given up under its ETag; this one has none.');
  const actions: TransactionAction[] = [
    ['update', noticeToRow(notice), 'Replace', { etag }],
    ...rows.map((row): TransactionAction => ['create', noticeToRow(row)]),
    ...upsertAll(besideNotices(rows)),
  ];
  const done = await ask('give up a notice', () => table.submitTransaction(actions), [404, 409, 412]);
  if (!done.value) return undefined;
  const etags = done.value.subResponses.map((response) => response.etag);
  return rows.map((row, n) => ({ ...row, etag: etagOf(etags[n + 1]) }));
}
