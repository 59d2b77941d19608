import { parseArgs } from 'node:util';
import { onShutdown } from '../stack/on-shutdown.ts';
import { startHost } from './host.ts';
import { HostError, UNHANDLED_FAULT_EXIT_CODE } from './host-error.ts';
import type { LogEntry } from './log.ts';

/** After a fault that ends the runtime's process, little of what runs can still succeed. */
const FAULT_PATIENCE_MS = 4_000;

const USAGE = `npm run host -- [--port N] [--directory DIR] [--only name[,name]] [--auth] [--queue-lease-seconds N] [--verbose]
  --port N                  port on 127.0.0.1 (7071, or LocalHttpPort of local.settings.json)
  --directory DIR           folder of the built app (the current one)
  --only name[,name]        run only these functions in this process
  --auth                    ask for keys, as Azure does (LOCAL_FUNCTION_KEY, LOCAL_SYSTEM_KEY, LOCAL_MASTER_KEY)
  --queue-lease-seconds N   how long a message stays hidden while its function runs (600, as in Azure)
  --verbose                 debug lines as well
Settings come from the environment, and from local.settings.json where the environment has none.`;

/**
 * `npm run host`: runs the built app alone in the local Functions host, until Ctrl-C or a fault that ends the
 * runtime's process. Returns the exit code.
 */
async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  const host = await startHost({
    directory: options.directory,
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.leaseSeconds === undefined ? {} : { queueLeaseMs: options.leaseSeconds * 1000 }),
    only: options.only,
    auth: options.auth,
    log: (entry) => print(entry, options.verbose),
  });
  console.log(`The functions host is ready: ${host.url} (${host.functions.join(', ')})`);
  const shutdown = new Promise<undefined>((resolve) => onShutdown(() => resolve(undefined)));
  const fault = await Promise.race([shutdown, host.unhandledFault]);
  await (fault === undefined ? host.stop() : host.stop(FAULT_PATIENCE_MS));
  return fault === undefined ? 0 : UNHANDLED_FAULT_EXIT_CODE;
}

function readOptions(args: string[]) {
  let values: Record<string, string | boolean | undefined>;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        port: { type: 'string' },
        directory: { type: 'string', default: '.' },
        only: { type: 'string' },
        auth: { type: 'boolean', default: false },
        'queue-lease-seconds': { type: 'string' },
        verbose: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }));
  } catch (cause) {
    throw new HostError(`${cause instanceof Error ? cause.message : cause}\n${USAGE}`, { cause });
  }
  return {
    port: numberOption('port', values.port, 0, 65_535),
    leaseSeconds: numberOption('queue-lease-seconds', values['queue-lease-seconds'], 1, 604_800),
    directory: String(values.directory),
    only: String(values.only ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
    auth: values.auth === true,
    verbose: values.verbose === true,
    help: values.help === true,
  };
}

function numberOption(name: string, value: unknown, least: number, most: number): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!/^\d+$/.test(String(value)) || number < least || number > most)
    throw new HostError(`--${name} must be a number from ${least} to ${most}, and is '${value}'.`);
  return number;
}

function print({ level, functionName, message }: LogEntry, verbose: boolean): void {
  if (!verbose && (level === 'debug' || level === 'trace')) return;
  console.log(`${new Date().toISOString()} ${level}${functionName ? ` ${functionName}` : ''}: ${message}`);
}

main().then(
  (code) => process.exit(code),
  (error) => {
    console.error(error instanceof HostError ? error.message : error);
    process.exit(1);
  },
);
