import type { OutboxRow } from '../storage/incident-store.ts';
import { claimDue } from './claim-due.ts';
import type { DeliverPorts, Delivery } from './deliver-ports.ts';
import { type Aftermath, sendGroup } from './send-group.ts';

/**
 * Sends the rows, one message per group and channel, the oldest first, all channels in parallel; messages
 * about the same incident go in the order of their requests. Each try has its own timeout, and each channel
 * its own queue, so that none waits for another. A channel's failure never throws. A row that is not
 * delivered stays, with its reason and its next try; one that is given up is reported on the other channels
 * at once; and if a channel works again after its breaker was open, the rows that waited for it are sent,
 * too.
 */
export async function deliver(delivery: Delivery, ports: DeliverPorts): Promise<void> {
  const sending = sendAll(delivery, ports);
  if (!ports.background) return sending;
  ports.background(
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

/** Every message is tried before the first storage error is thrown. */
async function everything(work: readonly (Promise<unknown> | undefined)[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) if (result.status === 'rejected') throw result.reason;
}

async function deliverOn(channel: string, delivery: Delivery, ports: DeliverPorts): Promise<void> {
  const after: Aftermath = { reports: [], held: [], hasClosed: false };
  const oldestFirst = delivery.rows.toSorted((a, b) => a.createdAt.localeCompare(b.createdAt));
  const messages = [...Map.groupBy(oldestFirst, ({ group }) => group).values()];
  const sent = everything(inTurn(messages, (rows) => sendGroup(rows, delivery, after, ports)));
  const [failed] = await Promise.allSettled([sent]);
  const others = sendAll({ ...delivery, rows: after.reports }, ports);
  await everything([others, after.hasClosed ? sendWaiting(channel, delivery, after.held, ports) : undefined]);
  if (failed.status === 'rejected') throw failed.reason;
}

/**
 * The channel works again: the rows that have waited longest go first, then those that were just held back.
 */
async function sendWaiting(
  channel: string,
  delivery: Delivery,
  held: OutboxRow[],
  ports: DeliverPorts,
): Promise<void> {
  const waiting = await claimDue(ports, new Set([channel]));
  const { sharing } = delivery;
  await sendAll({ rows: waiting, sharing }, ports).finally(() => sendAll({ ...delivery, rows: held }, ports));
}

/**
 * In parallel, except for messages about one incident: an alert that was resolved must not be triggered again
 * by an older message that arrives later.
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
