import { withoutEndSlashes } from '../../azure/arm-id.ts';

/** Reads single values out of untrusted JSON. What does not have the expected shape is undefined. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function valueAt(value: unknown, ...path: readonly string[]): unknown {
  let at = value;
  for (const name of path) {
    if (Array.isArray(at) && /^\d{1,6}$/.test(name)) at = at[Number(name)];
    else if (isRecord(at) && Object.hasOwn(at, name)) at = at[name];
    else return undefined;
  }
  return at;
}

export function entriesIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function flagIn(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

/** An ARM id, and nothing that only looks like one: no secret has this shape. */
export function armIdIn(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > MAX_ID || !ARM_ID.test(value)) return undefined;
  return withoutEndSlashes(value);
}
const MAX_ID = 1024;
/** Stricter than `armPath`: what it takes needs no escape in an address, and no segment leads to another resource. */
const ARM_ID = /^\/(?:subscriptions|providers)(?:\/(?!\.{1,2}(?:\/|$))[\p{L}\p{N}_.()-]{1,200}){1,30}\/?$/iu;

export function guidIn(value: unknown): string | undefined {
  return typeof value === 'string' && GUID.test(value) ? value.toLowerCase() : undefined;
}
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** "Naming rules": letters of any script, digits, and a few signs. */
export function isGroupName(value: unknown): value is string {
  return typeof value === 'string' && /^[\p{L}\p{N}_.()-]{1,90}$/u.test(value);
}

/** A key or a version, as Key Vault allows their names. */
export function keyNameIn(value: unknown): string | undefined {
  return typeof value === 'string' && /^[0-9a-z-]{1,127}$/i.test(value) ? value : undefined;
}

/** ISO 8601; undefined where it is no date. */
export function dateIn(value: unknown): string | undefined {
  const at =
    typeof value === 'number' ? value * 1000 : typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return at >= 0 && at < MAX_DATE ? new Date(at).toISOString() : undefined;
}
/** The year 9999 (RFC 3339 has four digits). */
const MAX_DATE = 253_402_300_799_000;

/** One of these words, in any case. */
export function wordIn<Word extends string>(value: unknown, words: readonly Word[]): Word | undefined {
  return typeof value === 'string'
    ? words.find((word) => word.toLowerCase() === value.toLowerCase())
    : undefined;
}

/** Those of the list that are among these words, in lower case: unknown words grant nothing here. */
export function wordsIn(value: unknown, words: readonly string[]): string[] {
  return entriesIn(value).flatMap((one) => wordIn(one, words)?.toLowerCase() ?? []);
}

/**
 * Whether anything in a value of `after_unknown` is not known before the change is made: `true` stands for a whole
 * value, at any depth. What is nested deeper than any real value counts as unknown.
 */
export function hasUnknown(value: unknown, depth = 0): boolean {
  if (value === true || depth > MAX_DEPTH) return true;
  if (Array.isArray(value)) return value.some((one) => hasUnknown(one, depth + 1));
  return isRecord(value) && Object.values(value).some((one) => hasUnknown(one, depth + 1));
}
const MAX_DEPTH = 50;

/** For an address in a file: one line of a bounded length. */
export function addressIn(value: unknown, otherwise: string): string {
  if (typeof value !== 'string' || value.trim() === '') return otherwise;
  return value.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ').slice(0, MAX_ADDRESS);
}
const MAX_ADDRESS = 400;

/** Whether two values are the same JSON; what is too deep counts as different. */
export function sameJson(a: unknown, b: unknown, depth = 0): boolean {
  if (a === b) return true;
  if (depth > MAX_DEPTH) return false;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((one, n) => sameJson(one, b[n], depth + 1));
  if (!isRecord(a) || !isRecord(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && sameJson(a[name], b[name], depth + 1))
  );
}
