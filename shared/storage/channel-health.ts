import { SCHEMA_VERSION, versionFault } from './entities.ts';
import { CHANNELS_PARTITION, channelRow, inPartition, rowsUnder } from './keys.ts';
import { query } from './query.ts';
import { UnreadableRowError } from './storage-errors.ts';
import type { StoredRow, TableLike } from './table-port.ts';
import { type RowFault, readEach } from './unreadable-rows.ts';
import { updateUnderEtag } from './update-under-etag.ts';

/** The stored state of one channel, shared by all processes. Times ISO 8601. */
export interface ChannelHealth {
  channel: string;
  /** Consecutive tries that failed in a way that may pass. */
  failures: number;
  /** The first failed try since the last success. Absent: the last try succeeded, or none was made. */
  failingSince?: string;
  lastSuccessAt?: string;
  lastTryAt?: string;
  /** The channel's last failure; without secrets. */
  lastError?: string;
  /** The breaker is open, except for single probes, since this time … */
  openedAt?: string;
  /** … and at least until this time, when a probe may go. */
  openUntil?: string;
  /** When a notice was last given up, or refused for some of its recipients; the other channels report it. */
  gaveUpAt?: string;
  /** The first notice after that one that reached everybody. */
  deliveredAt?: string;
}

/** A writer's change of a channel's row; undefined: nothing is to be written. */
export type ChannelChange = (before: ChannelHealth) => ChannelHealth | undefined;

export interface ChannelHealthStore {
  /** Every channel that was ever tried. */
  readAll(): Promise<ChannelHealth[]>;
  /**
   * Writes the result of `change`, under the row's ETag; if another writer was first, `change` runs again on
   * the newer row. Undefined: `change` wanted nothing written, or too many others kept writing. Throws
   * `UnreadableRowError`, and leaves the row unchanged.
   */
  update(channel: string, change: ChannelChange): Promise<ChannelHealth | undefined>;
}

/**
 * The channels' rows have a partition of their own in the table of policies: no policy's transaction waits
 * for them.
 */
export function channelHealthStore(
  policies: () => Promise<TableLike>,
  note: (faults: RowFault[]) => void,
): ChannelHealthStore {
  return {
    async readAll() {
      const filter = inPartition(CHANNELS_PARTITION, rowsUnder('channel'));
      const read = readEach(await query(await policies(), 'read how the channels are', filter), fromRow);
      note(read.faults);
      return read.values;
    },
    async update(channel, change) {
      const keys = { partitionKey: CHANNELS_PARTITION, rowKey: channelRow(channel) };
      const done = await updateUnderEtag(
        { ...keys, table: await policies(), what: 'a channel' },
        (before) => {
          const value = change(before ? fromRow(before) : { channel, failures: 0 });
          return value && { value, row: { ...keys, schemaVersion: SCHEMA_VERSION, ...value } };
        },
      );
      return done.outcome === 'written' ? done.value : undefined;
    },
  };
}

function fromRow(row: StoredRow): ChannelHealth {
  const { channel, failures } = row;
  const fault = versionFault(row);
  if (fault !== undefined) throw new UnreadableRowError(row, fault);
  if (typeof channel !== 'string' || typeof failures !== 'number') throw new UnreadableRowError(row, LACKS);
  const health: ChannelHealth = { channel, failures };
  for (const name of TEXTS) {
    const value = row[name];
    if (value === undefined || value === null || value === '') continue;
    // A pause with an invalid end would never end.
    if (typeof value !== 'string' || (name !== 'lastError' && Number.isNaN(Date.parse(value))))
      throw new UnreadableRowError(row, LACKS);
    health[name] = value;
  }
  return health;
}
const LACKS = 'its columns are not those that this version writes';

const TEXTS = [
  'failingSince',
  'lastSuccessAt',
  'lastTryAt',
  'lastError',
  'openedAt',
  'openUntil',
  'gaveUpAt',
  'deliveredAt',
] as const satisfies readonly (keyof ChannelHealth)[];
