import type { EnvironmentFact } from './facts.ts';

/**
 * Power Platform admin API: `states.runtime.id` and `linkedEnvironmentMetadata.instanceState`. Administration
 * mode keeps users out, but the environment runs; a warning and provisioning are no lock either.
 */
const RUNTIME_RUNS: ReadonlySet<string> = new Set(['enabled', 'adminmode', 'warning']);
const INSTANCE_RUNS: ReadonlySet<string> = new Set(['ready', 'provisioning']);

/** True where the list shows it running. */
export function isShownRunning({ runtimeState, instanceState }: EnvironmentFact): boolean {
  if (!RUNTIME_RUNS.has(runtimeState?.toLowerCase() ?? '')) return false;
  return instanceState === undefined || INSTANCE_RUNS.has(instanceState.toLowerCase());
}

/** True where the list shows it disabled, whatever disabled it. */
export function isShownDisabled({ runtimeState, instanceState }: EnvironmentFact): boolean {
  return [runtimeState, instanceState].some((state) => state?.toLowerCase() === 'disabled');
}
