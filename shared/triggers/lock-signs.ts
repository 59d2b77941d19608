import type { EnvironmentFact, Facts } from '../facts/facts.ts';
import type { Evidence } from './finding.ts';

/**
 * Signs, other than the key itself, that the policy's environments are locked: the policy reports Unhealthy,
 * or linked environments are disabled and none runs. A lock takes all environments of a policy down at once
 * (Power Platform docs: Lock environments), so one that is disabled beside others that run was disabled by an
 * admin, capacity or inactivity. These signs confirm a suspicion and are never a cause by themselves. Empty:
 * no sign, which proves nothing.
 */
export function lockSigns(facts: Facts): Evidence[] {
  const signs: Evidence[] = [];
  if (facts.policy.state === 'known' && facts.policy.value.healthStatus === 'Unhealthy') {
    signs.push({
      text: 'Enterprise policy: healthStatus = Unhealthy',
      source: facts.policy.value.id,
      readAt: facts.policy.readAt,
    });
  }
  if (facts.environments.state === 'known' && facts.environments.value.source === 'powerPlatform') {
    const { environments, asOf } = facts.environments.value;
    const disabled = areDownTogether(environments);
    const [first] = disabled;
    if (first) {
      const more = disabled.length > 1 ? ` and ${disabled.length - 1} more` : '';
      signs.push({ text: `Environment ${first.displayName} (${first.id})${more}: disabled`, readAt: asOf });
    }
  }
  return signs;
}

/** The linked environments that are disabled, if none of the linked ones runs. Otherwise none. */
export function areDownTogether(environments: readonly EnvironmentFact[]): EnvironmentFact[] {
  return environments.some((one) => isLinked(one) && isRunning(one)) ? [] : environments.filter(isDisabled);
}

/** True where the list links it to the policy: linked, being unlinked, or with no status reported. */
export function isLinked(environment: EnvironmentFact): boolean {
  return !['notlinked', 'linkfailed'].includes(environment.linkStatus?.toLowerCase() ?? '');
}

/** True where the environment is known to run. */
export function isRunning(environment: EnvironmentFact): boolean {
  const runtime = environment.runtimeState?.toLowerCase();
  const instance = environment.instanceState?.toLowerCase();
  return runtime === 'enabled' && (instance === undefined || instance === 'ready');
}

/**
 * Linked, disabled, and no link operation running, which disables an environment as well (Power Platform
 * admin API).
 */
function isDisabled(environment: EnvironmentFact): boolean {
  const link = environment.linkStatus?.toLowerCase();
  if (!isLinked(environment) || link === 'linking' || link === 'unlinking') return false;
  return [environment.runtimeState, environment.instanceState].some(
    (state) => state?.toLowerCase() === 'disabled',
  );
}
