import type { OutboxRow } from '../incidents/store.ts';
import { isFreshAlarm } from './breaker.ts';
import type { DeliverPorts, Delivery } from './deliver-ports.ts';
import { claimDue } from './due.ts';
import { enterLane, knownHealth, mayGo, noteTry } from './lanes.ts';
import { makeNotice } from './make-notice.ts';
import type { Channel, SendResult } from './notice.ts';
import { CLAIM_MS, isExpired, later, messageIdOf } from './outbox.ts';
import { settle } from './settle.ts';
import { trySend } from './try-send.ts';

const LEASE_TRIES = 20;
const LEASE_WAIT_MS = 500;

/**
 * Sends the rows, one message per group and channel, the oldest first, all channels at the same time; what is about the
 * same incident in the order in which it was called for. Each try is under its own timeout, and each channel has a queue of its own, so that none waits for another. Never throws for what a
 * channel does. A row that is not delivered stays, with its reason and its next try; one that is given up is told on the
 * other channels at once; and where a channel that was left alone works again, what waited for it goes along.
 */
export async function deliver(delivery: Delivery, ports: DeliverPorts): Promise<void> {
  const sending = sendAll(delivery, ports);
  if (!ports.aside) return sending;
  ports.aside(
    sending.then(
      () => ({}),
      (failure: unknown) => ({ failure }),
    ),
  );
}

async function sendAll(delivery: Delivery, ports: DeliverPorts): Promise<void> {
  const byChannel = Map.groupBy(delivery.rows, ({ channel }) => channel);
  await everything([...byChannel].map(([channel, rows]) => deliverOn(channel, { ...delivery, rows }, ports)));
}

/** Every message is tried before the first failure of storage is handed on. */
async function everything(work: readonly (Promise<unknown> | undefined)[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) if (result.status === 'rejected') throw result.reason;
}

/** What the messages of one channel leave to do. */
interface Aftermath {
  /** Rows that tell the other channels of what was given up. */
  told: OutboxRow[];
  /** Rows that were not tried, since the channel is left alone. */
  held: OutboxRow[];
  /** The channel works again. */
  hasClosed: boolean;
}

async function deliverOn(channel: string, delivery: Delivery, ports: DeliverPorts): Promise<void> {
  const after: Aftermath = { told: [], held: [], hasClosed: false };
  const oldestFirst = delivery.rows.toSorted((a, b) => a.createdAt.localeCompare(b.createdAt));
  const messages = [...Map.groupBy(oldestFirst, ({ group }) => group).values()];
  const sent = everything(inTurn(messages, (rows) => sendGroup(rows, delivery, after, ports)));
  const [failed] = await Promise.allSettled([sent]);
  const others = sendAll({ ...delivery, rows: after.told }, ports);
  await everything([others, after.hasClosed ? sendWaiting(channel, delivery, after.held, ports) : undefined]);
  if (failed.status === 'rejected') throw failed.reason;
}

/** The channel works again: what has waited longest goes first, then what was just held back. */
async function sendWaiting(
  channel: string,
  delivery: Delivery,
  held: OutboxRow[],
  ports: DeliverPorts,
): Promise<void> {
  const waiting = await claimDue(ports, new Set([channel]));
  await sendAll({ rows: waiting }, ports).finally(() => sendAll({ ...delivery, rows: held }, ports));
}

/**
 * All at once, but for what is about one incident: an alert that was resolved must not be triggered again by an older
 * message that comes after it.
 */
function inTurn(
  messages: readonly OutboxRow[][],
  send: (rows: OutboxRow[]) => Promise<void>,
): Promise<void>[] {
  const last = new Map<string, Promise<void>>();
  return messages.map((rows) => {
    const earlier = rows.flatMap(({ incidentId }) => last.get(incidentId) ?? []);
    const sending = earlier.length > 0 ? Promise.allSettled(earlier).then(() => send(rows)) : send(rows);
    for (const { incidentId } of rows) last.set(incidentId, sending);
    return sending;
  });
}

