import { DatabaseSync } from 'node:sqlite';
import { deserialize, serialize } from 'node:v8';
import type { Row, StoredRow, TableLike } from '../../shared/storage/table-port.ts';
import { refusal } from '../simulation/memory-table.ts';

export interface FilledHistory extends TableLike {
  /** Adds so many copies of the incidents that are there, in transactions of 100 rows. Gives the number of all rows. */
  fill(incidents: number): number;
}
interface Found {
  partition: string;
  row: string;
  id: number;
  columns: Uint8Array;
}
interface Key {
  partition: string;
  row: string;
}

const TRANSACTION = 100;
const OPERATORS: Record<string, string> = { eq: '=', ge: '>=', gt: '>', le: '<=', lt: '<' };
const KEYS: Record<string, string> = { PartitionKey: 'partition', RowKey: 'row' };

/**
 * A table `history` that takes millions of rows: a tree by key, outside V8's heap. It can do what the product does with
 * that table. Copies of a row share its columns.
 */
export function historyInSqlite(): FilledHistory {
  const database = new DatabaseSync(':memory:');
  database.exec(`
    CREATE TABLE contents (id INTEGER PRIMARY KEY, columns BLOB NOT NULL);
    CREATE TABLE keys (partition TEXT, row TEXT, id INTEGER NOT NULL, PRIMARY KEY (partition, row)) WITHOUT ROWID;`);
  const content = database.prepare('INSERT INTO contents (columns) VALUES (?)');
  const key = database.prepare('INSERT OR REPLACE INTO keys VALUES (?, ?, ?)');
  const find = (where: string, values: string[], most: number) =>
    database
      .prepare(
        `SELECT * FROM keys JOIN contents USING (id) WHERE ${where} ORDER BY partition, row LIMIT ${most}`,
      )
      .all(...values) as unknown as Found[];
  const inTransaction = <T>(work: () => T): T => {
    database.exec('BEGIN');
    try {
      const done = work();
      database.exec('COMMIT');
      return done;
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  };

  async function* byPage(filter: string, maxPageSize: number): AsyncGenerator<StoredRow[]> {
    const { where, values } = conditionOf(filter);
    let page = find(where, values, maxPageSize);
    while (page.length > 0) {
      yield page.map(rowOf);
      const last = page.at(-1);
      if (!last || page.length < maxPageSize) return;
      page = find(
        `${where} AND (partition, row) > (?, ?)`,
        [...values, last.partition, last.row],
        maxPageSize,
      );
    }
  }

  const notUsed = () => Promise.reject(new Error('The product does not write the history like that.'));
  return {
    async createTable() {},
    createEntity: notUsed,
    updateEntity: notUsed,
    deleteEntity: notUsed,
    async getEntity(...of) {
      const [found] = find('partition = ? AND row = ?', of, 1);
      if (!found) throw refusal(404, 'ResourceNotFound');
      return rowOf(found);
    },
    listEntities({ queryOptions: { filter } }) {
      const rows = async function* () {
        for await (const page of byPage(filter, 1_000)) yield* page;
      };
      return { [Symbol.asyncIterator]: rows, byPage: ({ maxPageSize }) => byPage(filter, maxPageSize) };
    },
    async submitTransaction(actions) {
      const ids = inTransaction(() =>
        actions.map(([how, { partitionKey, rowKey, ...columns }]) => {
          if (how !== 'upsert') throw new Error('The product only adds to the history.');
          const { lastInsertRowid } = content.run(serialize(columns));
          key.run(partitionKey, rowKey, lastInsertRowid);
          return lastInsertRowid;
        }),
      );
      return { subResponses: ids.map((id) => ({ status: 204, etag: `W/"${id}"` })) };
    },
    fill(incidents) {
      const batches = copiesOf(find('true', [], -1), incidents);
      for (const rows of batches)
        inTransaction(() => {
          for (const { partition, row, id } of rows) key.run(partition, row, id);
        });
      return Number(database.prepare('SELECT count(*) AS rows FROM keys').get()?.rows);
    },
  };
}

function rowOf({ partition, row, id, columns }: Found): StoredRow {
  const stored: Row = { ...deserialize(columns), partitionKey: partition, rowKey: row };
  return { ...stored, etag: `W/"${id}"` };
}

/** Each copy under an id and a time of its own. */
function* copiesOf(moved: readonly Found[], incidents: number): Generator<(Key & { id: number })[]> {
  const ids = moved.flatMap(({ row }) => /^incident\|(.+)$/.exec(row)?.[1] ?? []);
  if (ids.length === 0) throw new Error('No incident moved to the history.');
  const rowsOf = new Map(ids.map((id) => [id, moved.filter(({ row }) => row.split('|').includes(id))]));
  let batch: (Key & { id: number })[] = [];
  for (let n = 0; n < incidents; n += 1) {
    const incident = ids[n % ids.length] ?? '';
    for (const { partition, row, id } of rowsOf.get(incident) ?? []) {
      const at = row.startsWith('ended|') ? row.replace(/\d{13}/, String(8_000_000_000_000 + n)) : row;
      batch.push({ partition, row: at.replaceAll(incident, `${incident.slice(0, 20)}-${n + 1000}`), id });
      if (batch.length < TRANSACTION) continue;
      yield batch;
      batch = [];
    }
  }
  yield batch;
}

function conditionOf(filter: string): { where: string; values: string[] } {
  const values: string[] = [];
  const parts = filter.split(' and ').map((part) => {
    const [, property = '', operator = '', text = ''] =
      /^(PartitionKey|RowKey) (eq|ge|gt|le|lt) '((?:[^']|'')*)'$/.exec(part) ?? [];
    if (!property) throw refusal(400, 'InvalidInput');
    values.push(text.replaceAll("''", "'"));
    return `${KEYS[property]} ${OPERATORS[operator]} ?`;
  });
  return { where: parts.join(' AND '), values };
}
