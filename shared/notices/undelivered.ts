import { createHash } from 'node:crypto';
import type { ChannelHealth } from '../storage/channel-health.ts';
import type { OutboxRow } from '../storage/incident-store.ts';
import { ownNoticeId } from '../storage/keys.ts';
import { newlyLeased } from './outbox.ts';
import { type Routes, routed } from './routes.ts';

/**
 * The rows that report a given-up notice on the other channels. None if there is no other channel, or if the
 * row was itself such a report, so that two failed channels don't report each other for ever. Channels with
 * an open breaker are skipped, unless all are open. Given-up notices of one channel and scope have one group,
 * so they make one message. `recipients`: only these did not get it; where there is no other channel, the same
 * one reports it to the others. Pure.
 */
export function undeliveredRows(
  lost: OutboxRow,
  channels: readonly string[],
  context: {
    health: ReadonlyMap<string, ChannelHealth>;
    routes?: Routes;
    now: string;
    recipients?: readonly string[];
  },
): OutboxRow[] {
  if (lost.undelivered) return [];
  const { health, routes, now, recipients = [] } = context;
  const different = channels.filter((channel) => channel !== lost.channel);
  const others = different.length === 0 && recipients.length > 0 ? [lost.channel] : different;
  const working = others.filter((channel) => health.get(channel)?.openUntil === undefined);
  // One that belongs to no incident is found by its time.
  const prefix = lost.incident ? lost.incidentId : ownNoticeId(lost.incidentId, Date.parse(now));
  const because = lost.lastError ?? 'It gave no reason.';
  return routed('undelivered', working.length > 0 ? working : others, routes).map((channel) => ({
    policyId: lost.policyId,
    incidentId: lost.incidentId,
    noticeId: `${prefix}-undelivered-${idOf(lost)}`,
    channel,
    reason: 'undelivered' as const,
    group: `undelivered|${lost.channel}|${scopeOf(lost)}`,
    because: `${lost.channel} did not take the notice '${lost.reason}': ${because}`,
    ...newlyLeased(now),
    incident: lost.incident,
    visibility: lost.visibility,
    undelivered: {
      channel: lost.channel,
      reason: lost.reason,
      since: lost.createdAt,
      because,
      ...(recipients.length > 0 ? { recipients: [...recipients] } : {}),
    },
  }));
}

function idOf(lost: OutboxRow): string {
  return createHash('sha256').update(`${lost.noticeId}|${lost.channel}`).digest('hex').slice(0, 12);
}

/**
 * A notice about Lockwatch itself has no scope: each is a group of its own, since one message reports one.
 */
function scopeOf(lost: OutboxRow): string {
  return lost.incident ? (lost.group.split('|')[2] ?? '') : lost.noticeId;
}
