import { untilOrIgnored } from '../incidents/stored-time.ts';
import type { GroupLease } from './incident-store.ts';
import { groupPartition, groupRow } from './keys.ts';
import { ask, etagOf } from './storage-errors.ts';
import type { Row, TableLike } from './table-port.ts';

/**
 * Leases a group on a channel to one sender at a time.
 *
 *   lease ──── until ────▶ free again, if the holder died
 *     └─ release (with the message that was sent) ─▶ free at once
 */
export async function leaseGroup(
  table: TableLike,
  group: string,
  channel: string,
  now: string,
  until: string,
): Promise<GroupLease | undefined> {
  const [partitionKey, rowKey] = [groupPartition(group), groupRow(channel)];
  const got = await ask('read the lease of a group', () => table.getEntity(partitionKey, rowKey), [404]);
  const row: Row = {
    partitionKey,
    rowKey,
    group: group.slice(0, 4_000),
    channel,
    until,
    sentAt: '',
    messageId: '',
  };
  const before = got.value;
  if (!before) {
    const made = await ask('lease a group', () => table.createEntity(row), [409]);
    return made.value && { group, channel, etag: etagOf(made.value.etag) };
  }
  // Every process requests a lease of the same length for a group.
  const longestMs = Date.parse(until) - Date.parse(now);
  if (untilOrIgnored(text(before.until), now, longestMs) !== undefined) return undefined;
  const sentAt = text(before.sentAt);
  const messageId = text(before.messageId);
  const renewed: Row = { ...row, sentAt: sentAt ?? '', messageId: messageId ?? '' };
  const taken = await ask(
    'lease a group',
    () => table.updateEntity(renewed, 'Replace', { etag: before.etag }),
    [404, 412],
  );
  if (!taken.value) return undefined;
  const lease: GroupLease = { group, channel, etag: etagOf(taken.value.etag) };
  if (sentAt !== undefined) lease.sentAt = sentAt;
  if (messageId !== undefined) lease.messageId = messageId;
  return lease;
}

/** Ends the lease. If it expired and another process took it, that lease remains and nothing is written. */
export async function releaseGroup(
  table: TableLike,
  lease: GroupLease,
  sent?: { at: string; messageId: string },
): Promise<void> {
  const row: Row = {
    partitionKey: groupPartition(lease.group),
    rowKey: groupRow(lease.channel),
    group: lease.group.slice(0, 4_000),
    channel: lease.channel,
    until: '',
    sentAt: sent?.at ?? lease.sentAt ?? '',
    messageId: sent?.messageId ?? lease.messageId ?? '',
  };
  await ask(
    'end the lease of a group',
    () => table.updateEntity(row, 'Replace', { etag: lease.etag }),
    [404, 412],
  );
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
