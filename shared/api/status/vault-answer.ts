import { armIdParts, sameId } from '../../azure/arm-id.ts';
import type { PolicyState } from '../../incidents/incident.ts';
import { policyVaultId } from '../../triggers/policy-chain.ts';
import type { SweepIntervals } from '../../visibility/slowed-subscriptions.ts';
import { isVault, noSuchVault } from '../actions/find-policy.ts';
import { endedOf } from './policy-answer.ts';
import { policyAnswer, withAge, worst } from './status-answer.ts';
import { groupedWarnings } from './warnings-answer.ts';

/** One vault with every policy whose key is in it. Pure. Throws `ProblemError`. */
export function vaultAnswer(
  policyStates: readonly PolicyState[],
  named: string,
  context: { now: string } & SweepIntervals,
) {
  const those = policyStates
    .filter(({ history }) => isVault(policyVaultId(history) ?? '', named))
    .map((policyState) => withAge(policyState, context));
  const vaultId = those.map(({ history }) => policyVaultId(history)).find((id) => id !== undefined);
  if (vaultId === undefined) throw noSuchVault(named);
  const vault = those.map(({ history }) => history.vault).find((one) => one && sameId(one.id, vaultId));
  return {
    answeredAt: context.now,
    asOf: those.map(({ readAt }) => readAt).sort()[0] ?? null,
    id: vaultId,
    name: vault?.name ?? armIdParts(vaultId).name,
    location: vault?.location ?? null,
    permissionModel: vault ? (vault.rbac ? ('rbac' as const) : ('accessPolicies' as const)) : null,
    softDelete: vault?.softDelete ?? null,
    purgeProtection: vault?.purgeProtection ?? null,
    publicNetworkAccess: vault?.network.publicNetworkAccess ?? null,
    goneAt: vault?.goneAt ?? null,
    verdict: worst(those.filter(({ supported }) => supported)),
    policies: those.map((policyState) => policyAnswer(policyState)),
    warnings: groupedWarnings(those),
    endedIncidents: endedOf(those),
  };
}
