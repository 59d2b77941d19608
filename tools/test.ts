import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificate } from '../dev/stack/certificate.ts';
import { ensureBuilt } from '../dev/stack/ensure-built.ts';

/**
 * `npm test [-- pattern …]`: Node's own runner over test/ (`npm run accept`: over the acceptance tests), with
 * a certificate that the tests' servers present and all their processes trust. Node reads NODE_EXTRA_CA_CERTS
 * only at its start, hence this small parent process.
 */
const directory = await mkdtemp(join(tmpdir(), 'lockwatch-test-'));
const certificate = await makeCertificate(directory);
const [first, ...others] = process.argv.slice(2);
const isAcceptance = first === '--acceptance';
const patterns = isAcceptance ? others : [first, ...others].filter((pattern) => pattern !== undefined);
if (patterns.length === 0) patterns.push(isAcceptance ? 'test/acceptance/*.accept.ts' : 'test/**/*.test.ts');
if (isAcceptance) await ensureBuilt({ quiet: true });
const run = spawn(
  process.execPath,
  // Acceptance tests share two cores with all the servers that they start, so they run one after the other.
  // The other tests may use every core; by default the runner leaves one free, which is half of two.
  [
    '--test',
    '--test-timeout=300000',
    `--test-concurrency=${isAcceptance ? 1 : Math.max(2, availableParallelism())}`,
    ...patterns,
  ],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      NODE_EXTRA_CA_CERTS: certificate.certFile,
      LOCKWATCH_LOCAL_TEST_CERT: certificate.certFile,
      LOCKWATCH_LOCAL_TEST_KEY: certificate.keyFile,
      LOCKWATCH_LOCAL_TEST_BUNDLES: join(directory, 'bundles'),
      // Every test file is a process, and most load the same modules: each module is compiled once per run.
      NODE_COMPILE_CACHE: join(directory, 'compiled'),
    },
  },
);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => run.kill(signal));
run.on('exit', async (code) => {
  await rm(directory, { recursive: true, force: true });
  process.exitCode = code ?? 1;
});
