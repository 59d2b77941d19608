import type { Heartbeat } from '../visibility/heartbeat.ts';
import { ask, etagOf, StorageUnavailableError } from './storage-errors.ts';
import type { Row, TableLike } from './table-port.ts';

export interface HeartbeatStore {
  read(): Promise<Heartbeat>;
  /**
   * Writes the result of `change`, under the row's ETag; if another writer was first, `change` runs again on
   * the newer row. Undefined from `change`: nothing is written, and undefined is returned. Throws if storage
   * can't be used, or others keep writing: the caller must not take that for a decision.
   */
  update(change: (before: Heartbeat) => Heartbeat | undefined): Promise<Heartbeat | undefined>;
}

const KEYS = { partitionKey: 'heartbeat', rowKey: 'sweep' };
const TRIES = 5;

/**
 * The heartbeat is in the read model's table: it may be deleted. That counts as silence, which repairs
 * itself.
 */
export function heartbeatStore(readModel: () => Promise<TableLike>): HeartbeatStore {
  return {
    async read() {
      return (await readHeartbeat(await readModel())).heartbeat;
    },
    async update(change) {
      const table = await readModel();
      for (let attempt = 0; attempt < TRIES; attempt += 1) {
        const { heartbeat, etag } = await readHeartbeat(table);
        const next = change(heartbeat);
        if (!next) return undefined;
        const row: Row = { ...KEYS, ...next };
        const write = () =>
          etag === undefined ? table.createEntity(row) : table.updateEntity(row, 'Replace', { etag });
        const done = await ask('write the heartbeat', write, [404, 409, 412]);
        if (done.value) return next;
        if (done.status === 404) await ask('make the overview', () => table.createTable());
      }
      throw new StorageUnavailableError('write the heartbeat', { name: 'KeepsChanging', statusCode: 503 });
    },
  };
}

async function readHeartbeat(table: TableLike): Promise<{ heartbeat: Heartbeat; etag?: string }> {
  const got = await ask('read the heartbeat', () => table.getEntity(KEYS.partitionKey, KEYS.rowKey), [404]);
  if (!got.value) return { heartbeat: {} };
  const heartbeat: Heartbeat = {};
  for (const name of NAMES) {
    const value = got.value[name];
    if (typeof value === 'string' && value !== '' && isReadable(name, value)) heartbeat[name] = value;
  }
  return { heartbeat, etag: etagOf(got.value.etag) };
}

/**
 * An invalid time would be neither past nor future, and nobody would notice a missing sweep. It counts as
 * never written.
 */
function isReadable(name: keyof Heartbeat, value: string): boolean {
  return TEXTS.has(name) || !Number.isNaN(Date.parse(value));
}

/** The fields that are not times. */
const TEXTS: ReadonlySet<keyof Heartbeat> = new Set(['messageId', 'sweepBy', 'queueFault']);

const NAMES = [
  'watchedSince',
  'timerAt',
  'sweepBegunAt',
  'sweepBy',
  'sweepFinishedAt',
  'leaseUntil',
  'messageId',
  'messageAt',
  'queueFault',
] as const satisfies readonly (keyof Heartbeat)[];
