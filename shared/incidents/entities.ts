import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { BrokenRow } from './storage-errors.ts';
import type { Row, StoredRow } from './table-port.ts';

// Table Storage: a text holds 64 KiB of UTF-16, so 32 K characters; a binary 64 KiB; an entity 1 MiB; a transaction
// 100 entities and 4 MiB ("Understanding the Table service data model", "Performing entity group transactions").
const LONGEST_TEXT = 30_000;
const LONGEST_BINARY = 60_000;
/** What of packed bytes one row takes, besides its plain columns: below 1 MiB in base64 too, as Azurite counts. */
export const ROW_BYTES = 720_000;
export const TRANSACTION_ROWS = 100;
/** Below Azure's 4 MiB by what the multipart frame of the transaction may take. */
export const TRANSACTION_BYTES = 3_900_000;

/** One value as columns: readable JSON while it is short, else compressed and split. Throws where it is too large. */
export function pack(value: unknown): Record<string, string | Uint8Array> {
  const text = JSON.stringify(value);
  if (text.length <= LONGEST_TEXT) return { json: text };
  const bytes = compress(text);
  if (bytes.length > ROW_BYTES) {
    throw new BrokenRow(
      `A row of ${bytes.length} bytes, compressed, is more than one entity of Table Storage holds.`,
    );
  }
  return packBytes(bytes);
}

/** At most `ROW_BYTES`. */
export function packBytes(bytes: Uint8Array): Record<string, Uint8Array> {
  const columns: Record<string, Uint8Array> = {};
  for (let start = 0, n = 0; start < bytes.length; start += LONGEST_BINARY, n += 1) {
    columns[`zip${n}`] = bytes.subarray(start, start + LONGEST_BINARY);
  }
  return columns;
}

/** The value that `pack` put there. Throws `BrokenRow` where the row is not one of ours. */
export function unpack<T>(row: StoredRow): T {
  try {
    const text = typeof row.json === 'string' ? row.json : expand(unpackBytes(row));
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new BrokenRow(`The row ${row.partitionKey}/${row.rowKey} can't be read.`, { cause });
  }
}

export function unpackBytes(row: StoredRow): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let n = 0; row[`zip${n}`] instanceof Uint8Array; n += 1) parts.push(row[`zip${n}`] as Uint8Array);
  return Buffer.concat(parts);
}

// Level 3: on lists of environments a third of the time of the default, for a tenth more bytes.
export function compress(text: string): Uint8Array {
  return deflateRawSync(text, { level: 3 });
}
export function expand(bytes: Uint8Array): string {
  return inflateRawSync(bytes).toString();
}

/** What a row takes in a transaction's body: JSON within JSON, binaries in base64, and the request's own lines. */
export function wireBytes(row: Row): number {
  let bytes = 800;
  for (const [name, value] of Object.entries(row)) {
    bytes += name.length * 2 + 40;
    if (value instanceof Uint8Array) bytes += Math.ceil(value.length / 3) * 4;
    else bytes += Buffer.byteLength(JSON.stringify(value) ?? '');
  }
  return bytes;
}
