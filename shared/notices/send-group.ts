import { before, deadlineIn, LATE } from '../azure/deadline.ts';
import type { OutboxRow } from '../storage/incident-store.ts';
import { errorFields } from '../telemetry/log.ts';
import { isFreshAlarm } from './breaker.ts';
import { enterChannelQueue, knownHealth, mayGo, noteTry } from './channel-queue.ts';
import type { DeliverPorts, Delivery } from './deliver-ports.ts';
import { environmentsOf, makeNotice, PREPARE_MS } from './make-notice.ts';
import type { Channel, SendResult } from './notice.ts';
import { isExpired, LEASE_MS, later, messageIdOf } from './outbox.ts';
import { recordDelivery } from './record-delivery.ts';
import { beginBy, holdForTry } from './row-lease.ts';
import { trySend } from './try-send.ts';

const LEASE_TRIES = 20;
const LEASE_WAIT_MS = 500;

/** The follow-up work of one channel's messages. */
export interface Aftermath {
  /** Rows that report a give-up on the other channels. */
  reports: OutboxRow[];
  /** Rows that were not tried, since the channel's breaker is open. */
  held: OutboxRow[];
  /** The channel works again. */
  hasClosed: boolean;
}

/** One message's destination, and its follow-up work. */
interface Sending {
  channel: Channel;
  delivery: Delivery;
  after: Aftermath;
  ports: DeliverPorts;
}

/**
 * Sends the rows of one group on one channel in one message, when the queue allows. Throws storage errors.
 */
export async function sendGroup(
  rows: OutboxRow[],
  delivery: Delivery,
  after: Aftermath,
  ports: DeliverPorts,
): Promise<void> {
  const first = rows.find(isFreshAlarm) ?? rows[0];
  if (!first) return;
  const channel = ports.channels.find(({ name }) => name === first.channel);
  if (!channel) {
    const detail = `The channel '${first.channel}' is not configured any more.`;
    const result: SendResult = { outcome: 'failed', permanent: false, detail };
    after.reports.push(...(await recordDelivery(rows, { result, messageId: messageIdOf(rows) }, ports)));
    return;
  }
  const ours = await holdForTry(rows, ports);
  const release = ours.length > 0 && (await enterChannelQueue(channel.name, beginBy(ours, ports), ports));
  if (!release) {
    // Too many at once, or another process took them: the rest becomes due when the lease ends.
    ports.log.info('notice-left-for-later', { channel: channel.name, rows: ours.length });
    return;
  }
  try {
    if (!(await mayGo(first, ports))) {
      await holdBack(ours, after, ports);
      return;
    }
    const policies = new Set([...rows.flatMap((row) => [...(delivery.sharing?.(row) ?? []), row.policyId])]);
    const sending = { channel, delivery, after, ports };
    if (policies.size > 1) await sendUnderLease(ours, [...policies], sending);
    else await sendRows(ours, sending);
  } finally {
    release();
  }
}

/**
 * Not tried, and not counted as tried: the lease expires by itself. Rows that waited for a day are given up.
 */
async function holdBack(rows: OutboxRow[], after: Aftermath, ports: DeliverPorts): Promise<void> {
  const now = ports.clock.now();
  const { expired = [], held = [] } = Object.groupBy(rows, (row) =>
    isExpired(row, now) ? 'expired' : 'held',
  );
  const channel = rows[0]?.channel ?? '';
  after.held.push(...held);
  if (held.length > 0) ports.log.info('notices-held', { channel, rows: held.length });
  if (expired.length === 0) return;
  const health = (await knownHealth(ports)).get(channel);
  const detail = health?.lastError ?? expired[0]?.lastError ?? 'The channel does not work.';
  const result: SendResult = { outcome: 'failed', permanent: false, detail };
  after.reports.push(
    ...(await recordDelivery(expired, { result, messageId: messageIdOf(expired), wasTried: false }, ports)),
  );
}

async function sendUnderLease(rows: OutboxRow[], policies: string[], sending: Sending): Promise<void> {
  const { channel, ports } = sending;
  const group = rows[0]?.group ?? '';
  for (let attempt = 0; attempt < LEASE_TRIES; attempt += 1) {
    const now = ports.clock.now();
    const lease = await ports.store.leaseGroup(group, channel.name, now, later(now, LEASE_MS));
    if (lease) {
      let message: Message | undefined;
      try {
        const { pending, isMine } = await gather(rows, policies, ports);
        message = await sendRows(pending, sending, { groupSentAt: lease.sentAt, isMine });
      } finally {
        await ports.store.releaseGroup(lease, message);
      }
      return;
    }
    // Another process is sending this group and may include our rows; if not, they are additions.
    await ports.clock.sleep(LEASE_WAIT_MS);
  }
  ports.log.warn('notice-left-for-later', { channel: channel.name, group, rows: rows.length });
}

/**
 * Every pending row of the group and channel of these. If they can't be listed soon, these go alone, if they
 * are still pending, and the others follow as additions.
 */
async function gather(
  rows: readonly OutboxRow[],
  policies: string[],
  ports: DeliverPorts,
): Promise<{ pending: readonly OutboxRow[]; isMine: (row: OutboxRow) => boolean }> {
  const [{ group, channel } = { group: '', channel: '' }] = rows;
  const alone = { pending: rows, isMine: () => false };
  try {
    const listed = await before(deadlineIn(PREPARE_MS, ports.clock), () =>
      ports.store.pendingNotices(policies),
    );
    if (listed !== LATE) {
      const mine = new Set(rows.map(({ etag }) => etag));
      const pending = listed.filter((row) => row.group === group && row.channel === channel);
      return { pending, isMine: ({ etag }) => mine.has(etag) };
    }
    ports.log.warn('group-not-listed', { channel, group, because: 'no answer in time' });
  } catch (error) {
    ports.log.warn('group-not-listed', { channel, group, ...errorFields(error) });
  }
  return alone;
}

/** A message that went out, and when. */
interface Message {
  at: string;
  messageId: string;
}

/**
 * Everything that a message waits for comes first; the check whether the rows may still be sent is the last
 * step before it goes.
 */
async function sendRows(
  rows: readonly OutboxRow[],
  { channel, delivery, after, ports }: Sending,
  { groupSentAt, isMine }: { groupSentAt?: string; isMine?: (row: OutboxRow) => boolean } = {},
): Promise<Message | undefined> {
  const environments = await environmentsOf(rows, delivery, ports);
  const ours = await holdForTry(rows, ports, isMine);
  if (ours.length < rows.length)
    ports.log.info('notice-left-for-later', { channel: channel.name, rows: rows.length - ours.length });
  if (ours.length === 0) return undefined;
  const messageId = messageIdOf(ours);
  const began = ports.clock.now();
  const notice = makeNotice(ours, environments, delivery, {
    messageId,
    groupSentAt,
    now: began,
    publicUrl: ports.publicUrl,
  });
  const result = await trySend(channel, notice, ports);
  const noted = noteTry(channel.name, result, began, ports);
  // A success is recorded at once; after a failure, the next try depends on the state of the channel.
  const openUntil = result.outcome === 'sent' ? undefined : (await noted).health.openUntil;
  after.reports.push(...(await recordDelivery(ours, { result, messageId, openUntil }, ports)));
  if ((await noted).hasClosed) after.hasClosed = true;
  return result.outcome === 'sent' ? { at: ports.clock.now(), messageId } : undefined;
}
