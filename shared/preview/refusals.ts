import { armIdParts, isUnder, normalId, sameId } from '../azure/arm-id.ts';
import type { LockFact } from '../facts/facts.ts';
import { roleGuid } from '../facts/role-guid.ts';
import { linkedTo } from './affected-environments.ts';
import { applyChanges } from './apply-changes.ts';
import { liesIn, rolesHeld, scopeOfAssignment } from './apply-permission.ts';
import { chainIds, type PreviewChain } from './chain.ts';
import type { Change } from './change.ts';

export interface RefusedChange {
  address: string;
  /** The lock or the rule that refuses, in one sentence. */
  because: string;
}

/** The changes that Azure carries out, and those that it refuses as far as locks and rules show. */
export function splitRefused(
  chain: PreviewChain,
  changes: readonly Change[],
  at: string,
): { carriedOut: Change[]; refused: RefusedChange[] } {
  const removed = new Set(
    changes.flatMap((change) => (change.what === 'lockRemoved' ? [normalId(change.id)] : [])),
  );
  const locks = locksOf(chain).filter(({ id }) => !removed.has(normalId(id)));
  const rolesLeft = rolesAfterRemovals(chain, changes, at);
  const carriedOut: Change[] = [];
  const refused: RefusedChange[] = [];
  for (const change of changes) {
    const because = byLock(chain, change, locks) ?? byRule(chain, change, rolesLeft);
    if (because === undefined) carriedOut.push(change);
    else refused.push({ address: change.address, because });
  }
  return { carriedOut, refused };
}

/** Those that the reading shows. Where they could not be read, nothing counts as refused. */
function locksOf({ facts: { protection } }: PreviewChain): LockFact[] {
  const parts = [protection?.policyLocks, protection?.vaultLocks];
  return parts.flatMap((part) => (part?.state === 'known' ? part.value : []));
}

/**
 * A lock is inherited by everything below its scope, and what holds a locked resource can't be deleted either
 * ("Lock your resources to protect your infrastructure"). It works on the control plane only: it never keeps a key
 * from being disabled or deleted.
 */
export function lockRefuses(
  { level, scope }: LockFact,
  { id, deletes, isGroup }: { id: string; deletes: boolean; isGroup: boolean },
): boolean {
  const reaches = isUnder(id, scope) || (deletes && isGroup && isUnder(scope, id));
  return reaches && (deletes || /^ReadOnly$/i.test(level));
}

function byLock(chain: PreviewChain, change: Change, locks: readonly LockFact[]): string | undefined {
  const target = targetOf(change);
  if (target === undefined) return undefined;
  const isGroup = change.what === 'resourceGroupDeleted';
  const lock = locks.find(
    (one) => lockRefuses(one, { ...target, isGroup }) && isOfChain(chain, one.scope, change),
  );
  return lock && `The lock ${lock.name} (${lock.level}) on ${lock.scope} refuses it: ScopeLocked.`;
}

/** A list of locks of the chain holds only those that reach the policy or the vault. */
function isOfChain(chain: PreviewChain, scope: string, change: Change): boolean {
  if (change.what !== 'resourceGroupDeleted') return true;
  const { policyId, vaultId } = chainIds(chain);
  return [policyId, vaultId].some((id) => id !== undefined && isUnder(id, scope));
}

function targetOf(change: Change): { id: string; deletes: boolean } | undefined {
  switch (change.what) {
    case 'vaultDeleted':
      return { id: change.vaultId, deletes: true };
    case 'accessPolicySet':
      return change.vaultId === undefined ? undefined : { id: change.vaultId, deletes: false };
    case 'vaultSet':
    case 'accessPolicyRemoved':
      return { id: change.vaultId, deletes: false };
    case 'resourceGroupDeleted':
      return { id: change.id, deletes: true };
    case 'policyDeleted':
      return { id: change.policyId, deletes: true };
    case 'policySet':
      return { id: change.policyId, deletes: false };
    case 'roleAssignmentRemoved':
      return { id: scopeOfAssignment(change.id), deletes: true };
    case 'roleAssignmentAdded':
      return change.scope === undefined ? undefined : { id: change.scope, deletes: false };
    // On the key itself, above every lock of the chain, in Entra, or what is not known.
    case 'keyDeleted':
    case 'keySet':
    case 'perimeterSet':
    case 'roleDefinitionSet':
    case 'roleDefinitionDeleted':
    case 'denyAssignmentAdded':
    case 'denyAssignmentRemoved':
    case 'groupLosesMembers':
    case 'groupGainsMember':
    case 'lockRemoved':
    case 'unjudged':
      return undefined;
    default:
      return change satisfies never;
  }
}

/** The roles that are assigned after the plan's removals, computed once and only where something asks for them. */
function rolesAfterRemovals(
  chain: PreviewChain,
  changes: readonly Change[],
  at: string,
): () => ReadonlySet<string> {
  let roles: ReadonlySet<string> | undefined;
  return () => {
    if (roles !== undefined) return roles;
    const removals = changes.filter(({ what }) => what === 'roleAssignmentRemoved');
    roles = rolesHeld(applyChanges(chain, removals, at).chain);
    return roles;
  };
}

function byRule(
  chain: PreviewChain,
  change: Change,
  rolesLeft: () => ReadonlySet<string>,
): string | undefined {
  const { policyId } = chainIds(chain);
  if (change.what === 'policyDeleted' && sameId(change.policyId, policyId)) {
    const count = linkedTo(chain).length;
    if (count > 0)
      return `Azure refuses to delete an enterprise policy that environments are linked to (${count} are): EnterprisePolicyDeleteNotAllowed.`;
  }
  if (change.what === 'vaultSet' && change.set.purgeProtection === false && isPurgeProtected(chain))
    return `Purge protection can't be turned off once it is on, so Azure refuses the whole change of the vault ${armIdParts(change.vaultId).name}.`;
  if (change.what === 'roleDefinitionDeleted' && rolesLeft().has(roleGuid(change.roleId)))
    return 'Azure refuses to delete a role definition that is still assigned: RoleDefinitionHasAssignments.';
  return undefined;
}

function isPurgeProtected({ facts: { vault } }: PreviewChain): boolean {
  return vault.state === 'known' && vault.value.purgeProtection === true;
}

/** Rules that refuse a part of a change, which goes on without it. */
export function partlyRefused(chain: PreviewChain, changes: readonly Change[]): RefusedChange[] {
  const { policyId } = chainIds(chain);
  return changes.flatMap(({ address, ...change }) => {
    if (
      (change.what === 'vaultDeleted' || change.what === 'keyDeleted') &&
      change.purges &&
      isPurgeProtected(chain)
    )
      return [{ address, because: 'Purge protection refuses the purge: what is deleted can be recovered.' }];
    if (change.what === 'resourceGroupDeleted' && liesIn(policyId, change.id) && linkedTo(chain).length > 0)
      return [
        {
          address,
          because:
            'Azure refuses to delete the enterprise policy in this group while environments are linked to it; the rest of the group may be gone by then.',
        },
      ];
    return [];
  });
}
