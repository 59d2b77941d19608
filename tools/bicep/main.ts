import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { committed, compileAll, INFRA, INFRA_SCENARIOS, predictAll } from './predict.ts';
import { BicepMissingError, restoreBicep, runBicep } from './program.ts';

/**
 * `npm run bicep -- <command>`:
 *   check     compiles, lints and checks the format of every file, and compares each scenario's expected
 *             deployment with the reviewed snapshot (the same as `npm run infra:check`)
 *   predict   writes the snapshots again: review the difference, and commit it
 *   format    formats every file
 *   restore   only fetches the compiler
 *   anything else is passed to Bicep unchanged: lint, build, snapshot, …
 */
const [command = 'check', ...others] = process.argv.slice(2);
try {
  const program = await restoreBicep();
  if (command === 'restore') console.log(program);
  else if (command === 'check') process.exitCode = await check(program);
  else if (command === 'predict') await writePredictions(program);
  else if (command === 'format') await pass(program, ['format', '--pattern', join(INFRA, '**/*.bicep*')]);
  else await pass(program, [command, ...others]);
} catch (error) {
  if (!(error instanceof BicepMissingError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

async function check(program: string): Promise<number> {
  const { said, unformatted, expected } = await compileAll(program);
  const faults = said === '' ? [] : [said];
  for (const file of unformatted) faults.push(`infra/${file} is not formatted. Run: npm run bicep -- format`);
  for (const [name, text] of expected)
    if ((await committed(name)) !== text)
      faults.push(
        `infra/scenarios/${name} would deploy something else than what was reviewed. Run: npm run bicep -- predict, and look at the difference.`,
      );
  for (const fault of faults) console.error(fault);
  if (faults.length === 0)
    console.log(
      `Bicep: every file compiles without a word, and ${expected.size} predictions are as reviewed.`,
    );
  return faults.length === 0 ? 0 : 1;
}

async function writePredictions(program: string): Promise<void> {
  const expected = await predictAll(program);
  for (const [name, text] of expected)
    if ((await committed(name)) !== text) {
      await writeFile(join(INFRA_SCENARIOS, `${name}.snapshot.json`), text);
      console.log(`infra/scenarios/${name}.snapshot.json is new: look at the difference.`);
    }
  console.log(`${expected.size} scenarios predicted.`);
}

async function pass(program: string, args: readonly string[]): Promise<void> {
  const { code, output } = await runBicep(program, args);
  if (output !== '') process.stdout.write(output);
  process.exitCode = code;
}
