import { compareText } from '../compare-text.ts';
import { inPartition } from './keys.ts';
import { query } from './query.ts';
import { ask } from './storage-errors.ts';
import type { StoredRow, TableLike } from './table-port.ts';

/** A browser that signed in with a key. What identifies it is stored as a hash, and the key is not stored. */
export interface Session {
  /** SHA-256 of the id in the browser's cookie. */
  hash: string;
  mayAct: boolean;
  expiresAt: string;
}

export interface SessionStore {
  /** Stores it, and removes the expired ones. */
  open(session: Session, now: string): Promise<void>;
  /** Undefined where it has ended, or was never opened. */
  read(hash: string, now: string): Promise<Session | undefined>;
  end(hash: string): Promise<void>;
}

const PARTITION = 'sessions';
/** Of each right; beyond that, the session ends that would end first. So readers never end who may act. */
const MAX_SESSIONS = 200;
/** "Performing entity group transactions": the most operations of one. */
const MAX_TRANSACTION = 100;

/** Sessions are in the read model's table, which may be deleted at any time: people sign in again. */
export function sessionStore(table: () => Promise<TableLike>): SessionStore {
  return {
    async open(session, now) {
      const readModel = await table();
      await create(readModel, session);
      const rows = await query(readModel, 'list sessions', inPartition(PARTITION, "RowKey ge '0'"), [404]);
      await remove(
        readModel,
        toRemove(rows, now).filter((rowKey) => rowKey !== session.hash),
      );
    },
    async read(hash, now) {
      const readModel = await table();
      const got = await ask('read a session', () => readModel.getEntity(PARTITION, hash), [404]);
      const session = got.value && sessionIn(got.value);
      if (session && isRunning(session, now)) return session;
      if (got.value) await remove(readModel, [hash]);
      return undefined;
    },
    async end(hash) {
      await remove(await table(), [hash]);
    },
  };
}

async function create(table: TableLike, { hash, mayAct, expiresAt }: Session): Promise<void> {
  const row = { partitionKey: PARTITION, rowKey: hash, mayAct, expiresAt };
  const done = await ask('open a session', () => table.createEntity(row), [404]);
  if (done.status !== 404) return;
  await ask('make the table of sessions', () => table.createTable());
  await ask('open a session', () => table.createEntity(row));
}

function toRemove(rows: readonly StoredRow[], now: string): string[] {
  const running: Session[] = [];
  const over: string[] = [];
  for (const row of rows) {
    const session = sessionIn(row);
    if (session && isRunning(session, now)) running.push(session);
    else over.push(row.rowKey ?? '');
  }
  for (const right of [true, false])
    over.push(
      ...running
        .filter(({ mayAct }) => mayAct === right)
        .sort((a, b) => compareText(b.expiresAt, a.expiresAt))
        .slice(MAX_SESSIONS)
        .map(({ hash }) => hash),
    );
  return over.slice(0, MAX_TRANSACTION);
}

/** Another process may have removed one meanwhile: the whole transaction fails, and the next sign-in removes the rest. */
async function remove(table: TableLike, rowKeys: readonly string[]): Promise<void> {
  if (rowKeys.length === 0) return;
  await ask(
    'remove sessions',
    () => table.submitTransaction(rowKeys.map((rowKey) => ['delete', { partitionKey: PARTITION, rowKey }])),
    [404],
  );
}

/** A row that can't be read opens nothing. */
function sessionIn({ rowKey, mayAct, expiresAt }: StoredRow): Session | undefined {
  if (rowKey === undefined || typeof mayAct !== 'boolean' || typeof expiresAt !== 'string') return undefined;
  return { hash: rowKey, mayAct, expiresAt };
}

/** A time that can't be read is over. */
function isRunning({ expiresAt }: Session, now: string): boolean {
  return Date.parse(expiresAt) > Date.parse(now);
}
