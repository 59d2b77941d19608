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
  let told: T | undefined;
  const child = await startChild(args, {
    name,
    cwd: join(import.meta.dirname, '../..'),
    env,
    ready(line) {
      if (told === undefined && line.startsWith('{')) told = JSON.parse(line);
      return told !== undefined;
    },
    onLine: (line) => options.onLine?.(name, line),
    onEnd: options.onEnd,
  });
  ending.push(() => child.stop());
  if (told === undefined) throw new Error(`${name} told no addresses.`);
  return told;
}
