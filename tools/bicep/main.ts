import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BicepMissingError, restoreBicep, runBicep } from './program.ts';
import {
  AZUREDEPLOY,
  committed,
  compileAll,
  compileTemplate,
  INFRA,
  INFRA_SCENARIOS,
  snapshotAll,
} from './snapshots.ts';

/**
 * `npm run bicep -- <command>`:
 *   check     compiles, lints and checks the format of every file, and compares each scenario's expected
 *             deployment with the reviewed snapshot, and the template for a deployment without azd with the
 *             committed one (the same as `npm run infra:check`)
 *   snapshot  writes the snapshots again: review the difference, and commit it
 *   template  writes infra/azuredeploy.json again, from infra/azuredeploy.bicep
 *   format    formats every file
 *   restore   only fetches the compiler
 *   anything else is passed to Bicep unchanged: lint, build, …
 */
const [command = 'check', ...others] = process.argv.slice(2);
try {
  const program = await restoreBicep();
  if (command === 'restore') console.log(program);
  else if (command === 'check') process.exitCode = await check(program);
  else if (command === 'snapshot') await writeSnapshots(program);
  else if (command === 'template') await writeTemplate(program);
  else if (command === 'format')
    await passThrough(program, ['format', '--pattern', join(INFRA, '**/*.bicep*')]);
  else await passThrough(program, [command, ...others]);
} catch (error) {
  if (!(error instanceof BicepMissingError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

async function check(program: string): Promise<number> {
  const { output, unformatted, expected, template } = await compileAll(program);
  const faults = output === '' ? [] : [output];
  for (const file of unformatted) faults.push(`infra/${file} is not formatted. Run: npm run bicep -- format`);
  for (const [name, text] of expected)
    if ((await committed(name)) !== text)
      faults.push(
        `infra/scenarios/${name} no longer deploys what was reviewed. Run: npm run bicep -- snapshot, and look at the difference.`,
      );
  if ((await readFile(AZUREDEPLOY, 'utf8')) !== template)
    faults.push(
      'infra/azuredeploy.json is not what infra/azuredeploy.bicep says. Run: npm run bicep -- template',
    );
  for (const fault of faults) console.error(fault);
  if (faults.length === 0)
    console.log(
      `Bicep: every file compiles without a warning, and ${expected.size} snapshots and azuredeploy.json are as reviewed.`,
    );
  return faults.length === 0 ? 0 : 1;
}

async function writeSnapshots(program: string): Promise<void> {
  const expected = await snapshotAll(program);
  for (const [name, text] of expected)
    if ((await committed(name)) !== text) {
      await writeFile(join(INFRA_SCENARIOS, `${name}.snapshot.json`), text);
      console.log(`infra/scenarios/${name}.snapshot.json has changed: review the difference.`);
    }
  console.log(`${expected.size} snapshots are up to date.`);
}

async function writeTemplate(program: string): Promise<void> {
  await writeFile(AZUREDEPLOY, await compileTemplate(program));
  console.log('infra/azuredeploy.json is up to date.');
}

async function passThrough(program: string, args: readonly string[]): Promise<void> {
  const { code, output } = await runBicep(program, args);
  if (output !== '') process.stdout.write(output);
  process.exitCode = code;
}
