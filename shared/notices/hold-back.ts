import { knownHealth } from './channel-queue.ts';
import type { DeliverPorts } from './deliver-ports.ts';
import type { Delivery } from './delivery.ts';
import { isExpired } from './outbox.ts';
import { recordDelivery } from './record-delivery.ts';

/**
 * Not tried, and not counted as tried: the lease expires by itself. Rows that waited for a day are given up.
 */
export async function holdBack(delivery: Delivery, ports: DeliverPorts): Promise<void> {
  const { channel, rows } = delivery;
  const now = ports.clock.now();
  const { expired = [], held = [] } = Object.groupBy(rows, (row) =>
    isExpired(row, now) ? 'expired' : 'held',
  );
  delivery.held.push(...held);
  if (held.length > 0) ports.log.info('notices-held', { channel, rows: held.length });
  delivery.rows = expired;
  if (expired.length === 0) return;
  const health = (await knownHealth(ports)).get(channel);
  const detail = health?.lastError ?? expired[0]?.lastError ?? 'The channel does not work.';
  delivery.result = { outcome: 'failed', permanent: false, detail };
  await recordDelivery(delivery, ports, { wasTried: false });
}
