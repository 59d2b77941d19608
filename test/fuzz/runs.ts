import type { Parameters } from 'fast-check';

/** So many runs of each property in `npm test`; `npm run fuzz` asks for more. */
const RUNS = 300;
/** `npm test` takes the same inputs each time, so it fails only for what was changed; `npm run fuzz` takes new ones. */
const SEED = 20261129;

/**
 * The settings of a fuzz run, as `npm run fuzz` hands them down. The path is that of one failure, so it counts
 * for the property that is named. `share`: of the runs, for a property whose every run goes through the whole path.
 */
export function runs(property: string, share = 1): Parameters<unknown> & { skip?: true } {
  const { LOCKWATCH_FUZZ_RUNS, LOCKWATCH_FUZZ_SEED, LOCKWATCH_FUZZ_PATH, LOCKWATCH_FUZZ_ONLY } = process.env;
  if (LOCKWATCH_FUZZ_ONLY && !property.includes(LOCKWATCH_FUZZ_ONLY)) return { skip: true };
  return {
    numRuns: Math.ceil((LOCKWATCH_FUZZ_RUNS ? Number(LOCKWATCH_FUZZ_RUNS) : RUNS) * share),
    seed: LOCKWATCH_FUZZ_SEED ? Number(LOCKWATCH_FUZZ_SEED) : SEED,
    ...(LOCKWATCH_FUZZ_PATH && LOCKWATCH_FUZZ_ONLY ? { path: LOCKWATCH_FUZZ_PATH } : {}),
  };
}
