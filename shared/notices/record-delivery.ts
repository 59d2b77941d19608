import type { OutboxRow } from '../storage/incident-store.ts';
import { knownHealth } from './channel-queue.ts';
import type { DeliverPorts } from './deliver-ports.ts';
import type { Delivery } from './delivery.ts';
import type { SendResult } from './notice.ts';
import { afterTry, messageIdOf } from './outbox.ts';
import { undeliveredRows } from './undelivered.ts';

/** What became of one row. `isOurs`: no other process was first. */
interface Recorded {
  gaveUp: boolean;
  isOurs: boolean;
  reports: OutboxRow[];
}

/**
 * Records the result for every row of the delivery, and adds to it the rows that report a give-up on other
 * channels. `openUntil`: the channel's breaker is open until then. `wasTried` false: it was open for too long
 * to try at all.
 */
export async function recordDelivery(
  delivery: Delivery,
  ports: DeliverPorts,
  { openUntil, wasTried = true }: { openUntil?: string; wasTried?: boolean } = {},
): Promise<void> {
  const { rows, result } = delivery;
  if (!result) return;
  const now = ports.clock.now();
  const messageId = messageIdOf(rows);
  const recorded = await Promise.all(
    rows.map(async (row): Promise<Recorded> => {
      const next = afterTry(row, result, messageId, now, openUntil);
      if (!wasTried) next.attempts = row.attempts;
      if (next.state === 'givenUp') return giveUp(next, ports);
      return { gaveUp: false, isOurs: (await ports.store.updateNotice(next)) !== undefined, reports: [] };
    }),
  );
  delivery.reports.push(...recorded.flatMap(({ reports }) => reports));
  const [first] = rows;
  logResult(result, recorded, ports, {
    channel: first?.channel,
    reason: first?.reason,
    messageId,
    rows: rows.length,
    waitedSeconds: (Date.parse(now) - Date.parse(first?.createdAt ?? now)) / 1000,
    overtaken: recorded.filter(({ isOurs }) => !isOurs).length,
  });
}

/** Gives up one row, for the reason in it. */
async function giveUp(row: OutboxRow, ports: DeliverPorts): Promise<Recorded> {
  const channels = ports.channels.map(({ name }) => name);
  const context = { health: await knownHealth(ports), routes: ports.routes, now: ports.clock.now() };
  const reports = await ports.store.giveUp(row, undeliveredRows(row, channels, context));
  return { gaveUp: true, isOurs: reports !== undefined, reports: reports ?? [] };
}

function logResult(
  result: SendResult,
  recorded: readonly Recorded[],
  { log }: DeliverPorts,
  fields: Record<string, unknown>,
): void {
  const reportedOn = [...new Set(recorded.flatMap(({ reports }) => reports.map(({ channel }) => channel)))];
  const { detail } = result;
  if (result.outcome === 'sent') log.info('notice-sent', fields);
  else if (!recorded.some(({ gaveUp }) => gaveUp)) log.warn('notice-failed', { ...fields, detail });
  else if (reportedOn.length > 0) log.warn('notice-given-up', { ...fields, detail, reportedOn });
  else if (recorded.some(({ gaveUp, isOurs }) => gaveUp && isOurs))
    // No channel is left to report this; an alert on the log can.
    log.error('undelivered', { ...fields, detail });
}
