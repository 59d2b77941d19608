import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificate } from '../../dev/stack/certificate.ts';

/** `npm run load`: the run in a process that trusts the certificate of its servers; Node reads that only at its start. */
const directory = await mkdtemp(join(tmpdir(), 'lockwatch-load-'));
const { certFile, keyFile } = await makeCertificate(join(directory, 'certificate'));
const run = spawn(
  process.execPath,
  [join(import.meta.dirname, 'run.ts'), '--directory', directory, ...process.argv.slice(2)],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      NODE_EXTRA_CA_CERTS: certFile,
      LOCKWATCH_LOCAL_TEST_CERT: certFile,
      LOCKWATCH_LOCAL_TEST_KEY: keyFile,
    },
  },
);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => run.kill(signal));
run.on('exit', async (code) => {
  await rm(directory, { recursive: true, force: true });
  process.exitCode = code ?? 1;
});
