import { existsSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { createInvoker } from '../../dev/functions-host/invoke.ts';
import { loadFunctionApp } from '../../dev/functions-host/load-app.ts';
import type { TypedData } from '../../dev/functions-host/rpc.ts';

/** What the bench asks of the process under measure, and what it is told. Times in milliseconds since the epoch. */
export interface Ask {
  function: string;
  /** One invocation for each, so many at once. */
  data: TypedData[];
  atOnce: number;
}
export interface Told {
  beganAt: number;
  fault?: string;
  /** The most that this process ever had resident, in bytes. */
  peakBytes: number;
  /** The app's own modules loaded so far, with `BENCH_COUNT_MODULES`. */
  modules: { count: number; bytes: number };
}

/**
 * One app in a process of its own, loaded and invoked as the local host does: the first ask loads it, so its time is
 * that of a cold process. Bundled, so that nothing of it but the app itself is in that time and in that memory.
 */
const [directory = '.'] = process.argv.slice(2);
let app: ReturnType<typeof load> | undefined;
const modules = { count: 0, bytes: 0 };
// Not while times are measured: a hook makes each module slower.
if (process.env.BENCH_COUNT_MODULES)
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (url.startsWith('file:')) {
        modules.count += 1;
        modules.bytes += readFileSync(fileURLToPath(url)).length;
      }
      return loaded;
    },
  });

process.on('message', (ask: Ask) => {
  const beganAt = performance.timeOrigin + performance.now();
  const tell = (fault?: string) =>
    process.send?.({ beganAt, fault, peakBytes: peakBytes(), modules } satisfies Told);
  run(ask).then(
    () => tell(),
    (error) => tell(error instanceof Error ? (error.stack ?? error.message) : String(error)),
  );
});

/** The kernel's own mark: `maxRSS` would begin with what the parent had when it started this process. */
function peakBytes(): number {
  const kilobytes = existsSync(STATUS)
    ? /VmHWM:\s*(\d+) kB/.exec(readFileSync(STATUS, 'utf8'))?.[1]
    : undefined;
  return Number(kilobytes ?? process.resourceUsage().maxRSS) * 1024;
}
const STATUS = '/proc/self/status';

async function run(ask: Ask): Promise<void> {
  app ??= load();
  const { functions, invoke } = await app;
  const fn = functions.get(ask.function);
  if (!fn) throw new Error(`There is no function ${ask.function}.`);
  const waiting = [...ask.data];
  await Promise.all(
    Array.from({ length: ask.atOnce }, async () => {
      for (let data = waiting.shift(); data; data = waiting.shift())
        await invoke(fn, { data, triggerMetadata: {} });
    }),
  );
}

async function load() {
  const loaded = await loadFunctionApp(directory, ({ level, message }) => {
    if (level === 'error' || level === 'warning') console.error(message);
  });
  const { invoke } = createInvoker(loaded, 120_000);
  return { functions: loaded.functions, invoke };
}
