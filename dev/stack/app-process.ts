import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { UNHANDLED_FAULT_EXIT_CODE } from '../functions-host/host-error.ts';
import { startChild } from './child.ts';
import { cleanEnvironment } from './clean-environment.ts';
import { type KeptChild, keepRunning } from './keep-running.ts';

const ROOT = join(import.meta.dirname, '../..');

/**
 * The app as it is deployed: the build output and its description, apart from this project's node_modules.
 */
export async function copyApp(directory: string): Promise<void> {
  await cp(join(ROOT, 'dist'), join(directory, 'dist'), { recursive: true });
  for (const file of ['package.json', 'host.json']) await cp(join(ROOT, file), join(directory, file));
}

/**
 * Starts the app in a local Functions host of its own, and restarts it where the host ends as Microsoft's
 * does when the queues are unreachable or refuse access. `only`: these functions; if none is named, all of
 * them.
 */
export function startApp(options: {
  directory: string;
  port: number;
  /** Arguments of Node itself. */
  nodeArgs?: readonly string[];
  only: string[];
  settings: Record<string, string>;
  onLine?: (from: string, line: string) => void;
  /** Called with a sentence before each restart. */
  onRestart?: (restart: string) => void;
  onEnd?: (fault: string) => void;
}): Promise<KeptChild> {
  const { directory, port, nodeArgs = [], only, settings, onLine, onRestart, onEnd } = options;
  const name = only.length > 0 ? `The app (${only.join(', ')})` : 'The app';
  return keepRunning({
    start: (onChildEnd) =>
      startChild(
        [
          ...[...nodeArgs, 'dev/functions-host/main.ts', '--port', `${port}`, '--directory', directory],
          ...(only.length > 0 ? ['--only', only.join(',')] : []),
        ],
        {
          name,
          cwd: ROOT,
          env: { ...cleanEnvironment(process.env), ...settings },
          ready: (line) => /ready: http/i.test(line),
          onLine: (line) => onLine?.('app', line),
          onEnd: onChildEnd,
        },
      ),
    restartOn: UNHANDLED_FAULT_EXIT_CODE,
    onRestart(fault, pauseMs) {
      const lines = fault.split('\n');
      const why = lines.findLast((line) => line.includes('Host is shutting down')) ?? lines[0];
      onRestart?.(`${name} is started again in ${pauseMs / 1000} s: ${why}`);
    },
    onEnd: (fault) => onEnd?.(fault),
  });
}
