import type { PolicyRights } from '../../facts/rights.ts';
import type { TriggerId } from '../../triggers/finding.ts';
import { holdersOfAll, holdersOfAny } from './combine-holders.ts';
import type { Holder } from './holders.ts';
import {
  LOCKING_OPERATIONS,
  type LockingOperation,
  type LockingOperationId,
  triggersOf,
} from './locking-operations.ts';
import { refusedBy } from './refused-by.ts';
import { alternativesOf, type Needs, type NeedsOneOf, needsInWords, type Right } from './right.ts';
import { holdersInTwoSteps } from './two-steps.ts';

/** One operation on one resource, and who can do it. Several policies share it where they share the resource. */
export interface OperationHolders {
  operation: LockingOperationId;
  title: string;
  triggers: TriggerId[];
  policyIds: string[];
  /** All of these rights are needed, in words. */
  needs: string[];
  note?: string;
  /** What refuses it at present, whoever asks. */
  refusedBy: string[];
  /** Not null: it is not known who holds the rights, so the list may be short. */
  unknown: string | null;
  holders: Holder[];
}

/** Per operation that takes environments of these policies down: who can do it. Pure. */
export function whoCan(policies: readonly PolicyRights[]): OperationHolders[] {
  const found = new Map<string, OperationHolders>();
  for (const id of Object.keys(LOCKING_OPERATIONS) as LockingOperationId[])
    for (const rights of policies) {
      const operation: LockingOperation = LOCKING_OPERATIONS[id];
      const needs = operation.needs(rights);
      if (needs === null) continue;
      const needed = alternativesOf(needs);
      const isOfKey = needed.anyOf.flat().some(({ plane }) => plane === 'key');
      // Where it is not known which rights are needed, it is not known which policies share them either.
      const subject = needed.unread === undefined ? '' : rights.facts.policyId;
      const key = JSON.stringify([id, needed, subject, isOfKey ? rights.vault?.keyId : '']);
      const known = found.get(key.toLowerCase());
      if (known) known.policyIds.push(rights.facts.policyId);
      else found.set(key.toLowerCase(), operationHolders(id, operation, needed, rights));
    }
  return [...found.values()];
}

function operationHolders(
  id: LockingOperationId,
  operation: LockingOperation,
  needed: NeedsOneOf,
  rights: PolicyRights,
): OperationHolders {
  return {
    operation: id,
    title: operation.title,
    triggers: triggersOf(id),
    policyIds: [rights.facts.policyId],
    needs: needsInWords(needed, rights),
    ...(operation.note === undefined ? {} : { note: operation.note }),
    refusedBy: refusedBy(id, operation, needed.anyOf, rights),
    ...whoHolds(needed, rights),
  };
}

/** Who holds all of these rights, or why that is not known. */
export function whoHolds(
  needs: NonNullable<Needs>,
  rights: PolicyRights,
): Pick<OperationHolders, 'unknown' | 'holders'> {
  const { anyOf, unread } = alternativesOf(needs);
  const each = anyOf.map((needed) => holdersOfAll(needed.map((right) => holdersInTwoSteps(rights, right))));
  return { unknown: whyUnknown(anyOf.flat(), rights) ?? unread ?? null, holders: holdersOfAny(each) };
}

function whyUnknown(needed: readonly Right[], rights: PolicyRights): string | null {
  const isOfKey = needed.some(({ plane }) => plane === 'key');
  if (isOfKey && rights.rbac === undefined)
    return "The vault can't be read, so its permission model is not known. The list is that of Azure RBAC.";
  const parts = needed.map((right) => rights[right.plane === 'key' ? 'vault' : right.of]?.assignments);
  for (const part of parts) if (part !== undefined && 'unreadable' in part) return part.unreadable.detail;
  return null;
}
