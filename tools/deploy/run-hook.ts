import { CliError } from './cli.ts';
import type { HookPorts } from './hook-ports.ts';
import { HOOKS } from './hooks.ts';
import { DeployError, explain } from './refusals.ts';

/**
 * Runs a hook and returns the exit code. A hook that can't go on prints one sentence and what to do; below it the
 * answer itself, for whoever asks Microsoft about it.
 */
export async function runHook(
  name: string,
  ports: HookPorts,
  printError: (line: string) => void,
): Promise<0 | 1> {
  const hook = HOOKS[name];
  try {
    if (!hook) throw new DeployError(`'${name}' is not a hook. Use one of ${Object.keys(HOOKS).join(', ')}.`);
    return (await hook(ports)) === 'failed' ? 1 : 0;
  } catch (error) {
    if (error instanceof CliError) {
      printError(`Lockwatch: ${explain(error)}`);
      printError(error.message);
    } else if (error instanceof DeployError) printError(`Lockwatch: ${error.message}`);
    else throw error;
    return 1;
  }
}
