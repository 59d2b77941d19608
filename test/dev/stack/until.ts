/**
 * Waits until `ready` gives something. Throws, naming `what`, when it doesn't in time: a time that only a fault takes,
 * on however busy a machine.
 */
export async function until<T>(
  what: string,
  ready: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    const value = await ready();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`Waited in vain for: ${what}`);
}
