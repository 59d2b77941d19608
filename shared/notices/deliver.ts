import { WATCH_ITSELF } from '../visibility/visibility-state.ts';
import { isFreshAlarm } from './breaker.ts';
import { enterChannelQueue, mayGo } from './channel-queue.ts';
import { claimDue } from './claim-due.ts';
import type { DeliverPorts, DeliveryBatch } from './deliver-ports.ts';
import { type Delivery, deliveriesOf, policiesOf } from './delivery.ts';
import { holdBack } from './hold-back.ts';
import { recordDelivery } from './record-delivery.ts';
import { beginBy, holdForTry } from './row-lease.ts';
import { sendNotice } from './send-notice.ts';
import { withWholeGroup } from './whole-group.ts';

/**
 * Sends the rows, one message per group and channel, the oldest first, all channels in parallel; messages
 * about the same incident go in the order of their requests. Each try has its own timeout, and each channel
 * its own queue, so that none waits for another. A channel's failure never throws. A row that is not
 * delivered stays, with its reason and its next try; one that is given up is reported on the other channels
 * at once; and if a channel works again after its breaker was open, the rows that waited for it are sent,
 * too.
 */
export async function deliver(batch: DeliveryBatch, ports: DeliverPorts): Promise<void> {
  const sending = sendAll(batch, ports);
  if (!ports.background) return sending;
  ports.background(
    sending.then(
      () => ({}),
      (failure: unknown) => ({ failure }),
    ),
  );
}

async function sendAll(batch: DeliveryBatch, ports: DeliverPorts): Promise<void> {
  const byChannel = Map.groupBy(batch.rows, ({ channel }) => channel);
  await everything([...byChannel].map(([channel, rows]) => sendOn(channel, { ...batch, rows }, ports)));
}

async function sendOn(channel: string, batch: DeliveryBatch, ports: DeliverPorts): Promise<void> {
  const deliveries = deliveriesOf(channel, batch);
  const sent = everything(inTurn(deliveries, (delivery) => sendOne(delivery, ports)));
  const [failed] = await Promise.allSettled([sent]);
  const reports = sendAll({ ...batch, rows: deliveries.flatMap((one) => one.reports) }, ports);
  const held = { ...batch, rows: deliveries.flatMap((one) => one.held) };
  const hasRecovered = deliveries.some((one) => one.hasRecovered);
  await everything([reports, hasRecovered ? sendWaiting(channel, held, ports) : undefined]);
  if (failed.status === 'rejected') throw failed.reason;
}

/** One message, from its rows to its recorded result. Throws storage errors. */
async function sendOne(delivery: Delivery, ports: DeliverPorts): Promise<void> {
  const { channel: name, rows } = delivery;
  const [urgent] = [...rows.filter(isFreshAlarm), ...rows];
  const policies = policiesOf(delivery);
  const channel = ports.channels.find((one) => one.name === name);
  if (!channel || !urgent) return recordMissing(delivery, ports);

  delivery.rows = await holdForTry(rows, ports);
  const leaveQueue =
    delivery.rows.length > 0 && (await enterChannelQueue(name, beginBy(delivery.rows, ports), ports));
  if (!leaveQueue) {
    // Too many at once, or another process took them: the rest becomes due when the lease ends.
    ports.log.info('notice-left-for-later', { channel: name, rows: delivery.rows.length });
    return;
  }
  try {
    if (!(await mayGo(urgent, ports))) await holdBack(delivery, ports);
    else if (policies.length === 1) await sendNotice(delivery, channel, ports);
    else
      await withWholeGroup(delivery, policies, ports, (isMine) =>
        sendNotice(delivery, channel, ports, isMine),
      );
  } finally {
    leaveQueue();
  }
}

async function recordMissing(delivery: Delivery, ports: DeliverPorts): Promise<void> {
  const detail = `The channel '${delivery.channel}' is not configured any more.`;
  delivery.result = { outcome: 'failed', permanent: false, detail };
  await recordDelivery(delivery, ports);
}

/**
 * The channel works again: the rows that have waited longest go first, then those that were just held back.
 */
async function sendWaiting(channel: string, held: DeliveryBatch, ports: DeliverPorts): Promise<void> {
  const waiting = await claimDue(ports, new Set([channel]));
  await sendAll({ rows: waiting, sharing: held.sharing }, ports).finally(() => sendAll(held, ports));
}

/**
 * In parallel, except for messages about one incident, or about Lockwatch itself: an alert that was resolved must not
 * be triggered again by an older message that arrives later.
 */
function inTurn(
  deliveries: readonly Delivery[],
  send: (delivery: Delivery) => Promise<void>,
): Promise<void>[] {
  const last = new Map<string, Promise<void>>();
  return deliveries.map((delivery) => {
    const incidents = delivery.rows.flatMap(({ incidentId, undelivered }) =>
      undelivered ? [incidentId, WATCH_ITSELF] : [incidentId],
    );
    const earlier = incidents.flatMap((id) => last.get(id) ?? []);
    const sending =
      earlier.length > 0 ? Promise.allSettled(earlier).then(() => send(delivery)) : send(delivery);
    for (const id of incidents) last.set(id, sending);
    return sending;
  });
}

/** Every message is tried before the first storage error is thrown. */
async function everything(work: readonly (Promise<unknown> | undefined)[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) if (result.status === 'rejected') throw result.reason;
}
