import type { Heartbeat } from '../visibility/heartbeat.ts';
import { ask, StorageUnavailableError } from './storage-errors.ts';
import type { StoredRow, TableLike } from './table-port.ts';
import { updateUnderEtag } from './update-under-etag.ts';

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
const WHAT = 'the heartbeat';

/**
 * The heartbeat is in the read model's table: it may be deleted. That counts as silence, which repairs
 * itself.
 */
export function heartbeatStore(readModel: () => Promise<TableLike>): HeartbeatStore {
  return {
    async read() {
      const table = await readModel();
      const got = await ask(`read ${WHAT}`, () => table.getEntity(KEYS.partitionKey, KEYS.rowKey), [404]);
      return got.value ? heartbeatFrom(got.value) : {};
    },
    async update(change) {
      const guarded = { ...KEYS, table: await readModel(), what: WHAT, disposable: true };
      const done = await updateUnderEtag(guarded, (before) => {
        const value = change(before ? heartbeatFrom(before) : {});
        return value && { value, row: { ...KEYS, ...value } };
      });
      if (done.outcome === 'conflict')
        throw new StorageUnavailableError(`write ${WHAT}`, { name: 'KeepsChanging', statusCode: 503 });
      return done.outcome === 'written' ? done.value : undefined;
    },
  };
}

function heartbeatFrom(row: StoredRow): Heartbeat {
  const heartbeat: Heartbeat = {};
  for (const name of NAMES) {
    const value = row[name];
    if (typeof value === 'string' && value !== '' && isReadable(name, value)) heartbeat[name] = value;
  }
  for (const name of NUMBERS) {
    const value = row[name];
    if (typeof value === 'number' && Number.isFinite(value) && value >= 0) heartbeat[name] = value;
  }
  return heartbeat;
}

/**
 * An invalid time would be neither past nor future, and nobody would notice a missing sweep. It counts as
 * never written.
 */
function isReadable(name: TextName, value: string): boolean {
  return TEXTS.has(name) || !Number.isNaN(Date.parse(value));
}

/** The fields that are not times. */
const TEXTS: ReadonlySet<TextName> = new Set([
  'messageId',
  'sweepBy',
  'queueFault',
  'askedBy',
  'slowedSubscriptions',
]);

const NAMES = [
  'watchedSince',
  'timerAt',
  'sweepBegunAt',
  'sweepBy',
  'sweepFinishedAt',
  'failedUnreadAt',
  'leaseUntil',
  'messageId',
  'messageAt',
  'queueFault',
  'askedBy',
  'slowedSubscriptions',
] as const satisfies readonly (keyof Heartbeat)[];
type TextName = (typeof NAMES)[number];

const NUMBERS = ['sweepIntervalMs', 'calmSweeps'] as const satisfies readonly (keyof Heartbeat)[];
