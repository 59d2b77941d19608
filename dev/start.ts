import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { serveConsole } from './console/serve-console.ts';
import { ensureBuilt } from './stack/ensure-built.ts';
import { isPortTaken } from './stack/free-port.ts';
import { onShutdown } from './stack/on-shutdown.ts';
import { type Stack, startStack } from './stack/stack.ts';

/** As deployed by default. */
const SWEEP_SECONDS = 30;

const USAGE = `npm start -- [--port 7071] [--verbose]   starts Lockwatch with everything around it, until Ctrl-C
  --port N     where Lockwatch answers, on 127.0.0.1; the console is at the port before it
  --verbose    what each process says, as well`;

/**
 * `npm start`: builds where needed, starts everything, and runs until it is ended. Throws when a part ends
 * earlier.
 */
async function main(): Promise<void> {
  const { port, verbose, help } = readOptions();
  if (help) return console.log(USAGE);
  if (await isPortTaken(port))
    throw new Error(
      `Port ${port} of 127.0.0.1 is in use. End what uses it, or choose another: npm start -- --port ${port === 65_535 ? 7071 : port + 1}`,
    );
  let stack: Stack | undefined;
  const over = Promise.withResolvers<string | undefined>();
  onShutdown(() => {
    // The parts already started end with this process.
    if (!stack) process.exit(130);
    over.resolve(undefined);
  });
  await ensureBuilt({ quiet: false });
  console.log('Starting storage, the Azure simulator, the receivers and the app …');
  stack = await startStack({
    // One folder for each port, so that two runs don't empty each other's storage.
    directory: join(import.meta.dirname, '../.lockwatch/start', `${port}`),
    port,
    sweepSeconds: SWEEP_SECONDS,
    // Later than a sweep, as in Azure: the change is known first, then the actor.
    simulator: { latencyMs: 30, auditDelayMs: 40_000 },
    auditLog: true,
    webhook: true,
    movableClock: true,
    onLine(from, line) {
      if (verbose) console.log(`[${from}] ${line}`);
    },
    onRestart: (restart) => console.log(restart),
    onEnd: over.resolve,
  });
  const consolePort = port - 1;
  const shown = await serveConsole({
    // The same address each time, unless something else is there.
    port: consolePort < 1 || (await isPortTaken(consolePort)) ? 0 : consolePort,
    simulatorUrl: stack.simulator.control,
    receiversUrl: stack.receivers.readUrl,
    appUrl: stack.url,
    sweepSeconds: SWEEP_SECONDS,
    moveAhead: stack.moveAhead,
  });
  console.log(`
  Open this            ${shown.url}/   (break something with a click, and see what admins get)

  Lockwatch's pages    ${stack.url}/   (as JSON: /api/status)
  All scenarios        ${stack.simulator.control}/scenarios   e.g. curl -X POST ${stack.simulator.control}/scenarios/key-disabled
  What admins get      ${stack.receivers.readUrl}/teams, /mails and /events, as JSON
  The whole story      npm run demo -- key-disabled
  End                  Ctrl-C`);
  const fault = await over.promise;
  console.log('Ending …');
  await shown.stop();
  await stack.stop();
  if (fault !== undefined) throw new Error(fault);
}

function readOptions(): { port: number; verbose: boolean; help: boolean } {
  let values: { port: string; verbose: boolean; help: boolean };
  try {
    ({ values } = parseArgs({
      options: {
        port: { type: 'string', default: '7071' },
        verbose: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }));
  } catch (cause) {
    throw new Error(`${cause instanceof Error ? cause.message : cause}\n${USAGE}`, { cause });
  }
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port < 1 || port > 65_535)
    throw new Error(`--port must be a number from 1 to 65535, and is '${values.port}'.`);
  return { ...values, port };
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
