import type { PolicyRights } from '../../facts/rights.ts';
import { ARM_OPERATION } from '../../signals/operation-names.ts';
import { LOCKING_OPERATIONS, type LockingOperation } from './locking-operations.ts';
import { locksRefusing, rulesRefusing } from './refused-by.ts';
import { alternativesOf } from './right.ts';
import { holdersInTwoSteps } from './two-steps.ts';
import { type OperationHolders, whoCan } from './who-can.ts';

export interface LockingPrincipals {
  /** Those who can do it now or after activating an eligible role, by object id in lower case. */
  able: string[];
  /** Those who would have to give themselves a right first, and are not among the others. */
  inTwoSteps: string[];
  /** Part of the rights could not be read: there may be more. */
  isPartial: boolean;
}

/**
 * The principals who can take environments down by any operation that nothing refuses at present, and in two steps
 * those who may first delete the locks that refuse it. A group counts as one.
 */
export function countWhoCanLock(policies: readonly PolicyRights[]): LockingPrincipals {
  const each = policies.map((rights) => ({ rights, operations: whoCan([rights]) }));
  const able = new Set<string>();
  const perhaps = new Set<string>();
  for (const { rights, operations } of each)
    for (const found of operations) {
      if (found.refusedBy.length > 0) for (const id of unlockersOf(found, rights)) perhaps.add(id);
      else
        for (const { principalId, how } of found.holders)
          (how === 'inTwoSteps' ? perhaps : able).add(principalId);
    }
  return {
    able: [...able].sort(),
    inTwoSteps: [...perhaps].filter((id) => !able.has(id)).sort(),
    isPartial:
      each.some(({ operations }) => operations.some(({ unknown }) => unknown !== null)) ||
      policies.some(hasUnread),
  };
}

/** Those who hold the operation's rights, and may delete every lock that refuses it. */
function unlockersOf({ operation: id, holders }: OperationHolders, rights: PolicyRights): string[] {
  const operation: LockingOperation = LOCKING_OPERATIONS[id];
  const needs = operation.needs(rights);
  if (needs === null || rulesRefusing(id, rights).length > 0) return [];
  const { anyOf } = alternativesOf(needs);
  const of = anyOf.flat().some((right) => right.plane === 'control' && right.of === 'policy')
    ? 'policy'
    : 'vault';
  const each = locksRefusing(operation.refusedByLocks, anyOf, rights).map(({ scope }) =>
    holdersInTwoSteps(rights, { plane: 'control', of, anyOf: [ARM_OPERATION.lockDelete], scope }),
  );
  return holders.map(({ principalId }) => principalId).filter((id) => each.every((one) => one.has(id)));
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
