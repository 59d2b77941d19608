import { ask } from './storage-errors.ts';
import type { StoredRow, TableLike } from './table-port.ts';

/**
 * All rows that match the filter, page by page. `expected`: answers that mean "none"; `select`: only these
 * columns.
 */
export async function query(
  table: TableLike,
  doing: string,
  filter: string,
  expected: readonly number[] = [],
  select?: string[],
): Promise<StoredRow[]> {
  const rows: StoredRow[] = [];
  const got = await ask(
    doing,
    async () => {
      for await (const row of table.listEntities({ queryOptions: { filter, ...(select ? { select } : {}) } }))
        rows.push(row);
    },
    expected,
  );
  return got.status === undefined ? rows : [];
}

/** The same for long rows that need not all be in memory: passed on row by row. */
export async function eachRow(
  table: TableLike,
  doing: string,
  filter: string,
  take: (row: StoredRow) => void,
): Promise<void> {
  await ask(doing, async () => {
    const pages = table.listEntities({ queryOptions: { filter } }).byPage({ maxPageSize: LONG_ROWS });
    for await (const page of pages) for (const row of page) take(row);
  });
}
/** A page is in memory three times: as it came, as text, and parsed. */
const LONG_ROWS = 200;

/**
 * The first rows that match the filter, in the order of their keys; not many more are read. `isCounted`: a row that is
 * not counts for nothing, but is among them.
 */
export async function firstRows(
  table: TableLike,
  doing: string,
  {
    filter,
    select,
    count,
    isCounted = () => true,
  }: { filter: string; select?: string[]; count: number; isCounted?: (row: StoredRow) => boolean },
  expected: readonly number[] = [],
): Promise<StoredRow[]> {
  const rows: StoredRow[] = [];
  let counted = 0;
  const got = await ask(
    doing,
    async () => {
      const listed = table.listEntities({ queryOptions: { filter, ...(select ? { select } : {}) } });
      for await (const page of listed.byPage({ maxPageSize: Math.min(count, MAX_PAGE) })) {
        for (const row of page) {
          rows.push(row);
          if (isCounted(row)) counted += 1;
          if (counted >= count) return;
        }
      }
    },
    expected,
  );
  return got.status === undefined ? rows : [];
}
/** "Query timeout and pagination": the most rows of one answer. */
const MAX_PAGE = 1_000;
