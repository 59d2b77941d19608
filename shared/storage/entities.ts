import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { FieldCheck } from './checks.ts';
import { SHORTER, shortened } from './shorten.ts';
import { BrokenRowError, UnreadableRowError } from './storage-errors.ts';
import type { Row, StoredRow } from './table-port.ts';

// Table Storage: a text holds 64 KiB of UTF-16, so 32 K characters; a binary 64 KiB; an entity 1 MiB; a
// transaction 100 entities and 4 MiB ("Understanding the Table service data model", "Performing entity group
// transactions").
const MAX_TEXT_LENGTH = 30_000;
const MAX_BINARY = 60_000;
/** The packed bytes of one row, besides its plain columns: below 1 MiB in base64 too, as Azurite counts. */
export const ROW_BYTES = 720_000;
const LARGEST_WIRE = 960_000;
export const TRANSACTION_ROWS = 100;
/** Below Azure's 4 MiB by the size of the transaction's multipart frame. */
export const TRANSACTION_BYTES = 3_900_000;

/** The version of the JSON in rows. A change that an older version would misread needs the next number. */
export const SCHEMA_VERSION = 1;

/**
 * One value as columns: readable JSON while it is short, otherwise compressed and split. `most`: its share of
 * a transaction's body; above that, descriptive parts are shortened (see `shorten.ts`), as far as that helps.
 * Throws `BrokenRowError` if even that is too large for a row.
 */
export function pack(value: unknown, most = LARGEST_WIRE): Record<string, string | number | Uint8Array> {
  const text = JSON.stringify(value);
  if (text.length <= MAX_TEXT_LENGTH && isWithin(text, most))
    return { schemaVersion: SCHEMA_VERSION, json: text };
  let bytes = compress(text.length > most * BEST_RATIO ? shortened(value, SHORTER[0]) : text);
  for (const limits of SHORTER) {
    if (wireOf(bytes) <= most) break;
    bytes = compress(shortened(value, limits));
  }
  if (bytes.length > ROW_BYTES)
    throw new BrokenRowError(
      `A row of ${bytes.length} bytes, compressed, is more than one entity of Table Storage holds.`,
    );
  return { schemaVersion: SCHEMA_VERSION, ...packBytes(bytes) };
}

/** Our JSON never compresses better than this, so longer text need not be tried. */
const BEST_RATIO = 40;

/** JSON within JSON: quotes are escaped, and a character takes three bytes at most, or six as an escape. */
function isWithin(text: string, most: number): boolean {
  return text.length * 6 <= most || jsonBytes(text) <= most;
}

function wireOf(bytes: Uint8Array): number {
  return Math.ceil(bytes.length / 3) * 4;
}

/** At most `ROW_BYTES`. */
export function packBytes(bytes: Uint8Array): Record<string, Uint8Array> {
  const columns: Record<string, Uint8Array> = {};
  for (let start = 0, n = 0; start < bytes.length; start += MAX_BINARY, n += 1) {
    columns[`zip${n}`] = bytes.subarray(start, start + MAX_BINARY);
  }
  return columns;
}

/** The value that `pack` wrote. Throws `UnreadableRowError` if this version did not write it. */
export function unpack<T>(row: StoredRow, check: FieldCheck = isAnything): T {
  const fault = versionFault(row);
  if (fault !== undefined) throw new UnreadableRowError(row, fault);
  const value = parsed(row, () => (typeof row.json === 'string' ? row.json : expand(unpackBytes(row))));
  const path = check(value);
  if (path !== undefined)
    throw new UnreadableRowError(
      row,
      `${path === '' ? 'what it holds' : `'${path}'`} is not of the kind that this version writes`,
    );
  return value as T;
}

const isAnything: FieldCheck = () => undefined;

/** Undefined: this version may read it. Rows of the first version have no number. */
export function versionFault({ schemaVersion }: StoredRow): string | undefined {
  if (schemaVersion === undefined || schemaVersion === null) return undefined;
  if (typeof schemaVersion === 'number' && schemaVersion <= SCHEMA_VERSION) return undefined;
  return `it has the schema version ${String(schemaVersion).slice(0, 20)}, and this version of Lockwatch reads up to ${SCHEMA_VERSION}`;
}

/** The errors of parsing and expanding quote stored data, so they are not passed on. */
export function parsed(row: StoredRow, text: () => string): unknown {
  try {
    return JSON.parse(text());
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new UnreadableRowError(row, 'its JSON is damaged');
  }
}

export function unpackBytes(row: StoredRow): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let n = 0; row[`zip${n}`] instanceof Uint8Array; n += 1) parts.push(row[`zip${n}`] as Uint8Array);
  return Buffer.concat(parts);
}

// Level 3: for lists of environments a third of the default's time, for a tenth more bytes.
export function compress(text: string): Uint8Array {
  return deflateRawSync(text, { level: 3 });
}
/** Throws where the text would be longer than any that we write: a forged row must not fill the memory. */
export function expand(bytes: Uint8Array): string {
  return inflateRawSync(bytes, { maxOutputLength: MAX_EXPANDED }).toString();
}
const MAX_EXPANDED = 64 * 1024 * 1024;

/**
 * A row's size in a transaction's body: JSON within JSON, binaries in base64, and the request's own lines.
 */
export function wireBytes(row: Row, ofText: (text: string) => number = jsonBytes): number {
  let bytes = 800;
  for (const [name, value] of Object.entries(row)) {
    bytes += name.length * 2 + 40;
    if (value instanceof Uint8Array) bytes += Math.ceil(value.length / 3) * 4;
    else bytes += typeof value === 'string' ? ofText(value) : jsonBytes(value);
  }
  return bytes;
}

function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '');
}

// A character takes six bytes of JSON at most.
const maxWireBytes = (row: Row) => wireBytes(row, (text) => text.length * 6 + 2);

/** Whether the rows come to no more than that. Counted exactly only where an upper limit of each text exceeds it. */
export function areWithin(rows: readonly Row[], most: number): boolean {
  return sumOf(rows, maxWireBytes) <= most || sumOf(rows, wireBytes) <= most;
}

export function sumOf(rows: readonly Row[], sizeOf: (row: Row) => number = wireBytes): number {
  return rows.reduce((sum, row) => sum + sizeOf(row), 0);
}
