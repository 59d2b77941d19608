import { armIdParts } from '../azure/arm-id.ts';
import type { PolicyState } from '../incidents/incident.ts';
import { policyVaultId } from '../triggers/policy-chain.ts';

/** A subscription in which Azure said that reads are scarce: its policies are read at an interval of their own. */
export interface SlowedSubscription {
  intervalMs: number;
  /** When Azure said so last, or when the interval last became shorter. ISO 8601. */
  since: string;
}

/** By the subscription's id in lower case; '' is what belongs to none, and slows all. */
export type SlowedSubscriptions = ReadonlyMap<string, SlowedSubscription>;

/** The interval in force, and those of slowed subscriptions, where they are longer. */
export interface SweepIntervals {
  sweepIntervalMs: number;
  slowed?: SlowedSubscriptions;
}

/** In lower case, where a policy is read: that of the policy, and that of its vault. Pure. */
export function subscriptionsOf({
  policyId,
  history,
}: Pick<PolicyState, 'policyId' | 'history'>): Set<string> {
  const places = [policyId, policyVaultId(history) ?? policyId];
  return new Set(places.map((id) => armIdParts(id).subscriptionId?.toLowerCase() ?? ''));
}

/** The interval at which a policy is read: that of its own subscription, or of its vault's. Pure. */
export function policyInterval(
  policyState: Pick<PolicyState, 'policyId' | 'history'>,
  { sweepIntervalMs, slowed }: SweepIntervals,
): number {
  if (!slowed || slowed.size === 0) return sweepIntervalMs;
  const own = [...subscriptionsOf(policyState).add('')].map((id) => slowed.get(id)?.intervalMs ?? 0);
  return Math.max(sweepIntervalMs, ...own);
}

/** A row of storage holds 32,000 characters in one column; the rest is read as often as all others. */
const MAX_STORED = 200;

export function slowedText(slowed: SlowedSubscriptions): string {
  return JSON.stringify([...slowed].slice(0, MAX_STORED));
}

/** What cannot be read counts as not slowed: its policies are read more often than they need. */
export function slowedFrom(text: string | undefined): SlowedSubscriptions {
  const rows = text === undefined ? [] : parsedList(text);
  return new Map(rows.filter(isSlowed));
}

function isSlowed(row: unknown): row is [string, SlowedSubscription] {
  if (!Array.isArray(row) || typeof row[0] !== 'string') return false;
  const { intervalMs, since } = Object(row[1]);
  return Number.isFinite(intervalMs) && intervalMs > 0 && !Number.isNaN(Date.parse(since));
}

function parsedList(text: string): unknown[] {
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed : [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}
