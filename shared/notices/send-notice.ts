import { before, deadlineIn, LATE } from '../azure/deadline.ts';
import type { OutboxRow } from '../storage/incident-store.ts';
import { nameOfError } from '../telemetry/error-name.ts';
import { noteTry } from './channel-queue.ts';
import type { DeliverPorts } from './deliver-ports.ts';
import type { Delivery } from './delivery.ts';
import { environmentsOf, makeNotice } from './make-notice.ts';
import type { Channel, Notice, SendResult } from './notice.ts';
import { giveUpOutdated, noticesSince, withoutOutdated } from './outdated-notices.ts';
import { recordDelivery } from './record-delivery.ts';
import { holdForTry } from './row-lease.ts';

/**
 * Makes the notice of these rows, sends it and records the result. Everything that a message waits for comes
 * first; the check whether the rows may still be sent is the last step before it goes.
 */
export async function sendNotice(
  delivery: Delivery,
  channel: Channel,
  ports: DeliverPorts,
  isMine?: (row: OutboxRow) => boolean,
): Promise<void> {
  const { rows, batch, groupLease } = delivery;
  const [environments, later] = await Promise.all([
    environmentsOf(rows, batch, ports),
    noticesSince(rows, channel, ports),
  ]);
  const held = await holdForTry(rows, ports, isMine);
  const left = rows.length - held.length;
  if (left > 0) ports.log.info('notice-left-for-later', { channel: channel.name, rows: left });
  const { outdated, toSend } = withoutOutdated(held, later, ports);
  delivery.rows = toSend;
  await giveUpOutdated(
    held.filter((row) => !toSend.includes(row)),
    ports,
  );
  if (delivery.rows.length === 0) return;

  const began = ports.clock.now();
  const around = { groupSentAt: groupLease?.sentAt, now: began, publicUrl: ports.publicUrl };
  delivery.notice = { ...makeNotice(delivery.rows, environments, batch, around), outdated };
  const result = await trySend(channel, delivery.notice, ports);
  delivery.result = result;

  const missed = delivery.notice.progress?.refused.length;
  const noted = noteTry(channel.name, result, began, ports, { missed });
  // A success is recorded at once; after a failure, the next try depends on the state of the channel.
  const openUntil = result.outcome === 'failed' ? (await noted).health.openUntil : undefined;
  await recordDelivery(delivery, ports, { openUntil });
  if ((await noted).hasClosed) delivery.hasRecovered = true;
  if (result.outcome !== 'failed') delivery.sentAt = ports.clock.now();
}

/** One try on one channel, under a timeout. Never throws, whatever the channel does. */
async function trySend(channel: Channel, notice: Notice, ports: DeliverPorts): Promise<SendResult> {
  const { channelTimeoutMs, clock, log } = ports;
  const failed = (detail: string): SendResult => ({ outcome: 'failed', permanent: false, detail });
  const result = await before(deadlineIn(channelTimeoutMs, clock), async (abort) => {
    try {
      return await channel.send(notice, abort);
    } catch (error) {
      // A channel must not throw. If it does, it is a bug, and it must not affect the other channels.
      const kind = nameOfError(error);
      log.error('channel-bug', { channel: channel.name, kind });
      return failed('The channel failed in a way that it does not know.');
    }
  });
  if (result !== LATE) return result;
  return failed(`No answer within ${Math.round(channelTimeoutMs / 1000)} s.`);
}
