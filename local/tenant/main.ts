import { configFromArguments } from './config.ts';
import { startTenant } from './tenant.ts';

/** `node local/tenant/main.ts --config <JSON file or inline JSON>`: prints its endpoints, then runs until SIGTERM. */
try {
  const tenant = await startTenant(await configFromArguments(process.argv.slice(2)));
  const { stop, ...endpoints } = tenant;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop());
  process.stdout.write(`${JSON.stringify(endpoints)}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
