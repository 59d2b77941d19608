import { spawn } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { makeCertificate } from '../dev/stack/certificate.ts';
import { ensureBuilt } from '../dev/stack/ensure-built.ts';

/** So many files share a process that the last one to end does not keep one core waiting for long. */
const TOGETHER = 16;

/** A file that can't be loaded fails as itself; the others of its process run. */
const LOADED = `let allAreLoaded;
test('all files of this process are loaded', () => new Promise((resolve) => { allAreLoaded = resolve; }));`;
const LOAD = `import { test } from 'node:test';
async function load(file, url) {
  try {
    await import(url);
  } catch (error) {
    test(file + ' is loaded', () => { throw error; });
  }
}`;

/**
 * `npm test [-- pattern …]`: Node's own runner over test/ (`npm run accept`: over the acceptance tests, `npm run
 * test:browser [-- --all] [--seed=N]`: over those in a browser), with a certificate that the tests' servers present and all their processes trust. Node reads NODE_EXTRA_CA_CERTS
 * only at its start, hence this small parent process.
 */
const directory = await mkdtemp(join(tmpdir(), 'lockwatch-test-'));
const certificate = await makeCertificate(directory);
const given = process.argv.slice(2);
const isAcceptance = given[0] === '--acceptance';
const isBrowser = given[0] === '--browser';
if (isAcceptance || isBrowser) given.shift();
const seed = given.find((one) => one.startsWith('--seed='))?.slice('--seed='.length);
const looks = isBrowser
  ? {
      ...(given.includes('--all') ? { LOCKWATCH_LOCAL_BROWSER_ALL: '1' } : {}),
      ...(seed === undefined ? {} : { LOCKWATCH_LOCAL_BROWSER_SEED: seed }),
    }
  : {};
if (isBrowser) given.splice(0, given.length, ...given.filter((one) => !/^--(?:all|seed=)/.test(one)));
const matches = new Map(given.map((one) => [one, one.startsWith('-') ? [] : globSync(one)]));
const all = isAcceptance
  ? 'test/acceptance/*.accept.ts'
  : isBrowser
    ? 'test/browser/*.browser.ts'
    : 'test/**/*.test.ts';
// What matches no file is an option or the value of the one before it.
const options = given.filter((one) => matches.get(one)?.length === 0);
for (const one of options)
  if (!one.startsWith('-') && !given[given.indexOf(one) - 1]?.startsWith('-'))
    throw new Error(`No test file matches ${one}.`);
const named = given.flatMap((one) => matches.get(one) ?? []);
const files = [...new Set(named.length === 0 ? globSync(all) : named)].sort();
if (isAcceptance) await ensureBuilt({ quiet: true });
const run = spawn(
  process.execPath,
  // V8 gives a new process little memory and collects it again and again until it has grown: that was up to half of the
  // CPU time of a file's tests. An acceptance test waits for two thirds of its time (for a sweep, a lease, a host that
  // starts again), so two of them share two cores with their servers. Of the other tests, some wait, too, so there is
  // one process more than cores; by default the runner leaves one core free, which is half of two.
  [
    `--import=${new URL('test-context.ts', import.meta.url)}`,
    '--initial-old-space-size=256',
    '--min-semi-space-size=16',
    '--test',
    '--test-timeout=300000',
    `--test-concurrency=${isAcceptance ? 2 : availableParallelism() + 1}`,
    ...options,
    ...(isAcceptance || isBrowser ? files : processesFor(files)),
  ],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      ...looks,
      NODE_EXTRA_CA_CERTS: certificate.certFile,
      LOCKWATCH_LOCAL_TEST_CERT: certificate.certFile,
      LOCKWATCH_LOCAL_TEST_KEY: certificate.keyFile,
      LOCKWATCH_LOCAL_TEST_BUNDLES: join(directory, 'bundles'),
      // Most processes load the same modules: each module is compiled once per run.
      NODE_COMPILE_CACHE: join(directory, 'compiled'),
    },
  },
);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => run.kill(signal));
run.on('exit', async (code) => {
  await rm(directory, { recursive: true, force: true });
  process.exitCode = code ?? 1;
});

/**
 * The files that Node's runner starts as processes. A process that loads the product costs as much as most files'
 * tests, so neighbouring files share one. A failure names the file's own line all the same.
 */
function processesFor(files: string[]): string[] {
  const alone = files.filter(needsOwnProcess);
  const shared = files.filter((file) => !alone.includes(file));
  const parts = Math.ceil(shared.length / TOGETHER);
  const each = Math.ceil(shared.length / parts);
  return [
    ...alone,
    ...Array.from({ length: parts }, (_, part) =>
      together(part, shared.slice(part * each, (part + 1) * each)),
    ),
  ];
}

/**
 * It changes what belongs to the whole process, or has hooks of the whole file, which another file's tests would get;
 * or its suite waits before it names its tests: by then the runner may have ended the hooks of the others, and its
 * servers would never be stopped.
 */
function needsOwnProcess(file: string): boolean {
  return /^(?:before|after)(?:Each)?\(|process\.env[.[\w\]']* = |(?:assign\(|delete )process\.env|cold-harness\.ts'|^describe\(.*async/m.test(
    readFileSync(file, 'utf8'),
  );
}

function together(part: number, files: string[]): string {
  const [only] = files;
  if (only !== undefined && files.length === 1) return only;
  const loads = files.map(
    (file) => `await load(${JSON.stringify(file)}, '${pathToFileURL(resolve(file))}');`,
  );
  const entry = join(directory, 'processes', dirname(files[0] ?? ''), `part-${part + 1}.mjs`);
  mkdirSync(dirname(entry), { recursive: true });
  // The runner ends the hooks of the whole process when no test is left, which may be before the next file is loaded.
  writeFileSync(entry, `${LOAD}\n${LOADED}\n${loads.join('\n')}\nallAreLoaded();\n`);
  return entry;
}
