import { join } from 'node:path';
import { startChild } from './child.ts';

/**
 * Starts a child that prints its addresses as one line of JSON when it is ready; `ending` receives its end
 * function.
 */
export async function jsonChild<T>(
  name: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  ending: (() => Promise<void>)[],
  options: { onLine?: (from: string, line: string) => void; onEnd?: (fault: string) => void },
): Promise<T> {
  let addresses: T | undefined;
  const child = await startChild(args, {
    name,
    cwd: join(import.meta.dirname, '../..'),
    env,
    ready(line) {
      if (addresses === undefined && line.startsWith('{')) addresses = JSON.parse(line);
      return addresses !== undefined;
    },
    onLine: (line) => options.onLine?.(name, line),
    onEnd: options.onEnd,
  });
  ending.push(() => child.stop());
  if (addresses === undefined) throw new Error(`${name} printed no addresses.`);
  return addresses;
}
