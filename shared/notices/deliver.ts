import type { OutboxRow } from '../storage/incident-store.ts';
import { claimDue } from './claim-due.ts';
import type { DeliverPorts, Delivery } from './deliver-ports.ts';
import { type Aftermath, sendGroup } from './send-group.ts';

/**
 * Sends the rows, one message per group and channel, the oldest first, all channels at the same time; what is about the
 * same incident in the order in which it was called for. Each try is under its own timeout, and each channel has a queue of its own, so that none waits for another. Never throws for what a
 * channel does. A row that is not delivered stays, with its reason and its next try; one that is given up is told on the
 * other channels at once; and where a channel that was left alone works again, what waited for it goes along.
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

/** Every message is tried before the first failure of storage is handed on. */
async function everything(work: readonly (Promise<unknown> | undefined)[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) if (result.status === 'rejected') throw result.reason;
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
  const { sharing } = delivery;
  await sendAll({ rows: waiting, sharing }, ports).finally(() => sendAll({ ...delivery, rows: held }, ports));
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
