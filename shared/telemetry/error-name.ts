/**
 * The name of an error as it may be shown: that of a library's error can be any text, which may quote an address
 * or a token.
 */
export function nameOfError(error: unknown, otherwise = 'unknown'): string {
  const name = error instanceof Error ? error.name : undefined;
  return typeof name === 'string' && /^[A-Za-z][A-Za-z0-9_.]{0,59}$/.test(name) ? name : otherwise;
}
