import { policyKey } from '../incidents/ids.ts';
import { type Visibility, WATCH_ITSELF } from '../visibility/visibility-state.ts';
import { compress, expand, packBytes, ROW_BYTES, unpackBytes } from './entities.ts';
import { BrokenRowError } from './storage-errors.ts';
import type { Row, StoredRow } from './table-port.ts';
import { VISIBILITY_SCHEMA_VERSION, visibilitySchema } from './visibility-schema.ts';

/**
 * The stored visibility state, in as many rows as it needs; the ETag of the first guards all of them. At its
 * maximum (60,000 policies in gaps, 80,000 warnings, 500 gaps) it takes about 2 MB of the 4 MiB of one
 * transaction, and leaves the rest to the notices. `write`: an id of this write, so that rows of two writes
 * are never mixed.
 */
export function visibilityToRows(visibility: Visibility, write: string): Row[] {
  const text = JSON.stringify(visibility);
  if (text.length <= READABLE)
    return [{ ...visibilityKeys(0), version: VISIBILITY_SCHEMA_VERSION, write, rows: 1, json: text }];
  const bytes = compress(text);
  const count = Math.max(1, Math.ceil(bytes.length / ROW_BYTES));
  return Array.from({ length: count }, (_, n) => ({
    ...visibilityKeys(n),
    version: VISIBILITY_SCHEMA_VERSION,
    write,
    rows: count,
    ...packBytes(bytes.subarray(n * ROW_BYTES, (n + 1) * ROW_BYTES)),
  }));
}

/** A text of this length fits into one column, and a person can read it. */
const READABLE = 30_000;

export function visibilityKeys(n: number): { partitionKey: string; rowKey: string } {
  const partitionKey = policyKey(WATCH_ITSELF);
  return { partitionKey, rowKey: n === 0 ? 'visibility' : `visibility|${String(n).padStart(3, '0')}` };
}

/** More than any write makes: a higher count in a damaged row is not followed. */
const MAX_ROWS = 20;

/**
 * How many rows belong together, according to the first of them. Throws `BrokenRowError` if it is not one of
 * ours.
 */
export function rowCountOf(first: StoredRow): number {
  const { version, rows } = first;
  if (version !== VISIBILITY_SCHEMA_VERSION)
    throw new BrokenRowError(
      `its schema version is ${String(version)}, and ${VISIBILITY_SCHEMA_VERSION} is expected`,
    );
  if (typeof rows !== 'number' || !Number.isInteger(rows) || rows < 1 || rows > MAX_ROWS)
    throw new BrokenRowError('it does not say of how many rows it is the first');
  return rows;
}

/** All rows of one write, in order. Throws `BrokenRowError` if they differ from those written. */
export function visibilityFromRows(rows: readonly (StoredRow | undefined)[]): Visibility {
  const write = rows[0]?.write;
  const whole = rows.map((row) => {
    if (row === undefined || row.write !== write)
      throw new BrokenRowError('rows that belong to it are missing');
    return row;
  });
  const parsed = visibilitySchema.safeParse(storedValue(whole));
  if (parsed.success) return parsed.data;
  throw new BrokenRowError(
    `its field ${parsed.error.issues[0]?.path.slice(0, 2).join('.')} is not of the kind expected`,
  );
}

function storedValue(rows: readonly StoredRow[]): unknown {
  const text = rows[0]?.json;
  try {
    return JSON.parse(typeof text === 'string' ? text : expand(Buffer.concat(rows.map(unpackBytes))));
  } catch (cause) {
    throw new BrokenRowError('it holds no JSON', { cause });
  }
}
