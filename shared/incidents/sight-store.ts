import type { TransactionAction } from '@azure/data-tables';
import { pack, unpack } from './entities.ts';
import { policyKey } from './keys.ts';
import { noticeToRow } from './rows.ts';
import { NOTHING_BLIND, type Sight, WATCH_ITSELF } from './sight-memory.ts';
import { ask, etagOf } from './storage-errors.ts';
import type { OutboxRow } from './store.ts';
import type { Row, TableLike } from './table-port.ts';

export interface SightStore {
  read(): Promise<{ sight: Sight; etag?: string }>;
  /** What is remembered of blindness and the notices that it calls for, in one transaction. */
  commit(
    sight: Sight,
    etag: string | undefined,
    rows: OutboxRow[],
  ): Promise<{ outcome: 'committed'; rows: OutboxRow[] } | { outcome: 'conflict' }>;
}

const KEYS = { partitionKey: policyKey(WATCH_ITSELF), rowKey: 'sight' };

export function sightStore(policies: () => Promise<TableLike>): SightStore {
  return {
    async read() {
      const table = await policies();
      const got = await ask('read the sight', () => table.getEntity(KEYS.partitionKey, KEYS.rowKey), [404]);
      if (!got.value) return { sight: NOTHING_BLIND };
      return { sight: unpack<Sight>(got.value), etag: got.value.etag };
    },
    async commit(sight, etag, rows) {
      const table = await policies();
      const row: Row = { ...KEYS, ...pack(sight) };
      const actions: TransactionAction[] = [
        etag === undefined ? ['create', row] : ['update', row, 'Replace', { etag }],
        ...rows.map((notice): TransactionAction => ['create', noticeToRow(notice)]),
      ];
      const done = await ask('commit the sight', () => table.submitTransaction(actions), [409, 412]);
      if (!done.value) return { outcome: 'conflict' };
      const etags = done.value.subResponses.map((response) => response.etag);
      return {
        outcome: 'committed',
        rows: rows.map((notice, n) => ({ ...notice, etag: etagOf(etags[n + 1]) })),
      };
    },
  };
}
