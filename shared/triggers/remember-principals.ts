import type { Facts } from '../facts/facts.ts';
import type { LockingPrincipalCount } from '../facts/locking-principal-count.ts';
import { isAfter } from './effect-history.ts';

/** How many principals could lock the policy when they were last counted, and how many there were before. */
export interface PrincipalsHistory extends LockingPrincipalCount {
  /** ISO 8601. */
  at: string;
  /** The number before it grew, and when it was first read to have grown. Absent: it has not, for a week. */
  grew?: { from: number; at: string };
}

const SHOWN_FOR_MS = 7 * 86_400_000;
const DAY_MS = 86_400_000;

/** Only a complete count changes it: with fewer rights read, fewer principals would seem to hold them. Pure. */
export function rememberPrincipals(
  before: PrincipalsHistory | undefined,
  { protection }: Facts,
): PrincipalsHistory | undefined {
  const part = protection?.lockingPrincipals;
  if (part?.state !== 'known' || Number.isNaN(Date.parse(part.readAt))) return before;
  const { able, inTwoSteps } = part.value;
  const at = part.readAt;
  const next: PrincipalsHistory = { able, inTwoSteps, at };
  if (before === undefined) return next;
  const last = totalOf(before);
  const kept = before.grew && !isAfter(at, before.grew.at, SHOWN_FOR_MS) ? before.grew : undefined;
  const grew = totalOf(next) > last ? { from: kept?.from ?? last, at: kept?.at ?? at } : kept;
  return grew !== undefined && totalOf(next) > grew.from ? { ...next, grew } : next;
}

export function totalOf({ able, inTwoSteps }: LockingPrincipalCount): number {
  return able + inTwoSteps;
}

/** Once a day is enough: a right that somebody gains is a risk, and nothing is down. */
export function needsNewCount(before: PrincipalsHistory | undefined, now: string): boolean {
  return before === undefined || isAfter(now, before.at, DAY_MS);
}
