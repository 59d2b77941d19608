import { before, deadlineIn, LATE } from '../azure/deadline.ts';
import { msSince } from '../incidents/stored-time.ts';
import type { OutboxRow } from '../storage/incident-store.ts';
import { errorFields } from '../telemetry/log.ts';
import { WATCH_ITSELF } from '../visibility/visibility-state.ts';
import { type AlertAction, type AlertNotice, alertStepId, alertStepsOf } from './channels/events/alert.ts';
import type { DeliverPorts } from './deliver-ports.ts';
import { PREPARE_MS } from './make-notice.ts';
import type { Channel } from './notice.ts';

/** Why such a notice is given up. It is not reported elsewhere: nobody misses it. */
export const OUTDATED = 'Not sent: what it is about ended meanwhile.';

/** A notice that goes out so soon is sent without a read: only what waited can be outdated. */
const FRESH_MS = 5_000;

/**
 * For a channel whose service keeps alerts open: the notices of the same subjects, if one of these rows has waited.
 * A trigger that arrives after the end of its alert would open one that nothing ends. If they can't be read soon,
 * the message goes out: an alert too many is better than none.
 */
export async function noticesSince(
  rows: readonly OutboxRow[],
  { name, keepsAlerts }: Pick<Channel, 'name' | 'keepsAlerts'>,
  ports: Pick<DeliverPorts, 'store' | 'clock' | 'log'>,
): Promise<OutboxRow[]> {
  const { store, clock, log } = ports;
  const waited = rows.filter(
    ({ attempts, createdAt }) => attempts > 0 || msSince(createdAt, clock.now()) >= FRESH_MS,
  );
  if (!keepsAlerts || waited.length === 0) return [];
  try {
    const bySubject = Map.groupBy(waited, subjectOf);
    const read = await before(deadlineIn(PREPARE_MS, clock), () =>
      Promise.all(
        [...bySubject].map(([subject, [first]]) => {
          if (first && subject !== WATCH_ITSELF)
            return store.listNotices({ id: subject, policyId: first.policyId });
          const from = Math.min(...waited.map(({ createdAt }) => Date.parse(createdAt)));
          return store.listOwnNotices(WATCH_ITSELF, { from, to: clock.nowMs() + FRESH_MS });
        }),
      ),
    );
    if (read !== LATE) return read.flat();
    log.warn('later-notices-unreadable', { channel: name, because: 'no answer in time' });
  } catch (error) {
    log.warn('later-notices-unreadable', { channel: name, ...errorFields(error) });
  }
  return [];
}

/** The failure of a channel ends by a notice about Lockwatch itself, whatever its message was about. */
function subjectOf({ incident, undelivered }: OutboxRow): string {
  return incident && !undelivered ? incident.id : WATCH_ITSELF;
}

/**
 * The rows that still have something to say, and the steps to leave out of their message (`alertStepId`). Pure.
 */
export function withoutOutdated(
  rows: readonly OutboxRow[],
  known: readonly OutboxRow[],
  { publicUrl }: Pick<DeliverPorts, 'publicUrl'>,
): { toSend: OutboxRow[]; outdated: string[] } {
  const outdated: string[] = [];
  const toSend = rows.filter((row) => {
    const steps = stepsOf(row, publicUrl);
    const later = known.filter(({ createdAt }) => Date.parse(createdAt) > Date.parse(row.createdAt));
    const untrue = steps.filter((step) => isOutdated(step, row.channel, later, publicUrl));
    outdated.push(...untrue.map(({ key, action }) => alertStepId(key, action)));
    return steps.length === 0 || untrue.length < steps.length;
  });
  return { toSend, outdated };
}

interface Step {
  key: string;
  action: AlertAction;
}

/**
 * An alert that has ended is not opened any more. Its end is not sent any more if the same alert was opened again
 * on this channel: it would end the new one.
 */
function isOutdated(
  { key, action }: Step,
  channel: string,
  later: readonly OutboxRow[],
  publicUrl: string | undefined,
): boolean {
  const opposite = action === 'resolve' ? 'trigger' : 'resolve';
  const counts = (row: OutboxRow) =>
    opposite === 'resolve' || (row.state === 'sent' && row.channel === channel);
  return later.some(
    (row) =>
      counts(row) && stepsOf(row, publicUrl).some((step) => step.key === key && step.action === opposite),
  );
}

function stepsOf(row: OutboxRow, publicUrl: string | undefined): Step[] {
  const { reason, incident, visibility, undelivered } = row;
  const incidents = incident ? [{ incident }] : [];
  const notice: AlertNotice = { reason, incidents, visibility, undelivered, publicUrl };
  return alertStepsOf(notice).flatMap(({ key, actions }) => actions.map((action) => ({ key, action })));
}

/** A row that another process has changed meanwhile stays as it is. */
export async function giveUpOutdated(
  rows: readonly OutboxRow[],
  { store, log }: Pick<DeliverPorts, 'store' | 'log'>,
): Promise<void> {
  await Promise.all(rows.map((row) => store.updateNotice({ ...row, state: 'givenUp', lastError: OUTDATED })));
  const [first] = rows;
  if (first) log.info('notice-outdated', { channel: first.channel, reason: first.reason, rows: rows.length });
}
