import { compareText } from '../compare-text.ts';
import type { GroupLease, OutboxRow } from '../storage/incident-store.ts';
import type { DeliveryBatch } from './deliver-ports.ts';
import type { Notice, SendResult } from './notice.ts';
import { messageKeyOf } from './progress.ts';

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
  /** When the message was sent or accepted, and all of that was recorded. */
  sentAt?: string;
  /** Rows that report what was given up here, or refused for some recipients. */
  reports: OutboxRow[];
  /** Rows that were not tried, since the channel's breaker is open. */
  held: OutboxRow[];
  /** The channel works again after its breaker was open. */
  hasRecovered: boolean;
}

/** One for each message of these rows of one channel, the oldest first. Pure. */
export function deliveriesOf(channel: string, { rows, ...batch }: DeliveryBatch): Delivery[] {
  const oldestFirst = rows.toSorted((a, b) => compareText(a.createdAt, b.createdAt));
  return [...Map.groupBy(oldestFirst, messageKeyOf).values()].map((ofGroup) => ({
    channel,
    group: ofGroup[0]?.group ?? '',
    rows: ofGroup,
    batch,
    reports: [],
    held: [],
    hasRecovered: false,
  }));
}

/** Every policy whose rows may belong to the same message. Nothing joins one that was partly sent. Pure. */
export function policiesOf({ rows, batch }: Delivery): string[] {
  if (rows.some(({ progress }) => progress)) return rows.slice(0, 1).map(({ policyId }) => policyId);
  return [...new Set(rows.flatMap((row) => [...(batch.sharing?.(row) ?? []), row.policyId]))];
}
