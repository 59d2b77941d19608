import type { LockFact } from '../../facts/facts.ts';
import type { PolicyRights } from '../../facts/rights.ts';
import { lockRefuses } from '../refusals.ts';
import type { LockingOperation, LockingOperationId } from './locking-operations.ts';
import type { ControlRight, Right } from './right.ts';

/** Who refuses the operation whoever asks, in one sentence each: a lock, purge protection, a rule of Azure. */
export function refusedBy(
  id: LockingOperationId,
  { refusedByLocks }: Pick<LockingOperation, 'refusedByLocks'>,
  anyOf: readonly (readonly Right[])[],
  rights: PolicyRights,
): string[] {
  const locks = locksRefusing(refusedByLocks, anyOf, rights);
  return [
    ...locks.map(
      ({ name, level, scope }) =>
        `The lock ${name} (${level}) on ${scope}, until somebody deletes it with Microsoft.Authorization/locks/delete.`,
    ),
    ...rulesRefusing(id, rights),
  ];
}

/** Where one set of rights is enough and no lock is in its way, no lock refuses the operation. */
export function locksRefusing(
  refusedByLocks: LockingOperation['refusedByLocks'],
  anyOf: readonly (readonly Right[])[],
  rights: PolicyRights,
): LockFact[] {
  if (refusedByLocks === null) return [];
  const deletes = refusedByLocks === 'deletion';
  const each = anyOf.map((needed) => locksOn(needed, deletes, rights));
  if (each.some((locks) => locks.length === 0)) return [];
  return [...new Map(each.flat().map((lock) => [lock.id.toLowerCase(), lock])).values()];
}

function locksOn(needed: readonly Right[], deletes: boolean, rights: PolicyRights): LockFact[] {
  const found = needed.flatMap((right) => {
    if (right.plane !== 'control') return [];
    const { locks } = rights[right.of] ?? {};
    const listed = locks?.state === 'known' ? locks.value.locks : [];
    return listed.filter((lock) => lockRefuses(lock, { id: right.scope, deletes, isGroup: isGroup(right) }));
  });
  return [...new Map(found.map((lock) => [lock.id.toLowerCase(), lock])).values()];
}

function isGroup({ scope }: ControlRight): boolean {
  return /\/resourceGroups\/[^/]+$/i.test(scope);
}

/** Rules of Azure that refuse the operation to everybody. */
export function rulesRefusing(
  id: LockingOperationId,
  { facts: { vault }, linkedEnvironments: count = 0 }: PolicyRights,
): string[] {
  const isPurge = id === 'purge-key' || id === 'purge-vault';
  if (isPurge && vault.state === 'known' && vault.value.purgeProtection)
    return ['Purge protection of the vault, until the retention of what was deleted ends.'];
  if (!/^delete-policy/.test(id) || count === 0) return [];
  return [
    `Azure, while environments are linked to the policy (${count} are): EnterprisePolicyDeleteNotAllowed.`,
  ];
}
