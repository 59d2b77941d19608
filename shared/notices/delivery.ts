import type { GroupLease, OutboxRow } from '../storage/incident-store.ts';
import type { DeliveryBatch } from './deliver-ports.ts';
import type { Notice, SendResult } from './notice.ts';

/** One message on its way: the rows of one group on one channel. Each step adds its part. */
export interface Delivery {
  readonly channel: string;
  readonly group: string;
  /** Narrowed to those that no other process has taken, and completed from a shared group. */
  rows: readonly OutboxRow[];
  readonly batch: Omit<DeliveryBatch, 'rows'>;
  /** No other process sends this group on this channel meanwhile. */
  groupLease?: GroupLease;
  notice?: Notice;
  result?: SendResult;
  /** When the message was sent and all of that was recorded. */
  sentAt?: string;
  /** Rows that report on the other channels what was given up here. */
  reports: OutboxRow[];
  /** Rows that were not tried, since the channel's breaker is open. */
  held: OutboxRow[];
  /** The channel works again after its breaker was open. */
  hasRecovered: boolean;
}

/** One for each group of these rows of one channel, the oldest first. Pure. */
export function deliveriesOf(channel: string, { rows, ...batch }: DeliveryBatch): Delivery[] {
  const oldestFirst = rows.toSorted((a, b) => a.createdAt.localeCompare(b.createdAt));
  return [...Map.groupBy(oldestFirst, ({ group }) => group)].map(([group, ofGroup]) => ({
    channel,
    group,
    rows: ofGroup,
    batch,
    reports: [],
    held: [],
    hasRecovered: false,
  }));
}

/** Every policy whose rows may belong to the same message. Pure. */
export function policiesOf({ rows, batch }: Delivery): string[] {
  return [...new Set(rows.flatMap((row) => [...(batch.sharing?.(row) ?? []), row.policyId]))];
}
