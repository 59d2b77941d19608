import { existsSync, rmSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { type RunningHost, startHost } from '../../../dev/functions-host/host.ts';
import type { LogEntry } from '../../../dev/functions-host/log.ts';
import type { NotifyRequest } from './fixtures/host-app/record.ts';

export { until } from '../stack/until.ts';

/** For fixtures that register the product's own functions: its routes count on its prefix. */
export const PRODUCT_HOST_JSON = {
  'host.json': await readFile(join(import.meta.dirname, '../../../host.json'), 'utf8'),
};

const BANNER =
  "import{createRequire as __lwRequire}from'node:module';const require=__lwRequire(import.meta.url),__filename=import.meta.filename,__dirname=import.meta.dirname;";

/** Bundles a fixture app as the product is built and puts it into an empty folder of its own. */
export async function buildFixture(
  fixture: string,
  files: Record<string, unknown> = {},
): Promise<{ directory: string; remove(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'lockwatch-host-'));
  await cp(await bundleOnce(fixture), join(directory, 'dist'), { recursive: true });
  const all: Record<string, unknown> = {
    'package.json': { type: 'module', main: 'dist/app.mjs' },
    'host.json': { version: '2.0' },
    ...files,
  };
  for (const [name, content] of Object.entries(all))
    await writeFile(join(directory, name), typeof content === 'string' ? content : JSON.stringify(content));
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
}

const bundles = new Map<string, Promise<string>>();

/** The folder of a fixture's bundle, which the first test of a run that asks for it makes: a bundle of the app costs seconds. */
function bundleOnce(fixture: string): Promise<string> {
  const made = bundles.get(fixture) ?? bundle(fixture);
  bundles.set(fixture, made);
  return made;
}

async function bundle(fixture: string): Promise<string> {
  const shared = process.env.LOCKWATCH_LOCAL_TEST_BUNDLES;
  const parent = shared ?? (await mkdtemp(join(tmpdir(), 'lockwatch-bundles-')));
  if (shared === undefined) process.once('exit', () => rmSync(parent, { recursive: true, force: true }));
  const bundled = join(parent, basename(fixture));
  if (existsSync(bundled)) return bundled;
  await mkdir(parent, { recursive: true });
  const making = await mkdtemp(join(parent, 'making-'));
  await build({
    entryPoints: { app: join(import.meta.dirname, `fixtures/host-app/${fixture}.ts`) },
    outdir: making,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    mainFields: ['module', 'main'],
    external: ['@azure/functions-core'],
    banner: { js: BANNER },
    logLevel: 'warning',
  });
  // Another test file may have been faster: whichever folder is there is whole, since it is renamed at once.
  await rename(making, bundled).catch((error: NodeJS.ErrnoException) => {
    if (!existsSync(bundled)) throw error;
    return rm(making, { recursive: true, force: true });
  });
  return bundled;
}

export interface TestHost extends RunningHost {
  logged: LogEntry[];
  directory: string;
}

/** A fixture app in a running host on a free port; ended and removed by the test's own clean-up. */
export async function startFixture(
  fixture: string,
  options: {
    files?: Record<string, unknown>;
    env?: Record<string, string>;
    only?: string[];
    auth?: boolean;
    queueLeaseMs?: number;
    onCleanup: (clean: () => Promise<void>) => void;
  },
): Promise<TestHost> {
  const built = await buildFixture(fixture, options.files);
  options.onCleanup(built.remove);
  const logged: LogEntry[] = [];
  const host = await startHost({
    directory: built.directory,
    port: 0,
    env: options.env ?? {},
    ...(options.only ? { only: options.only } : {}),
    ...(options.queueLeaseMs ? { queueLeaseMs: options.queueLeaseMs } : {}),
    auth: options.auth ?? false,
    log: (entry) => logged.push(entry),
  });
  options.onCleanup(() => host.stop(100));
  return { ...host, logged, directory: built.directory };
}

/** What the fixture recorded under that name so far. */
export function calls<T = Record<string, unknown>>(name: string): T[] {
  const key = Symbol.for('lockwatch.host-app.calls');
  const all = (globalThis as { [key]?: NotifyRequest[] })[key] ?? [];
  return all.filter((call) => call.name === name).map(({ value }) => value as T);
}
