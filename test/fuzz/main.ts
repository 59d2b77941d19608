import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { globSync } from 'node:fs';
import { parseArgs } from 'node:util';

/**
 * `npm run fuzz [-- --runs N --seed N --only TEXT --path P]`: every parser and every endpoint with 10,000 inputs
 * each. A failure prints its path; with the same seed, the name of the property and that path it is played again.
 */
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    only: { type: 'string' },
    path: { type: 'string' },
  },
});
if (values.path !== undefined && values.only === undefined)
  throw new Error('--path belongs to one property: name it with --only.');
console.log(`Fuzzing with the seed ${values.seed}: npm run fuzz -- --seed ${values.seed}`);
const run = spawn(process.execPath, ['--test', ...globSync('test/fuzz/*.test.ts')], {
  stdio: 'inherit',
  env: {
    ...process.env,
    LOCKWATCH_FUZZ_RUNS: values.runs,
    LOCKWATCH_FUZZ_SEED: values.seed,
    ...(values.only === undefined ? {} : { LOCKWATCH_FUZZ_ONLY: values.only }),
    ...(values.path === undefined ? {} : { LOCKWATCH_FUZZ_PATH: values.path }),
  },
});
run.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
