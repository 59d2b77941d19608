import { before, deadlineIn, LATE } from '../azure/deadline.ts';
import type { OutboxRow } from '../storage/incident-store.ts';
import { errorFields } from '../telemetry/log.ts';
import type { DeliverPorts } from './deliver-ports.ts';
import type { Delivery } from './delivery.ts';
import { PREPARE_MS } from './make-notice.ts';
import { LEASE_MS, later } from './outbox.ts';

const LEASE_TRIES = 20;
const LEASE_WAIT_MS = 500;

/**
 * Several policies may have rows of one group: leases the group, completes the delivery with their pending
 * rows and sends all of them in one message. `isMine`: whether this process already holds the lease of a row.
 */
export async function withWholeGroup(
  delivery: Delivery,
  policies: string[],
  ports: DeliverPorts,
  send: (isMine: (row: OutboxRow) => boolean) => Promise<void>,
): Promise<void> {
  const { channel, group } = delivery;
  for (let attempt = 0; attempt < LEASE_TRIES; attempt += 1) {
    const now = ports.clock.now();
    const lease = await ports.store.leaseGroup(group, channel, now, later(now, LEASE_MS));
    if (lease) {
      delivery.groupLease = lease;
      try {
        const mine = new Set(delivery.rows.map(({ etag }) => etag));
        const pending = await pendingOf(delivery, policies, ports);
        delivery.rows = pending ?? delivery.rows;
        // If the list is not known, another process may have sent our rows while we waited for the group.
        await send(({ etag }) => pending !== undefined && mine.has(etag));
      } finally {
        await ports.store.releaseGroup(lease, messageOf(delivery));
      }
      return;
    }
    // Another process is sending this group and may include our rows; if not, they are additions.
    await ports.clock.sleep(LEASE_WAIT_MS);
  }
  ports.log.warn('notice-left-for-later', { channel, group, rows: delivery.rows.length });
}

function messageOf({ sentAt, notice }: Delivery): { at: string; messageId: string } | undefined {
  return sentAt !== undefined && notice ? { at: sentAt, messageId: notice.messageId } : undefined;
}

/**
 * Every pending row of the group on this channel. Undefined: they can't be listed soon. Then ours go alone, if
 * they are still pending, and the others follow as additions.
 */
async function pendingOf(
  { channel, group }: Delivery,
  policies: string[],
  ports: DeliverPorts,
): Promise<OutboxRow[] | undefined> {
  try {
    const listed = await before(deadlineIn(PREPARE_MS, ports.clock), () =>
      ports.store.pendingNotices(policies),
    );
    if (listed !== LATE)
      return listed.filter((row) => row.group === group && row.channel === channel && !row.progress);
    ports.log.warn('group-not-listed', { channel, group, because: 'no answer in time' });
  } catch (error) {
    ports.log.warn('group-not-listed', { channel, group, ...errorFields(error) });
  }
  return undefined;
}
