import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { cli } from './cli.ts';
import { runHook } from './run-hook.ts';

/**
 * `npm run deploy:hook -- preprovision | postprovision | postdeploy | predown`: the hooks that azd runs
 * around a deployment (azure.yaml), the same on every system. Everything is done with the person's own
 * sign-in of the Azure CLI.
 */
process.exitCode = await runHook(
  process.argv[2] ?? '',
  {
    run: cli,
    environment: process.env,
    clock: { now: Date.now, sleep },
    print: (line) => console.log(line),
    ask: process.stdin.isTTY ? askPerson : undefined,
  },
  (line) => console.error(line),
);

async function askPerson(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}
