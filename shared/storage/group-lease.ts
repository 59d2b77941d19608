import { untilOrIgnored } from '../incidents/stored-time.ts';
import type { GroupLease } from './incident-store.ts';
import { groupPartition, groupRow } from './keys.ts';
import { ask, etagOf } from './storage-errors.ts';
import type { Row, TableLike } from './table-port.ts';
import { updateUnderEtag } from './update-under-etag.ts';

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
  const keys = { partitionKey: groupPartition(group), rowKey: groupRow(channel) };
  // Every process requests a lease of the same length for a group.
  const longestMs = Date.parse(until) - Date.parse(now);
  const taken = await updateUnderEtag({ ...keys, table, what: 'the lease of a group' }, (before) => {
    if (untilOrIgnored(text(before?.until), now, longestMs) !== undefined) return undefined;
    const [sentAt, messageId] = [text(before?.sentAt), text(before?.messageId)];
    const row: Row = {
      ...keys,
      group: group.slice(0, 4_000),
      channel,
      until,
      sentAt: sentAt ?? '',
      messageId: messageId ?? '',
    };
    return { value: { sentAt, messageId }, row };
  });
  if (taken.outcome !== 'written') return undefined;
  const { sentAt, messageId } = taken.value;
  const lease: GroupLease = { group, channel, etag: etagOf(taken.etag) };
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
