import { KEY_ACTIONS } from '../facts/facts.ts';
import { assignmentsOf, withGrants } from './apply-permission.ts';
import { chainIds, type PreviewChain } from './chain.ts';
import type { ChangeOf } from './change.ts';
import { type Effect, NO_EFFECT } from './effect.ts';
import { permissionUnder } from './set-vault-access.ts';

/**
 * A member that leaves may be the identity, or a group that it is in: what the identity holds through this group
 * alone is neither there nor lost.
 */
export function loseMembers(
  chain: PreviewChain,
  { groupId, address }: ChangeOf<'groupLosesMembers'>,
  at: string,
): Effect {
  const isOfGroup = (one: { principalId: string }) => one.principalId.toLowerCase() === groupId.toLowerCase();
  if (permissionUnder(chain, 'accessPolicies')?.perhapsGroups.some(isOfGroup))
    return { unknown: `${address} takes members from a group through which the identity may use the key.` };
  const fact = permissionUnder(chain, 'rbac');
  const through = assignmentsOf(fact).filter(isOfGroup);
  if (fact === undefined || through.length === 0) return NO_EFFECT;
  const grants = assignmentsOf(fact).filter((grant) => !isOfGroup(grant));
  const actions = through.flatMap((grant) => grant.actions);
  return { ...withGrants(chain, fact, grants, at), perhapsGrants: [{ under: 'rbac', actions }] };
}

/** Nobody who reads the identity's own grants knows what a group holds that the identity is not in yet. */
export function gainMember(chain: PreviewChain, change: ChangeOf<'groupGainsMember'>): Effect {
  if (!mayBeMember(chain, change)) return NO_EFFECT;
  return {
    perhapsGrants: [
      { under: 'rbac', actions: KEY_ACTIONS },
      { under: 'accessPolicies', actions: KEY_ACTIONS },
    ],
  };
}

export function mayBeMember(chain: PreviewChain, { memberId }: ChangeOf<'groupGainsMember'>): boolean {
  const { principalId } = chainIds(chain);
  return memberId === undefined || memberId.toLowerCase() === principalId?.toLowerCase();
}
