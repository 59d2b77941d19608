import type { OutboxRow } from '../storage/incident-store.ts';
import { knownHealth } from './channel-queue.ts';
import type { DeliverPorts } from './deliver-ports.ts';
import type { SendResult } from './notice.ts';
import { afterTry } from './outbox.ts';
import { undeliveredRows } from './undelivered.ts';

/**
 * Records the result for the rows of one message. Returns the rows that report a give-up on other channels.
 * `openUntil`: the channel's breaker is open until then. `wasTried` false: it was open for too long to try at
 * all.
 */
export async function recordDelivery(
  rows: readonly OutboxRow[],
  tried: { result: SendResult; messageId: string; openUntil?: string; wasTried?: boolean },
  ports: DeliverPorts,
): Promise<OutboxRow[]> {
  const { result, messageId, openUntil, wasTried = true } = tried;
  const now = ports.clock.now();
  const recorded = await Promise.all(
    rows.map(async (row) => {
      const next = afterTry(row, result, messageId, now, openUntil);
      if (!wasTried) next.attempts = row.attempts;
      if (next.state === 'givenUp') return { gaveUp: true, ...(await giveUp(next, ports)) };
      return { gaveUp: false, isOurs: (await ports.store.updateNotice(next)) !== undefined, reports: [] };
    }),
  );
  const [first] = rows;
  const fields = {
    channel: first?.channel,
    reason: first?.reason,
    messageId,
    rows: rows.length,
    waitedSeconds: (Date.parse(now) - Date.parse(first?.createdAt ?? now)) / 1000,
    overtaken: recorded.filter(({ isOurs }) => !isOurs).length,
  };
  const reports = recorded.flatMap((one) => one.reports);
  if (result.outcome === 'sent') ports.log.info('notice-sent', fields);
  else if (!recorded.some(({ gaveUp }) => gaveUp))
    ports.log.warn('notice-failed', { ...fields, detail: result.detail });
  else if (reports.length > 0)
    ports.log.warn('notice-given-up', {
      ...fields,
      detail: result.detail,
      reportedOn: [...new Set(reports.map(({ channel }) => channel))],
    });
  else if (recorded.some(({ gaveUp, isOurs }) => gaveUp && isOurs))
    // No channel is left to report this; an alert on the log can.
    ports.log.error('undelivered', { ...fields, detail: result.detail });
  return reports;
}

/** Gives up one row, for the reason in it. `isOurs`: no other process was first. */
async function giveUp(
  row: OutboxRow,
  ports: DeliverPorts,
): Promise<{ isOurs: boolean; reports: OutboxRow[] }> {
  const channels = ports.channels.map(({ name }) => name);
  const context = { health: await knownHealth(ports), routes: ports.routes, now: ports.clock.now() };
  const reports = await ports.store.giveUp(row, undeliveredRows(row, channels, context));
  return { isOurs: reports !== undefined, reports: reports ?? [] };
}
