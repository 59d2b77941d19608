import type { Clock } from '../clock.ts';
import type { AffectedEnvironment, Incident } from '../incidents/incident.ts';
import type { IncidentStore, OutboxRow } from '../incidents/store.ts';
import { errorFields, type Log } from '../telemetry.ts';
import type { Channel, Notice, SendResult } from './notice.ts';
import { afterTry, CLAIM_MS, later, messageIdOf } from './outbox.ts';

export interface DeliverPorts {
  store: IncidentStore;
  channels: readonly Channel[];
  clock: Clock;
  log: Log;
  publicUrl?: string;
  channelTimeoutMs: number;
}

export interface Delivery {
  /** Rows that this process holds a claim on (it committed them, or claimed them by `claimDue`). */
  rows: OutboxRow[];
  /** Names and environments at hand, by policy id; what is missing is read from the store. */
  known?: Map<string, { policyName: string; environments: AffectedEnvironment[] }>;
  /** Policies that may share a group with these rows: the group is then sent under a lease, all in one message. */
  sharing?: (row: OutboxRow) => readonly string[];
}

/** A notice after this long in one group is a new message of its own; before, it is a latecomer (`worsened`). */
const SAME_GROUP_MS = 15 * 60_000;
const LEASE_TRIES = 20;
const LEASE_WAIT_MS = 500;

/**
 * Sends the rows, one message per group and channel, all channels at the same time, each under its own timeout.
 * Never throws for what a channel does. A row that is not delivered stays, with its reason and its next try.
 */
export async function deliver(delivery: Delivery, ports: DeliverPorts): Promise<void> {
  const messages = Map.groupBy(delivery.rows, (row) => `${row.channel}\n${row.group}`);
  const sent = await Promise.allSettled(
    [...messages.values()].map((rows) => sendGroup(rows, delivery, ports)),
  );
  // Every message is tried before the first failure of storage is handed on.
  for (const result of sent) if (result.status === 'rejected') throw result.reason;
}

/**
 * Claims every pending row that is due, so that two processes don't send the same one. What another claimed first
 * is left out.
 */
export async function claimDue(ports: Pick<DeliverPorts, 'store' | 'clock'>): Promise<OutboxRow[]> {
  const now = ports.clock.now();
  const due = (await ports.store.pendingNotices()).filter((row) => row.nextTryAt <= now);
  const claimed = await Promise.all(
    due.map((row) => ports.store.updateNotice({ ...row, nextTryAt: later(now, CLAIM_MS) })),
  );
  return claimed.filter((row) => row !== undefined);
}

async function sendGroup(rows: OutboxRow[], delivery: Delivery, ports: DeliverPorts): Promise<void> {
  const first = rows[0];
  if (!first) return;
  const sharing = new Set([
    ...rows.flatMap((row) => [...(delivery.sharing?.(row) ?? [])]),
    ...rows.map((row) => row.policyId),
  ]);
  if (sharing.size <= 1) {
    await sendRows(rows, undefined, delivery, ports);
    return;
  }
  for (let attempt = 0; attempt < LEASE_TRIES; attempt += 1) {
    const now = ports.clock.now();
    const lease = await ports.store.leaseGroup(first.group, first.channel, now, later(now, CLAIM_MS));
    if (lease) {
      const isOurs = (row: OutboxRow) => row.group === first.group && row.channel === first.channel;
      const pending = (await ports.store.pendingNotices([...sharing])).filter(isOurs);
      const message = pending.length > 0 ? await sendRows(pending, lease.sentAt, delivery, ports) : undefined;
      await ports.store.releaseGroup(lease, message);
      return;
    }
    // Another process is sending this group and may take our rows along; if not, they are latecomers.
    await ports.clock.sleep(LEASE_WAIT_MS);
  }
  ports.log.warn('notice-left-for-later', { channel: first.channel, group: first.group, rows: rows.length });
}

async function sendRows(
  rows: OutboxRow[],
  groupSentAt: string | undefined,
  delivery: Delivery,
  ports: DeliverPorts,
): Promise<{ at: string; messageId: string } | undefined> {
  const first = rows[0];
  if (!first) return undefined;
  const channel = ports.channels.find((one) => one.name === first.channel);
  const messageId = messageIdOf(rows);
  const result: SendResult = channel
    ? await trySend(channel, await noticeOf(rows, messageId, groupSentAt, delivery, ports), ports)
    : {
        outcome: 'failed',
        permanent: false,
        detail: `The channel '${first.channel}' is not configured any more.`,
      };
  const now = ports.clock.now();
  const updates = await Promise.all(
    rows.map((row) => ports.store.updateNotice(afterTry(row, result, messageId, now))),
  );
  const fields = { channel: first.channel, reason: first.reason, messageId, rows: rows.length };
  const overtaken = updates.filter((row) => row === undefined).length;
  if (result.outcome === 'sent') ports.log.info('notice-sent', { ...fields, overtaken });
  else
    ports.log.warn(result.permanent ? 'notice-given-up' : 'notice-failed', {
      ...fields,
      detail: result.detail,
    });
  return result.outcome === 'sent' ? { at: now, messageId } : undefined;
}

async function trySend(channel: Channel, notice: Notice, ports: DeliverPorts): Promise<SendResult> {
  const abort = new AbortController();
  const timedOut = `No answer within ${Math.round(ports.channelTimeoutMs / 1000)} s.`;
  const over = new AbortController();
  const timeout = ports.clock.sleep(ports.channelTimeoutMs, over.signal).then((): SendResult => {
    abort.abort();
    return { outcome: 'failed', permanent: false, detail: timedOut };
  });
  const tried = channel.send(notice, abort.signal).catch((error): SendResult => {
    // A channel must not throw; if it does it is a bug, and the others must not suffer from it.
    ports.log.error('channel-bug', {
      channel: channel.name,
      kind: error instanceof Error ? error.name : 'unknown',
    });
    return {
      outcome: 'failed',
      permanent: false,
      detail: 'The channel failed in a way that it does not know.',
    };
  });
  const result = await Promise.race([tried, timeout]);
  over.abort();
  return result;
}

async function noticeOf(
  rows: OutboxRow[],
  messageId: string,
  groupSentAt: string | undefined,
  delivery: Delivery,
  ports: DeliverPorts,
): Promise<Notice> {
  const now = ports.clock.now();
  const reason = rows[0]?.reason ?? 'opened';
  const isLate =
    groupSentAt !== undefined &&
    Date.parse(now) - Date.parse(groupSentAt) < SAME_GROUP_MS &&
    (reason === 'opened' || reason === 'suspected');
  const incidents = await Promise.all(
    rows.map(async ({ incident, ...row }) => {
      if (!incident) return undefined;
      const known = delivery.known?.get(row.policyId);
      return {
        incident,
        because: row.because,
        policyName: known?.policyName ?? (row.policyId.split('/').at(-1) || row.policyId),
        environments: known?.environments ?? (await environmentsOf(incident, ports)),
      };
    }),
  );
  return {
    messageId,
    reason: isLate ? 'worsened' : reason,
    at: now,
    incidents: incidents.filter((one) => one !== undefined),
    sight: rows[0]?.sight,
    publicUrl: ports.publicUrl,
  };
}

/** A notice goes out even where the list can't be read just now: the count stands in the incident. */
async function environmentsOf(incident: Incident, ports: DeliverPorts): Promise<AffectedEnvironment[]> {
  try {
    return await ports.store.listEnvironments(incident);
  } catch (error) {
    ports.log.warn('environments-unreadable', { incident: incident.id, ...errorFields(error) });
    return [];
  }
}
