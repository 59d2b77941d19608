import { TableClient, type TableEntityResult, type TransactionAction } from '@azure/data-tables';
import { localStorageCredential } from '../../dev/stack/storage-token.ts';
import { policyKey } from '../../shared/incidents/ids.ts';
import { inPartition } from '../../shared/storage/keys.ts';

type Row = TableEntityResult<Record<string, unknown>> & { partitionKey: string; rowKey: string };

/** All but the long lists of environments: their rows are written anew by every incident, over the old ones. */
const NO_ENVIRONMENTS = "(RowKey lt 'environment|' or RowKey ge 'environment}')";

/**
 * Notes what is remembered of a policy while all is well, and gives what puts it back: so that the same incident can
 * open again and again.
 */
export async function asItWas(tableEndpoint: string, policyId: string): Promise<() => Promise<void>> {
  const tables = ['policies', 'readmodel'].map(
    (name) => new TableClient(tableEndpoint, name, localStorageCredential()),
  );
  const restorers = await Promise.all(
    tables.map(async (table, n) => {
      const filter = n === 0 ? inPartition(policyKey(policyId), NO_ENVIRONMENTS) : '';
      const before = new Map((await rowsOf(table, filter)).map((row) => [keyOf(row), row]));
      return async () => {
        const now = await rowsOf(table, filter);
        const etags = new Map(now.map((row) => [keyOf(row), row.etag]));
        const actions: TransactionAction[] = [
          ...now
            .filter((row) => !before.has(keyOf(row)))
            .map((row): TransactionAction => ['delete', asKeys(row)]),
          ...[...before.values()]
            .filter((row) => etags.get(keyOf(row)) !== row.etag)
            .map((row): TransactionAction => ['upsert', row, 'Replace']),
        ];
        for (const [, mine] of Map.groupBy(actions, ([, row]) => row.partitionKey))
          await table.submitTransaction(mine);
        for (const row of await rowsOf(table, filter)) {
          const kept = before.get(keyOf(row));
          if (kept) kept.etag = row.etag;
        }
      };
    }),
  );
  return async () => {
    for (const restore of restorers) await restore();
  };
}

async function rowsOf(table: TableClient, filter: string): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const { partitionKey, rowKey, ...rest } of table.listEntities({ queryOptions: { filter } }))
    if (partitionKey !== undefined && rowKey !== undefined) rows.push({ ...rest, partitionKey, rowKey });
  return rows;
}

function keyOf({ partitionKey, rowKey }: Row): string {
  return `${partitionKey}\n${rowKey}`;
}

function asKeys({ partitionKey, rowKey }: Row) {
  return { partitionKey, rowKey };
}