async function sendGroup(
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
    after.told.push(...(await settle(rows, { result, messageId: messageIdOf(rows) }, ports)));
    return;
  }
  const ours = await stillOurs(rows, ports);
  const leave = ours.length > 0 && (await enterLane(channel.name, lastStart(ours, ports), ports));
  if (!leave) {
    // Too many at once, or another took them: what is left falls due when the claim ends.
    ports.log.info('notice-left-for-later', { channel: channel.name, rows: ours.length });
    return;
  }
  try {
    if (!(await mayGo(first, ports))) {
      await holdBack(ours, after, ports);
      return;
    }
    const policies = new Set([...rows.flatMap((row) => [...(delivery.sharing?.(row) ?? []), row.policyId])]);
    if (policies.size > 1) await sendUnderLease(channel, ours, [...policies], delivery, after, ports);
    else await sendRows(channel, ours, undefined, delivery, after, ports);
  } finally {
    leave();
  }
}

/** Not tried, and not counted as tried: the claim runs out by itself. What waited for a day in vain is given up. */
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
  after.told.push(
    ...(await settle(expired, { result, messageId: messageIdOf(expired), wasTried: false }, ports)),
  );
}

/** Slow readings and commits eat into a claim: it is renewed, and what another took is left to it. */
async function stillOurs(rows: OutboxRow[], ports: DeliverPorts): Promise<OutboxRow[]> {
  const now = ports.clock.now();
  if (lastStart(rows, ports) >= now) return rows;
  const renewed = await Promise.all(
    rows.map((row) => ports.store.updateNotice({ ...row, nextTryAt: later(now, CLAIM_MS) })),
  );
  return renewed.filter((row) => row !== undefined);
}

/** When a try must have begun, so that it is over before somebody else may take the rows. */
function lastStart(rows: readonly OutboxRow[], ports: DeliverPorts): string {
  const [claimEnds = ports.clock.now()] = rows.map(({ nextTryAt }) => nextTryAt).sort();
  return later(claimEnds, -Math.min(ports.channelTimeoutMs, CLAIM_MS / 2));
}

async function sendUnderLease(
  channel: Channel,
  rows: OutboxRow[],
  policies: string[],
  delivery: Delivery,
  after: Aftermath,
  ports: DeliverPorts,
): Promise<void> {
  const group = rows[0]?.group ?? '';
  for (let attempt = 0; attempt < LEASE_TRIES; attempt += 1) {
    const now = ports.clock.now();
    const lease = await ports.store.leaseGroup(group, channel.name, now, later(now, CLAIM_MS));
    if (lease) {
      const isOurs = (row: OutboxRow) => row.group === group && row.channel === channel.name;
      const pending = (await ports.store.pendingNotices(policies)).filter(isOurs);
      const message = await sendRows(channel, pending, lease.sentAt, delivery, after, ports);
      await ports.store.releaseGroup(lease, message);
      return;
    }
    // Another process is sending this group and may take our rows along; if not, they are latecomers.
    await ports.clock.sleep(LEASE_WAIT_MS);
  }
  ports.log.warn('notice-left-for-later', { channel: channel.name, group, rows: rows.length });
}

async function sendRows(
  channel: Channel,
  rows: OutboxRow[],
  groupSentAt: string | undefined,
  delivery: Delivery,
  after: Aftermath,
  ports: DeliverPorts,
): Promise<{ at: string; messageId: string } | undefined> {
  if (rows.length === 0) return undefined;
  const messageId = messageIdOf(rows);
  const notice = await makeNotice(rows, messageId, groupSentAt, delivery, ports);
  const began = ports.clock.now();
  const result = await trySend(channel, notice, ports);
  const noted = noteTry(channel.name, result, began, ports);
  // What got through is written down at once; after a failure, the next try depends on how the channel is.
  const openUntil = result.outcome === 'sent' ? undefined : (await noted).health.openUntil;
  after.told.push(...(await settle(rows, { result, messageId, openUntil }, ports)));
  if ((await noted).hasClosed) after.hasClosed = true;
  return result.outcome === 'sent' ? { at: ports.clock.now(), messageId } : undefined;
}
