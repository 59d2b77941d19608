import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificate } from './certificate.ts';

/**
 * `npm test [-- pattern …]`: Node's own runner over test/, with a certificate that servers of the tests present and
 * every process of theirs trusts. Node reads NODE_EXTRA_CA_CERTS only at its start, hence this small parent.
 */
const directory = await mkdtemp(join(tmpdir(), 'lockwatch-test-'));
const certificate = await makeCertificate(directory);
const patterns = process.argv.slice(2);
const run = spawn(
  process.execPath,
  ['--test', '--test-timeout=120000', ...(patterns.length > 0 ? patterns : ['test/**/*.test.ts'])],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      NODE_EXTRA_CA_CERTS: certificate.certFile,
      LOCKWATCH_TEST_CERT: certificate.certFile,
      LOCKWATCH_TEST_KEY: certificate.keyFile,
    },
  },
);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => run.kill(signal));
run.on('exit', async (code) => {
  await rm(directory, { recursive: true, force: true });
  process.exitCode = code ?? 1;
});
