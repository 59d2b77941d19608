import type { OutboxRow } from '../storage/incident-store.ts';
import type { DeliverPorts } from './deliver-ports.ts';
import { LEASE_MS, later } from './outbox.ts';

type LeasePorts = Pick<DeliverPorts, 'store' | 'clock' | 'channelTimeoutMs'>;

/**
 * The rows that this process may send now, each under a lease that lasts for a whole try. Reading, waiting
 * and committing use up a lease, so it is checked right before a message goes out: if it is too short it is
 * renewed under the row's ETag, and a row that another process has taken meanwhile is left to that process.
 * `isMine`: whether this process holds the row's lease; any other row is taken from its holder.
 */
export async function holdForTry(
  rows: readonly OutboxRow[],
  ports: LeasePorts,
  isMine: (row: OutboxRow) => boolean = () => true,
): Promise<OutboxRow[]> {
  const now = ports.clock.now();
  const held = await Promise.all(
    rows.map((row) =>
      isMine(row) && beginBy([row], ports) >= now
        ? row
        : ports.store.updateNotice({ ...row, nextTryAt: later(now, LEASE_MS) }),
    ),
  );
  const begun = ports.clock.now();
  return held.filter((row) => row !== undefined).filter((row) => beginBy([row], ports) >= begun);
}

/** When a try must have begun, so that it is over before another process may take the rows. */
export function beginBy(
  rows: readonly OutboxRow[],
  { clock, channelTimeoutMs }: Pick<LeasePorts, 'clock' | 'channelTimeoutMs'>,
): string {
  const [leaseEnds = clock.now()] = rows.map(({ nextTryAt }) => nextTryAt).sort();
  return later(leaseEnds, -Math.min(channelTimeoutMs, LEASE_MS / 2));
}
