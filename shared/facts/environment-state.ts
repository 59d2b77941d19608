import type { EnvironmentFact } from './facts.ts';

/** Environment ids compare case-insensitively. */
export function environmentKey(id: string): string {
  return id.trim().toLowerCase();
}

/** True where both lists name the same environments in the same order, as two readings do that show no change. */
export function nameTheSame(some: readonly EnvironmentFact[], others: readonly EnvironmentFact[]): boolean {
  return some.length === others.length && some.every(({ id }, n) => id === others[n]?.id);
}

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

/** True where a state of the list belongs to an environment that runs, whatever the other one says. */
export function hasRunningState({ runtimeState, instanceState }: EnvironmentFact): boolean {
  return isRunningWord(runtimeState) || isRunningWord(instanceState);
}

function isRunningWord(state: string | undefined): boolean {
  const word = state?.toLowerCase() ?? '';
  return RUNTIME_RUNS.has(word) || INSTANCE_RUNS.has(word);
}

/** True where users can work in it: administration mode, a warning and provisioning keep them out. */
export function isShownEnabled({ runtimeState, instanceState }: EnvironmentFact): boolean {
  const runtime = runtimeState?.toLowerCase();
  const instance = instanceState?.toLowerCase();
  if (runtime === undefined) return instance === 'ready';
  return runtime === 'enabled' && (instance === undefined || instance === 'ready');
}

/** The same where the state of its runtime must be known: it makes Lockwatch forget an earlier key or setting. */
export function isKnownEnabled(environment: EnvironmentFact): boolean {
  return environment.runtimeState !== undefined && isShownEnabled(environment);
}

/** True where the list shows it disabled, whatever disabled it. */
export function isShownDisabled({ runtimeState, instanceState }: EnvironmentFact): boolean {
  return runtimeState?.toLowerCase() === 'disabled' || instanceState?.toLowerCase() === 'disabled';
}
