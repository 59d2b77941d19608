import { createHash } from 'node:crypto';

/** A message that could not be read, in the form in which it is stored for a person. */
export interface Unreadable {
  /** One sentence: the fault. */
  reason: string;
  /** The length of the whole message, in bytes. */
  bytes: number;
  /** SHA-256 of the whole message, hex. */
  sha256: string;
  /** The first 16 KiB as text; bytes that aren't UTF-8 show as U+FFFD. */
  firstBytes: string;
}

const FIRST_BYTES = 16 * 1024;

/** Keeps the data that a person needs to identify the message. Never throws for any `body`. */
export function unreadableMessage(body: unknown, reason: string): Unreadable {
  const bytes = bytesOf(body);
  return {
    reason,
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    firstBytes: new TextDecoder().decode(bytes.subarray(0, FIRST_BYTES)),
  };
}

function bytesOf(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  return Buffer.from(typeof body === 'string' ? body : jsonOf(body), 'utf8');
}

// The runtime passes parsed bodies, so the text is serialized again; a body nested too deep for that is only
// described.
function jsonOf(body: unknown): string {
  try {
    return JSON.stringify(body) ?? `(${typeof body})`;
  } catch (error) {
    return `(${typeof body} that has no JSON form: ${error instanceof Error ? error.message : 'no reason given'})`;
  }
}
