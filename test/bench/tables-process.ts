import { memoryTable } from '../simulation/memory-table.ts';
import { historyInSqlite } from './history-in-sqlite.ts';

/** One call of a table, and what it gave. A list is answered page by page, as `page` with the list's own number. */
export interface TableRequest {
  id: number;
  table: 'policies' | 'history' | 'readModel';
  method:
    | 'createTable'
    | 'getEntity'
    | 'createEntity'
    | 'updateEntity'
    | 'deleteEntity'
    | 'submitTransaction'
    | 'page'
    | 'fill';
  args: unknown[];
}
export interface TableAnswer {
  id: number;
  value?: unknown;
  fault?: Fault;
}
interface Fault {
  message: string;
  statusCode?: number;
  code?: string;
  details?: unknown;
}

/** A process of its own that keeps tables in its memory, and answers calls over Node's channel between processes. */
const history = historyInSqlite();
const tables = { policies: memoryTable(), history, readModel: memoryTable() };
const lists = new Map<number, AsyncIterator<unknown[]>>();

process.on('message', async ({ id, table, method, args }: TableRequest) => {
  try {
    answer({ id, value: await call(table, method, args) });
  } catch (error) {
    const { message, statusCode, code, details } = error as Fault;
    answer({ id, fault: { message, statusCode, code, details } });
  }
});

async function call(table: TableRequest['table'], method: TableRequest['method'], args: unknown[]) {
  if (method === 'fill') return history.fill(...(args as [number]));
  if (method === 'page') return nextPage(table, args as [number, string, number]);
  return (tables[table][method] as (...given: unknown[]) => Promise<unknown>)(...args);
}

/** Undefined at the end of the list. */
async function nextPage(table: TableRequest['table'], [list, filter, maxPageSize]: [number, string, number]) {
  const pages =
    lists.get(list) ??
    tables[table].listEntities({ queryOptions: { filter } }).byPage({ maxPageSize })[Symbol.asyncIterator]();
  lists.set(list, pages);
  const { done, value } = await pages.next();
  if (!done) return value;
  lists.delete(list);
  return undefined;
}

function answer(told: TableAnswer): void {
  process.send?.(told);
}
