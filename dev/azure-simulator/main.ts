import { onShutdown } from '../stack/on-shutdown.ts';
import { configFromArguments } from './config.ts';
import { startSimulator } from './simulator.ts';

/**
 * `node dev/azure-simulator/main.ts --config <JSON file or inline JSON>`: prints its endpoints, then runs
 * until SIGTERM.
 */
try {
  const simulator = await startSimulator(await configFromArguments(process.argv.slice(2)));
  const { stop, ...endpoints } = simulator;
  onShutdown(() => void stop());
  process.stdout.write(`${JSON.stringify(endpoints)}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
