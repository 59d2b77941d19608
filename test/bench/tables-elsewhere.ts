import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { StoredRow, TableLike, Tables } from '../../shared/storage/table-port.ts';
import type { TableAnswer, TableRequest } from './tables-process.ts';

export interface TablesElsewhere {
  tables: Tables;
  /** How often each operation was called, by table. */
  calls: Map<string, number>;
  /** Adds so many copies of the incidents that are in the history. Gives how many rows it has then. */
  fillHistory(incidents: number): Promise<number>;
  stop(): Promise<void>;
}

/** Rows a page, as Azure gives at most. */
const PAGE = 1_000;

/**
 * Tables in the memory of a process of their own (`tables-process.ts`): millions of rows in the measured process would
 * make its garbage collector part of the figure. Azurite takes 2,000 to 4,600 rows a second and goes through all of a
 * table's rows for each list (a range of 100,000 rows: 45 ms to 2.4 s), so that it would be what is measured.
 */
export async function startTables(): Promise<TablesElsewhere> {
  const child = fork(join(import.meta.dirname, 'tables-process.ts'), [], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    serialization: 'advanced',
  });
  const reap = () => child.kill('SIGKILL');
  process.once('exit', reap);
  await once(child, 'spawn');
  const waiting = new Map<number, (answer: TableAnswer) => void>();
  child.on('message', (answer: TableAnswer) => {
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  child.once('exit', () => {
    for (const [id, tell] of waiting) tell({ id, fault: { message: 'The process of the tables ended.' } });
  });
  const calls = new Map<string, number>();
  let last = 0;
  const call = async <T>(table: TableRequest['table'], method: TableRequest['method'], args: unknown[]) => {
    calls.set(`${method} ${table}`, (calls.get(`${method} ${table}`) ?? 0) + 1);
    last += 1;
    const request: TableRequest = { id: last, table, method, args };
    const { value, fault } = await new Promise<TableAnswer>((resolve) => {
      waiting.set(request.id, resolve);
      child.send(request);
    });
    // As the SDK's errors.
    if (fault) throw Object.assign(new Error(fault.message), fault, { name: 'RestError' });
    return value as T;
  };
  const tableOf = (table: TableRequest['table']): TableLike => ({
    createTable: () => call(table, 'createTable', []),
    getEntity: (...key) => call(table, 'getEntity', key),
    createEntity: (entity) => call(table, 'createEntity', [entity]),
    updateEntity: (...update) => call(table, 'updateEntity', update),
    deleteEntity: (...row) => call(table, 'deleteEntity', row),
    submitTransaction: (actions) => call(table, 'submitTransaction', [actions]),
    listEntities({ queryOptions: { filter } }) {
      const byPage = async function* ({ maxPageSize }: { maxPageSize: number }) {
        last += 1;
        const list = last;
        for (;;) {
          const page = await call<StoredRow[] | undefined>(table, 'page', [list, filter, maxPageSize]);
          if (!page) return;
          yield page;
        }
      };
      const rows = async function* () {
        for await (const page of byPage({ maxPageSize: PAGE })) yield* page;
      };
      return { [Symbol.asyncIterator]: rows, byPage };
    },
  });
  return {
    tables: {
      policies: tableOf('policies'),
      history: tableOf('history'),
      readModel: tableOf('readModel'),
    },
    calls,
    fillHistory: (incidents) => call('history', 'fill', [incidents]),
    async stop() {
      process.removeListener('exit', reap);
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
