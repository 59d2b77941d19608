import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt } from './built.ts';
import { isPortTaken } from './free-port.ts';
import { startStack } from './stack.ts';

const USAGE = 'npm start -- [--port 7071]   starts Lockwatch with everything around it, until Ctrl-C';

/** `npm start`: builds where needed, starts all of it, and runs until it is told to end. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { port: { type: 'string', default: '7071' }, help: { type: 'boolean' } },
  });
  if (values.help) return console.log(USAGE);
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Error(`--port must be a number from 1 to 65535, and is '${values.port}'.`);
  if (await isPortTaken(port))
    throw new Error(
      `Port ${port} of 127.0.0.1 is in use. End what uses it, or choose another: npm start -- --port ${port + 1}`,
    );
  const root = join(import.meta.dirname, '..');
  await ensureBuilt({ quiet: false });
  console.log('Starting storage, the simulated tenant, the sinks and the app …');
  const stack = await startStack({
    directory: join(root, '.lockwatch/start'),
    port,
    tenant: { latencyMs: 30 },
    onLine: (from, line) => {
      if (process.env.LOCKWATCH_LOCAL_VERBOSE) console.log(`[${from}] ${line}`);
    },
  });
  console.log(`Lockwatch is ready: ${stack.url}`);
  console.log(`
  See the state        ${stack.url}/api/status
  Break something      ${stack.tenant.control}/   (a page: disable a key with a click)
  All acts             ${stack.tenant.control}/acts   e.g. curl -X POST ${stack.tenant.control}/acts/key-disabled
  What admins get      ${stack.sinks.readUrl}/teams and ${stack.sinks.readUrl}/mails
  The whole story      npm run demo -- key-disabled
  End                  Ctrl-C`);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  console.log('Ending …');
  await stack.stop();
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
