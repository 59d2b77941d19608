import { compareText } from '../../compare-text.ts';
import { policyKey } from '../../incidents/ids.ts';
import type { PolicyState } from '../../incidents/incident.ts';
import type { Severity } from '../../triggers/advisories/advisory.ts';
import { policyNameOf } from '../../triggers/policy-chain.ts';
import { advisoriesOf } from './status-answer.ts';

const SEVERITIES: readonly Severity[] = ['urgent', 'warning', 'info'];

/** Every early warning, the gravest first, with the remarks on single policies. Nothing is down by them. Pure. */
export function warningsAnswer(policyStates: readonly PolicyState[], now: string) {
  const warnings = groupedWarnings(policyStates);
  const present = warnings.filter(({ verdict }) => verdict === 'present');
  const count = (severity: Severity) => present.filter((one) => one.severity === severity).length;
  return {
    answeredAt: now,
    /** The oldest reading for a warning. */
    asOf: policyStates.flatMap(({ advisories }) => (advisories ? [advisories.readAt] : [])).sort()[0] ?? null,
    counts: {
      urgent: count('urgent'),
      warning: count('warning'),
      info: count('info'),
      unknown: warnings.length - present.length,
      notReadYet: policyStates.filter(({ supported, advisories }) => supported && !advisories).length,
    },
    warnings,
    remarks: policyStates.flatMap((policyState) =>
      policyState.warnings.map((text) => ({ policy: policyIn(policyState), text })),
    ),
  };
}

/**
 * Policies of one vault have the same warning of it: it is one, and names them all. Present ones first, then
 * those that could not be judged.
 */
export function groupedWarnings(policyStates: readonly PolicyState[]) {
  const groups = new Map<string, ReturnType<typeof advisoriesOf>[number] & { policies: PolicyName[] }>();
  for (const policyState of policyStates)
    for (const advisory of advisoriesOf(policyState)) {
      const key = [advisory.id, advisory.scope.toLowerCase(), advisory.verdict, advisory.summary].join('|');
      const group = groups.get(key) ?? { ...advisory, policies: [] };
      group.policies.push(policyIn(policyState));
      groups.set(key, group);
    }
  return [...groups.values()].sort(
    (one, other) =>
      Number(one.verdict !== 'present') - Number(other.verdict !== 'present') ||
      SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity) ||
      compareText(one.summary, other.summary),
  );
}

interface PolicyName {
  id: string;
  key: string;
  name: string;
}

/** A policy as other answers name it. */
export function policyIn({ policyId, history }: Pick<PolicyState, 'policyId' | 'history'>): PolicyName {
  return { id: policyId, key: policyKey(policyId), name: policyNameOf(history) };
}
