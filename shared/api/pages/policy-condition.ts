import type { statusEndpoint } from '../status/status-endpoint.ts';
import { type Condition, conditionOfIncident, conditionOfVerdict } from './condition.ts';
import type { AnswerOf } from './page.ts';

export type StatusPolicy = AnswerOf<typeof statusEndpoint>['policies'][number];

/** An open incident says more than the last verdict: access may be back while environments wait. */
export function conditionOfPolicy({
  incident,
  verdict,
  supported,
}: Pick<StatusPolicy, 'incident' | 'verdict' | 'supported'>): Condition {
  if (incident) return conditionOfIncident(incident);
  return supported ? conditionOfVerdict(verdict) : 'unknown';
}

/** Where the condition's own word would be wrong. */
export function policyWord({
  incident,
  supported,
}: Pick<StatusPolicy, 'incident' | 'supported'>): string | undefined {
  if (!supported) return 'Not judged (Managed HSM)';
  return incident?.state === 'revoked' && incident.noEnvironments ? 'Key not usable' : undefined;
}

/** How many environments a condition is about: those of the incident, else those of the last list. */
export function environmentsOfPolicy({
  incident,
  environments,
}: Pick<StatusPolicy, 'incident' | 'environments'>): number | null {
  return incident ? incident.environmentCount : environments.count;
}
