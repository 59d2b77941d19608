import { createHash } from 'node:crypto';
import type { ChannelHealth } from '../storage/channel-health.ts';
import type { OutboxRow } from '../storage/incident-store.ts';
import { LEASE_MS, later } from './outbox.ts';
import { type Routes, routed } from './routes.ts';

/**
 * The rows that tell the other channels of one that was given up; none where there is no other, or where the row was
 * itself such news, so that two dead channels don't talk of each other for ever. Channels that are left alone for now
 * are spared, unless all are. What was given up on one channel for one scope has one group, so it makes one message.
 * They are born claimed, as all rows are. Pure.
 */
export function undeliveredRows(
  lost: OutboxRow,
  channels: readonly string[],
  context: { health: ReadonlyMap<string, ChannelHealth>; routes?: Routes; now: string },
): OutboxRow[] {
  if (lost.undelivered) return [];
  const { health, routes, now } = context;
  const others = channels.filter((channel) => channel !== lost.channel);
  const working = others.filter((channel) => health.get(channel)?.openUntil === undefined);
  const because = lost.lastError ?? 'It told no reason.';
  return routed('undelivered', working.length > 0 ? working : others, routes).map((channel) => ({
    policyId: lost.policyId,
    incidentId: lost.incidentId,
    noticeId: `${lost.incidentId}-undelivered-${idOf(lost)}`,
    channel,
    reason: 'undelivered' as const,
    group: `undelivered|${lost.channel}|${scopeOf(lost)}`,
    because: `${lost.channel} did not take the notice '${lost.reason}': ${because}`,
    createdAt: now,
    state: 'pending' as const,
    attempts: 0,
    nextTryAt: later(now, LEASE_MS),
    incident: lost.incident,
    visibility: lost.visibility,
    undelivered: { channel: lost.channel, reason: lost.reason, since: lost.createdAt, because },
  }));
}

function idOf(lost: OutboxRow): string {
  return createHash('sha256').update(`${lost.noticeId}|${lost.channel}`).digest('hex').slice(0, 12);
}

/** A notice about the watch itself has no scope: each stands for itself, since one message tells of one. */
function scopeOf(lost: OutboxRow): string {
  return lost.incident ? (lost.group.split('|')[2] ?? '') : lost.noticeId;
}
