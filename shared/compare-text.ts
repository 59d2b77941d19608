/**
 * For `sort`: by code units, which for ISO 8601 times and ids is their order. `localeCompare` loads collation rules, and
 * the first notice of a process would wait for that.
 */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
