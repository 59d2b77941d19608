import type { OutboxRow } from '../storage/incident-store.ts';
import { knownHealth, noteGiveUp } from './channel-queue.ts';
import type { DeliverPorts } from './deliver-ports.ts';
import type { Delivery } from './delivery.ts';
import type { SendResult } from './notice.ts';
import { afterTry, messageIdOf } from './outbox.ts';
import { undeliveredRows } from './undelivered.ts';

/** What became of one row. `isOurs`: no other process was first. */
interface Recorded {
  /** It was given up, or refused for some recipients. */
  isLost: boolean;
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
  const { progress } = delivery.notice ?? {};
  const refused = result.outcome === 'sent' ? (progress?.refused ?? []).map(({ to }) => to) : [];
  const next = rows.map((row) => {
    const after = afterTry(row, result, messageId, now, { openUntil, progress });
    return wasTried ? after : { ...after, attempts: row.attempts };
  });
  const isLost = ({ state }: OutboxRow) => state === 'givenUp' || refused.length > 0;
  // First, so that no crash leaves a report that nothing would end.
  if (next.some((row) => isLost(row) && !row.undelivered)) await noteGiveUp(delivery.channel, ports);
  const recorded = await Promise.all(
    next.map(async (row): Promise<Recorded> => {
      if (isLost(row)) return report(row, refused, ports);
      return { isLost: false, isOurs: (await ports.store.updateNotice(row)) !== undefined, reports: [] };
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

/** Writes one row that was given up, or refused for these recipients, and reports it with the reason in it. */
async function report(row: OutboxRow, recipients: string[], ports: DeliverPorts): Promise<Recorded> {
  const channels = ports.channels.map(({ name }) => name);
  const context = { health: await knownHealth(ports), routes: ports.routes, now: ports.clock.now() };
  const reports = await ports.store.giveUp(row, undeliveredRows(row, channels, { ...context, recipients }));
  return { isLost: true, isOurs: reports !== undefined, reports: reports ?? [] };
}

function logResult(
  result: SendResult,
  recorded: readonly Recorded[],
  { log }: DeliverPorts,
  fields: Record<string, unknown>,
): void {
  const reportedOn = [...new Set(recorded.flatMap(({ reports }) => reports.map(({ channel }) => channel)))];
  const { detail } = result;
  const isLost = recorded.some((one) => one.isLost);
  if (result.outcome === 'sent') log.info('notice-sent', fields);
  else if (!isLost && result.outcome === 'accepted') log.info('notice-accepted', { ...fields, detail });
  else if (!isLost) log.warn('notice-failed', { ...fields, detail });
  if (!isLost) return;
  if (reportedOn.length > 0) log.warn('notice-given-up', { ...fields, detail, reportedOn });
  else if (recorded.some((one) => one.isLost && one.isOurs))
    // No channel is left to report this; an alert on the log can.
    log.error('undelivered', { ...fields, detail });
}
