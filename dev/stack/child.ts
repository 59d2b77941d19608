import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Child {
  process: ChildProcess;
  /** The end of its output, for a message when it fails. */
  output(): string;
  /** Sends SIGTERM, and SIGKILL when it has not ended within `patienceMs`. */
  stop(patienceMs?: number): Promise<void>;
  kill(): Promise<void>;
}

/**
 * Starts `node <args>` with this Node and waits until a line of its output satisfies `ready`.
 * Throws, with the end of its output, when it ends first or isn't ready in time.
 */
export async function startChild(
  args: string[],
  options: {
    env?: NodeJS.ProcessEnv;
    cwd?: string;
    ready: (line: string) => boolean;
    timeoutMs?: number;
    onLine?: (line: string) => void;
    /**
     * Called when it ends by itself after it was ready: a sentence with the end of its output, and its exit
     * code.
     */
    onEnd?: (fault: string, code: number | null) => void;
    name: string;
  },
): Promise<Child> {
  const started = spawn(process.execPath, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // A child that outlives its parent would keep its ports: whenever this process ends, the child is ended.
  const reap = () => started.kill('SIGKILL');
  process.prependOnceListener('exit', reap);
  started.once('exit', () => process.removeListener('exit', reap));

  let kept = '';
  const ready = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`${options.name} was not ready in time. It said:\n${kept}`)),
      options.timeoutMs ?? 120_000,
    );
    const finish = (scenario: () => void) => {
      clearTimeout(timer);
      scenario();
    };
    for (const stream of [started.stdout, started.stderr]) {
      let rest = '';
      stream.setEncoding('utf8');
      stream.on('data', (chunk: string) => {
        kept = (kept + chunk).slice(-8_000);
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          options.onLine?.(line);
          if (options.ready(line)) finish(resolve);
        }
      });
    }
    started.once('error', (error) => finish(() => reject(error)));
    started.once('exit', (code, signal) =>
      finish(() =>
        reject(new Error(`${options.name} ended (${signal ?? code}) before it was ready. It said:\n${kept}`)),
      ),
    );
  });

  const ended = once(started, 'exit');
  let isAsked = false;
  const isOver = () => started.exitCode !== null || started.signalCode !== null;
  const kill = async () => {
    isAsked = true;
    if (isOver()) return;
    started.kill('SIGKILL');
    await ended;
  };
  try {
    await ready;
  } catch (error) {
    await kill();
    throw error;
  }
  started.once('exit', (code, signal) => {
    if (!isAsked) options.onEnd?.(`${options.name} ended (${signal ?? code}). It said last:\n${kept}`, code);
  });
  return {
    process: started,
    output: () => kept,
    kill,
    async stop(patienceMs = 5_000) {
      isAsked = true;
      if (isOver()) return;
      started.kill('SIGTERM');
      const timer = setTimeout(() => started.kill('SIGKILL'), patienceMs);
      await ended;
      clearTimeout(timer);
    },
  };
}
