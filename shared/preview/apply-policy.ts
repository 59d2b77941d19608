import { sameId } from '../azure/arm-id.ts';
import { unlinked } from './affected-environments.ts';
import { liesIn } from './apply-permission.ts';
import { deleteVault } from './apply-vault.ts';
import { chainIds, type PreviewChain } from './chain.ts';
import type { ChangeOf } from './change.ts';
import { type Effect, NO_EFFECT, planned, plannedGone } from './effect.ts';

export function deletePolicy(
  { facts }: PreviewChain,
  { policyId, address }: Pick<ChangeOf<'policyDeleted'>, 'policyId' | 'address'>,
  at: string,
): Effect {
  if (!sameId(facts.policyId, policyId) || facts.policy.state === 'gone') return NO_EFFECT;
  return { facts: { policy: plannedGone(`${address} deletes the enterprise policy.`, at) } };
}

/** The group, its vaults, and its policies as far as Azure does not refuse. */
export function deleteGroup(
  chain: PreviewChain,
  { id, address }: ChangeOf<'resourceGroupDeleted'>,
  at: string,
): Effect {
  const { policyId, vaultId } = chainIds(chain);
  const vault =
    vaultId !== undefined && liesIn(vaultId, id) ? deleteVault(chain, { vaultId, address }, at) : NO_EFFECT;
  // Azure refuses to delete a policy with environments, whatever becomes of the rest of its group.
  if (!liesIn(policyId, id) || !unlinked(chain)) return vault;
  return { facts: { ...vault.facts, ...deletePolicy(chain, { policyId, address }, at).facts } };
}

export function setPolicy(
  { facts }: PreviewChain,
  { policyId, set, isUnknown, address }: ChangeOf<'policySet'>,
  at: string,
): Effect {
  if (!sameId(facts.policyId, policyId)) return NO_EFFECT;
  if (facts.policy.state !== 'known')
    return { unknown: `${address} changes the enterprise policy, which could not be read.` };
  if (isUnknown)
    return { unknown: `${address} sets the key of the enterprise policy to one that is not known yet.` };
  const policy = facts.policy.value;
  const isMoved =
    (set.vaultId !== undefined && !sameId(set.vaultId, policy.vaultId)) ||
    (set.keyName !== undefined && set.keyName.toLowerCase() !== policy.keyName?.toLowerCase());
  if (isMoved)
    return {
      unknown: `${address} moves the enterprise policy to another key. Lockwatch has not read whether its identity may use that key, and the environments need the old one until they are encrypted anew.`,
    };
  if (set.keyVersion === undefined) return NO_EFFECT;
  const keyVersion = set.keyVersion ?? undefined;
  if (keyVersion?.toLowerCase() === policy.keyVersion?.toLowerCase()) return NO_EFFECT;
  return { facts: { policy: planned({ ...policy, keyVersion }, at) } };
}
