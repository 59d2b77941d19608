import { compareText } from '../compare-text.ts';
import { pastOrIgnored } from '../incidents/stored-time.ts';
import type { ChannelHealth } from '../storage/channel-health.ts';
import type { OutboxRow } from '../storage/incident-store.ts';
import { breakerStateOf } from './breaker.ts';
import { knownHealth } from './channel-queue.ts';
import type { DeliverPorts } from './deliver-ports.ts';
import { heldUntil, isExpired, LEASE_MS, later } from './outbox.ts';
import { messageKeyOf } from './progress.ts';

/** The maximum messages of one channel in one run: as many as it sends in half a lease, at four a second. */
const MESSAGES_PER_RUN = 40;

/**
 * Leases every pending row that may go now, so that two processes don't send the same one; only of the
 * channels in `only`, if given. Rows that another process leased first are omitted.
 */
export async function claimDue(
  ports: Pick<DeliverPorts, 'store' | 'clock' | 'log'>,
  only?: ReadonlySet<string>,
): Promise<OutboxRow[]> {
  const [pending, health] = await Promise.all([ports.store.pendingNotices(), knownHealth(ports)]);
  const now = ports.clock.now();
  const mine = only ? pending.filter(({ channel }) => only.has(channel)) : pending;
  const leased = await Promise.all(
    rowsToSend(mine, health, now).map(({ waitsForChannel: _, ...row }) =>
      ports.store.updateNotice({
        ...row,
        nextTryAt: later(now, LEASE_MS),
        // If a clock that ran ahead requested it, the day after which it is given up is counted from now.
        createdAt: pastOrIgnored(row.createdAt, now) ?? now,
      }),
    ),
  );
  return leased.filter((row) => row !== undefined);
}

/**
 * The rows that may go now, the oldest first. For a channel with an open breaker: one message as a probe if a
 * probe is due, and the rows to give up. Its other rows are not touched: they are neither tried nor counted
 * as tried. Pure.
 */
export function rowsToSend(
  pending: readonly OutboxRow[],
  health: ReadonlyMap<string, ChannelHealth>,
  now: string,
): OutboxRow[] {
  const oldestFirst = pending.toSorted((a, b) => compareText(a.createdAt, b.createdAt));
  return [...Map.groupBy(oldestFirst, ({ channel }) => channel)].flatMap(([channel, rows]) => {
    const known = health.get(channel);
    const free = rows.filter((row) => row.waitsForChannel || heldUntil(row, now) === undefined);
    if (known?.openUntil === undefined) return firstMessages(free, MESSAGES_PER_RUN);
    const expired = free.filter((row) => isExpired(row, now));
    const mayGo = free.filter((row) => !isExpired(row, now) && breakerStateOf(known, row, now) !== 'shut');
    return [...expired, ...firstMessages(mayGo, 1)];
  });
}

function firstMessages(rows: readonly OutboxRow[], count: number): OutboxRow[] {
  return [...Map.groupBy(rows, messageKeyOf).values()].slice(0, count).flat();
}
