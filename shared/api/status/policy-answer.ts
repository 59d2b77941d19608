import type { PolicyState } from '../../incidents/incident.ts';
import type { SweepIntervals } from '../../visibility/slowed-subscriptions.ts';
import { isPolicy, onlyPolicy } from '../actions/find-policy.ts';
import { ProblemError } from '../problem.ts';
import { policyAnswer, withAge } from './status-answer.ts';

type Context = { now: string } & SweepIntervals;

/** The state of the policy of this name, key or ARM id. Throws `ProblemError`. */
export function policyStateNamed(policyStates: readonly PolicyState[], named: string): PolicyState {
  const ids = policyStates.map(({ policyId }) => policyId).filter((id) => isPolicy(id, named));
  const policyId = onlyPolicy(ids, named);
  const found = policyStates.find((one) => one.policyId === policyId);
  if (!found) throw new ProblemError('not-found', `There is no policy '${named.slice(0, 200)}'.`);
  return found;
}

/** All of one policy: its chain, with the steps for each finding, and its incidents of the last month. Pure. */
export function onePolicyAnswer(policyState: PolicyState, context: Context) {
  const aged = withAge(policyState, context);
  const { policy, vault, key, permission } = aged.history;
  return {
    answeredAt: context.now,
    asOf: aged.readAt,
    ...policyAnswer(aged),
    findings: aged.findings
      .filter(({ verdict }) => verdict !== 'clear')
      .map(({ trigger, verdict, summary, evidence, remediation, follows }) => ({
        trigger,
        verdict,
        summary,
        evidence,
        remediation,
        follows: follows ?? null,
      })),
    principalId: policy?.principalId ?? null,
    permissionModel: permission?.model ?? null,
    vault: vault
      ? { id: vault.id, name: vault.name, location: vault.location, goneAt: vault.goneAt ?? null }
      : null,
    keyVersions: (key?.versions ?? []).map(
      ({ version, enabled, expires, notBefore, created, lastSeenAt }) => ({
        version,
        enabled,
        created: created ?? null,
        notBefore: notBefore ?? null,
        expires: expires ?? null,
        lastSeenAt,
      }),
    ),
    endedIncidents: endedOf([policyState]),
  };
}

/** Incidents of the last month that are over, the latest first. */
export function endedOf(policyStates: readonly PolicyState[]) {
  return policyStates
    .flatMap(({ policyId, endedIncidents = [] }) =>
      endedIncidents.map(({ id, openedAt, endedAt, revoked }) => ({
        policyId,
        id,
        openedAt,
        endedAt,
        revoked: revoked ?? false,
        href: `/api/incidents/${id}`,
      })),
    )
    .sort((one, other) => Date.parse(other.endedAt) - Date.parse(one.endedAt));
}
