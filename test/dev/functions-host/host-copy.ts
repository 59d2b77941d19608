import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHost } from '../../../dev/functions-host/host.ts';
import type { LogEntry } from '../../../dev/functions-host/log.ts';

/**
 * A fixture that is built already, in a host of its own: a built app is loaded once in a process, so each start has a
 * copy, and sees the process's variables of its own moment.
 */
export async function startCopy(
  built: string,
  options: {
    env: Record<string, string>;
    auth?: boolean;
    only?: string[];
    onCleanup: (clean: () => Promise<void>) => void;
  },
) {
  const directory = await mkdtemp(join(tmpdir(), 'lockwatch-copy-'));
  options.onCleanup(() => rm(directory, { recursive: true, force: true }));
  await cp(built, directory, { recursive: true });
  const logged: LogEntry[] = [];
  const host = await startHost({
    directory,
    port: 0,
    env: options.env,
    auth: options.auth ?? false,
    ...(options.only ? { only: options.only } : {}),
    log: (entry) => logged.push(entry),
  });
  options.onCleanup(() => host.stop(2_000));
  return { ...host, logged };
}
