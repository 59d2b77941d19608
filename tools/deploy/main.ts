import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { CliError, cli } from './cli.ts';
import { HOOKS } from './hooks.ts';
import { DeployError, explain } from './refusals.ts';

/**
 * `npm run deploy:hook -- preprovision | postprovision | postdeploy | predown`: the hooks that azd runs
 * around a deployment (azure.yaml), the same on every system. Everything is done with the person's own
 * sign-in of the Azure CLI. A hook that can't go on prints one sentence and what to do.
 */
const name = process.argv[2] ?? '';
const hook = HOOKS[name];
try {
  if (!hook) throw new DeployError(`'${name}' is not a hook. Use one of ${Object.keys(HOOKS).join(', ')}.`);
  const ended = await hook({
    run: cli,
    environment: process.env,
    clock: { now: Date.now, sleep },
    print: (line) => console.log(line),
    ask: process.stdin.isTTY ? askPerson : undefined,
  });
  if (ended === 'failed') process.exitCode = 1;
} catch (error) {
  if (error instanceof CliError) {
    console.error(`Lockwatch: ${explain(error)}`);
    // The whole answer, for whoever asks Microsoft about it.
    console.error(error.message);
  } else if (error instanceof DeployError) console.error(`Lockwatch: ${error.message}`);
  else throw error;
  process.exitCode = 1;
}

async function askPerson(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}
