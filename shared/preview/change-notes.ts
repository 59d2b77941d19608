import { listActions } from '../triggers/permission-evidence.ts';
import { type AppliedChanges, applyChanges } from './apply-changes.ts';
import type { PreviewChain } from './chain.ts';
import type { Change } from './change.ts';

/** What a person should know of these changes besides their verdict, in sentences. */
export function changeNotes(
  chain: PreviewChain,
  applied: AppliedChanges,
  changes: readonly Change[],
  at: string,
): string[] {
  return [...gaps(chain, applied, changes, at), ...purges(chain, applied), ...removedLocks(changes)];
}

const isGrant = ({ what }: Change) => what === 'roleAssignmentAdded' || what === 'accessPolicySet';

/** A grant that is removed before it is made anew: the identity is without it in between. */
function gaps(
  chain: PreviewChain,
  { chain: after, changedBy }: AppliedChanges,
  changes: readonly Change[],
  at: string,
): string[] {
  if (missingOf(chain).length > 0 || missingOf(after).length > 0 || !changedBy.permission.some(isGrant))
    return [];
  const removals = changes.filter(
    (change) => !isGrant(change) && !(change.what === 'roleAssignmentRemoved' && change.isReplacedFirst),
  );
  const between = applyChanges(chain, removals, at);
  const missing = missingOf(between.chain);
  if (missing.length === 0) return [];
  const removed = addressesOf(between.changedBy.permission);
  const made = addressesOf(changedBy.permission.filter(isGrant));
  return [
    `${removed} takes a grant away, and ${made} gives it anew. In between the policy's identity can not ${listActions(missing)}, and Azure may take up to 10 minutes to apply each of the two. Make the new grant first to avoid the gap.`,
  ];
}

function missingOf({ facts: { permission } }: PreviewChain) {
  return permission.state === 'known' ? permission.value.missing : [];
}

function addressesOf(changes: readonly Change[]): string {
  return [...new Set(changes.map(({ address }) => address))].join(', ');
}

function purges({ facts: { vault } }: PreviewChain, { changedBy }: AppliedChanges): string[] {
  if (vault.state === 'known' && vault.value.purgeProtection === true) return [];
  const all = new Set([...changedBy.vault, ...changedBy.key]);
  return [...all].flatMap((change) =>
    (change.what === 'vaultDeleted' || change.what === 'keyDeleted') && change.purges
      ? [
          `${change.address} also purges what it deletes, and the vault has no purge protection: nothing brings it back but a backup of the key.`,
        ]
      : [],
  );
}

function removedLocks(changes: readonly Change[]): string[] {
  const locks = changes.flatMap((change) => (change.what === 'lockRemoved' ? [change.address] : []));
  return locks.length === 0
    ? []
    : [
        `${locks.join(', ')} removes a management lock or changes its level, so that lock counts as gone here.`,
      ];
}
