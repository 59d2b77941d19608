import { hasRunningState, isShownDisabled } from '../facts/environment-state.ts';
import type { EnvironmentFact, Facts } from '../facts/facts.ts';
import type { Evidence } from './finding.ts';
import type { History } from './history.ts';

/**
 * Signs, other than the key itself, that the policy's environments are locked: the policy reports Unhealthy,
 * or linked environments are disabled and none runs. A lock takes all environments of a policy down at once
 * (Power Platform docs: Lock environments), so one that is disabled beside others that run was disabled by an
 * admin, capacity or inactivity. One reading of these signs confirms a suspicion; the witnesses of `locked`
 * need more than one. Empty: no sign, which proves nothing.
 */
export function lockSigns(facts: Facts): Evidence[] {
  const signs: Evidence[] = [];
  if (isUnhealthy(facts)) {
    signs.push(unhealthyEvidence(facts.policyId, facts.policy.readAt));
  }
  if (facts.environments.state === 'known' && facts.environments.value.source === 'powerPlatform') {
    const { environments, asOf } = facts.environments.value;
    signs.push(...disabledEvidence(areDownTogether(environments), asOf));
  }
  return signs;
}

/** The linked environments that are disabled, if none of the linked ones runs. Otherwise none. */
export function areDownTogether(environments: readonly EnvironmentFact[]): EnvironmentFact[] {
  return environments.some(isUp) ? [] : environments.filter(isDown);
}

/** By this reading, or by the last one that could read the policy. */
export function isUnhealthy({ policy }: Pick<Facts, 'policy'>, history?: History): boolean {
  const known = policy.state === 'known' ? policy.value : history?.policy;
  return known?.healthStatus === 'Unhealthy';
}

export function unhealthyEvidence(policyId: string, readAt: string): Evidence {
  return { text: 'Enterprise policy: healthStatus = Unhealthy', source: policyId, readAt };
}

/** One line for all disabled environments; none where no environment is disabled. */
export function disabledEvidence(environments: readonly EnvironmentFact[], readAt: string): Evidence[] {
  const disabled = environments.filter(isDown);
  const [first] = disabled;
  if (!first) return [];
  const more = disabled.length > 1 ? ` and ${disabled.length - 1} more` : '';
  return [{ text: `Environment ${first.displayName} (${first.id})${more}: disabled`, readAt }];
}

/** True where the list links it to the policy: linked, being unlinked, or with no status reported. */
export function isLinked(environment: EnvironmentFact): boolean {
  return !UNLINKED.has(environment.linkStatus?.toLowerCase() ?? '');
}
const UNLINKED: ReadonlySet<string> = new Set(['notlinked', 'linkfailed']);

/**
 * Linked, disabled, and no link operation running, which disables an environment as well (Power Platform
 * admin API). One that is being deleted is no sign either.
 */
export function isDown(environment: EnvironmentFact): boolean {
  return upOrDown(environment) === 'down';
}

/**
 * Linked, and not locked: administration mode, a warning and provisioning keep users out, but the key works.
 * An environment without a known state is neither up nor down.
 */
export function isUp(environment: EnvironmentFact): boolean {
  return upOrDown(environment) === 'up';
}

/** Both at once: a reading asks it of each of thousands. */
export function upOrDown(environment: EnvironmentFact): 'up' | 'down' | undefined {
  if (!isLinked(environment) || isChanging(environment)) return undefined;
  if (isShownDisabled(environment)) return 'down';
  return hasRunningState(environment) ? 'up' : undefined;
}

/** Being linked, unlinked or deleted, each of which disables an environment without a lock. */
export function isChanging(environment: EnvironmentFact): boolean {
  return (
    environment.deletion !== undefined ||
    CHANGING.has(environment.linkStatus?.toLowerCase() ?? '') ||
    environment.instanceState?.toLowerCase() === 'deleting' ||
    environment.managementState?.toLowerCase() === 'deleting'
  );
}
const CHANGING: ReadonlySet<string> = new Set(['linking', 'unlinking', 'linkingonline', 'unlinkingonline']);
