import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { type Child, startChild } from './child.ts';
import { cleanEnvironment } from './clean-environment.ts';

const ROOT = join(import.meta.dirname, '..');

/** The app as it is deployed: what was built and what describes it, away from this project's node_modules. */
export async function copyApp(directory: string): Promise<void> {
  await cp(join(ROOT, 'dist'), join(directory, 'dist'), { recursive: true });
  for (const file of ['package.json', 'host.json']) await cp(join(ROOT, file), join(directory, file));
}

/** Starts the app in a local Functions host of its own. `only`: these functions; none named, all of them. */
export function startApp(options: {
  directory: string;
  port: number;
  only: string[];
  settings: Record<string, string>;
  onLine?: (from: string, line: string) => void;
  onEnd?: (fault: string) => void;
}): Promise<Child> {
  const { directory, port, only, settings, onLine, onEnd } = options;
  return startChild(
    [
      ...['local/host/main.ts', '--port', `${port}`, '--directory', directory],
      ...(only.length > 0 ? ['--only', only.join(',')] : []),
    ],
    {
      name: only.length > 0 ? `The app (${only.join(', ')})` : 'The app',
      cwd: ROOT,
      env: { ...cleanEnvironment(process.env), ...settings },
      ready: (line) => /ready: http/i.test(line),
      onLine: (line) => onLine?.('app', line),
      onEnd,
    },
  );
}
