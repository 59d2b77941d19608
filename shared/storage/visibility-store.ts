import { randomUUID } from 'node:crypto';
import type { TransactionAction } from '@azure/data-tables';
import {
  NO_GAPS,
  type Visibility,
  type VisibilityNotice,
  WATCH_ITSELF,
} from '../visibility/visibility-state.ts';
import type { OutboxRow } from './incident-store.ts';
import { inPartition, noticeRow, ownNoticesBetween, rowsOfIncident } from './keys.ts';
import { besideNotices, upsertAll } from './pending-notices.ts';
import { query } from './query.ts';
import { noticeFromRow, noticeToRow } from './rows.ts';
import { ask, BrokenRowError, etagOf, StorageUnavailableError } from './storage-errors.ts';
import type { StoredRow, TableLike } from './table-port.ts';
import { readEach } from './unreadable-rows.ts';
import { recovered, type UnreadableMemory } from './visibility-recovery.ts';
import { rowCountOf, visibilityFromRows, visibilityKeys, visibilityToRows } from './visibility-rows.ts';

export interface VisibilityStore {
  /**
   * `unreadable`: the rows differ from those written, and `visibility` is rebuilt. `now`: then only the
   * notices of the last 90 days are read for that.
   */
  read(now?: string): Promise<{ visibility: Visibility; etag?: string; unreadable?: UnreadableMemory }>;
  /** Commits the visibility state and the notices that it requests, in one transaction. */
  commit(
    visibility: Visibility,
    etag: string | undefined,
    rows: OutboxRow[],
  ): Promise<{ outcome: 'committed'; rows: OutboxRow[] } | { outcome: 'conflict' }>;
  /** The rows of all notices about Lockwatch itself; one that can't be read is left out. */
  listNotices(): Promise<OutboxRow[]>;
  /** Deletes these rows in one transaction. If another process has deleted some, none: it deletes the others too. */
  deleteNotices(rows: readonly OutboxRow[]): Promise<void>;
}

const READ_TRIES = 5;

export function visibilityStore(policies: () => Promise<TableLike>): VisibilityStore {
  return {
    async read(now) {
      const table = await policies();
      let before: string | undefined;
      for (let attempt = 0; attempt < READ_TRIES; attempt += 1) {
        const first = await readRow(table, 0);
        if (!first) return { visibility: await madeAnew(table, now) };
        const { etag } = first;
        try {
          const others = Array.from({ length: rowCountOf(first) - 1 }, (_, n) => readRow(table, n + 1));
          return { visibility: visibilityFromRows([first, ...(await Promise.all(others))]), etag };
        } catch (error) {
          if (!(error instanceof BrokenRowError)) throw error;
          // Rows of two writes: another process may be between them.
          if (etag === before) {
            const unreadable = { table: 'policies', ...visibilityKeys(0), why: error.message };
            return { visibility: await madeAnew(table, now), etag, unreadable };
          }
          before = etag;
        }
      }
      throw new StorageUnavailableError('read the visibility', { name: 'KeepsChanging', statusCode: 503 });
    },
    async commit(visibility, etag, rows) {
      const table = await policies();
      const [first, ...others] = visibilityToRows(visibility, randomUUID());
      if (!first) throw new TypeError('What is remembered of visibility takes a row at least.');
      const actions: TransactionAction[] = [
        etag === undefined ? ['create', first] : ['update', first, 'Replace', { etag }],
        ...rows.map((notice): TransactionAction => ['create', noticeToRow(notice)]),
        ...upsertAll(besideNotices(rows)),
        ...others.map((row): TransactionAction => ['upsert', row, 'Replace']),
      ];
      const done = await ask('commit the visibility', () => table.submitTransaction(actions), [409, 412]);
      if (!done.value) return { outcome: 'conflict' };
      const etags = done.value.subResponses.map((response) => response.etag);
      return {
        outcome: 'committed',
        rows: rows.map((notice, n) => ({ ...notice, etag: etagOf(etags[n + 1]) })),
      };
    },
    async listNotices() {
      const filter = inPartition(visibilityKeys(0).partitionKey, rowsOfIncident('notice', WATCH_ITSELF));
      return readEach(await query(await policies(), 'list old notices', filter), noticeFromRow).values;
    },
    async deleteNotices(rows) {
      if (rows.length === 0) return;
      const table = await policies();
      const actions = rows.map((row): TransactionAction => ['delete', keysOf(row)]);
      await ask('delete old notices', () => table.submitTransaction(actions), [404]);
    },
  };
}

function keysOf({ incidentId, noticeId, channel }: OutboxRow): { partitionKey: string; rowKey: string } {
  const { partitionKey } = visibilityKeys(0);
  return { partitionKey, rowKey: noticeRow(incidentId, noticeId, channel) };
}

async function readRow(table: TableLike, n: number): Promise<StoredRow | undefined> {
  const { partitionKey, rowKey } = visibilityKeys(n);
  return (await ask('read the visibility', () => table.getEntity(partitionKey, rowKey), [404])).value;
}

const RECOVERED_MS = 90 * 86_400_000;

async function madeAnew(table: TableLike, now: string | undefined): Promise<Visibility> {
  const from = now === undefined ? 0 : Date.parse(now) - RECOVERED_MS;
  const range = { from, to: Number.POSITIVE_INFINITY };
  const filter = inPartition(visibilityKeys(0).partitionKey, ownNoticesBetween(WATCH_ITSELF, range));
  const rows = await query(table, 'list the notices of the watch itself', filter);
  const notices = new Map(
    rows.flatMap((row) => visibilityNoticeOf(row).map((visibility) => [visibility.id, visibility])),
  );
  return notices.size === 0 ? NO_GAPS : recovered([...notices.values()]);
}

/** An unreadable notice contributes nothing; the others do. */
function visibilityNoticeOf(row: StoredRow): VisibilityNotice[] {
  try {
    const { visibility } = noticeFromRow(row);
    return visibility ? [visibility] : [];
  } catch (error) {
    if (error instanceof BrokenRowError) return [];
    throw error;
  }
}
