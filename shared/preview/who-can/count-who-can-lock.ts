import type { PolicyRights } from '../../facts/rights.ts';
import { whoCan } from './who-can.ts';

export interface LockingPrincipals {
  /** Those who can do it now or after activating an eligible role, by object id in lower case. */
  able: string[];
  /** Those who would have to give themselves a right first, and are not among the others. */
  inTwoSteps: string[];
  /** Part of the rights could not be read: there may be more. */
  isPartial: boolean;
}

/**
 * The principals who can take environments down by any operation that nothing refuses at present. A group counts as
 * one.
 */
export function countWhoCanLock(policies: readonly PolicyRights[]): LockingPrincipals {
  const operations = whoCan(policies);
  const able = new Set<string>();
  const perhaps = new Set<string>();
  for (const { holders, refusedBy } of operations) {
    if (refusedBy.length > 0) continue;
    for (const { principalId, how } of holders) (how === 'inTwoSteps' ? perhaps : able).add(principalId);
  }
  return {
    able: [...able].sort(),
    inTwoSteps: [...perhaps].filter((id) => !able.has(id)).sort(),
    isPartial: operations.some(({ unknown }) => unknown !== null) || policies.some(hasUnread),
  };
}

function hasUnread({ vault, policy }: PolicyRights): boolean {
  return [vault, policy].some((one) => {
    if (one === undefined) return false;
    const rows = [one.assignments, one.denials];
    return (
      one.unreadRoles.length > 0 || rows.some((part) => 'unreadable' in part || part.fault !== undefined)
    );
  });
}
