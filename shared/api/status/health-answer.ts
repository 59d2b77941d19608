import type { PolicyState } from '../../incidents/incident.ts';
import { pastOrIgnored } from '../../incidents/stored-time.ts';
import type { UnreadableRows } from '../../storage/unreadable-rows.ts';
import type { Heartbeat } from '../../visibility/heartbeat.ts';
import { overdueAfterMs, timerSeenAt } from '../../visibility/interval-in-force.ts';
import { currentGaps } from '../../visibility/next-visibility.ts';
import type { SweepIntervals } from '../../visibility/slowed-subscriptions.ts';
import { NO_GAPS, type Visibility } from '../../visibility/visibility-state.ts';
import type { ChannelState } from './channel-states.ts';
import { dependencies } from './dependencies.ts';
import { partsOf } from './slow-list.ts';

/** After a roll-back every row may be unreadable. */
const MAX_ROWS = 200;

/**
 * Whether Lockwatch itself can be relied on now: the last heartbeats, the parts that can't be read, the
 * unreadable messages, and whether notices are delivered. Pure.
 */
export function healthAnswer(
  known: {
    /** Undefined: its row can't be read, so there is no known heartbeat. */
    heartbeat: Heartbeat | undefined;
    policyStates: readonly PolicyState[];
    unreadable?: number;
    /** The reason why the queue could not be counted. */
    queueFault?: string;
    /** The reason why the table of the history can't be read. */
    historyFault?: string | undefined;
    visibility?: Visibility;
    channels?: readonly ChannelState[];
    unreadableRows?: UnreadableRows;
  },
  context: { now: string } & SweepIntervals,
) {
  const alive = (at: string | undefined) => livingSign(at, context);
  const heartbeat = known.heartbeat ?? {};
  const sweep = alive(heartbeat.sweepFinishedAt);
  const timer = alive(timerSeenAt(heartbeat));
  const visibilityLost = known.policyStates.flatMap((policyState) => unreadParts(policyState, context));
  const unseen = currentGaps(known.visibility ?? NO_GAPS);
  const channels = known.channels ?? [];
  const { swept, all: unreadableRows } = known.unreadableRows ?? { swept: [], all: [] };
  const standsOn = dependencies(known, context);
  const isDegraded =
    sweep.isSilent ||
    timer.isSilent ||
    // For a reading that fails, `cannotRead` has the details.
    standsOn.some(({ name, state }) => isOwnStorage(name) && (state === 'failing' || state === 'partly')) ||
    visibilityLost.length + unseen.length + swept.length > 0 ||
    channels.some(({ state, warning }) => state === 'failing' || warning !== null);
  const readTimes = known.policyStates.map(({ readAt }) => readAt).sort();
  return {
    answeredAt: context.now,
    asOf: heartbeat.sweepFinishedAt ?? null,
    status: isDegraded ? ('degraded' as const) : ('ok' as const),
    sweep: { ...sweep, lastBegunAt: heartbeat.sweepBegunAt ?? null, lastBy: heartbeat.sweepBy ?? null },
    timer,
    heartbeatMessage: { lastAt: heartbeat.messageAt ?? null },
    policies: known.policyStates.length,
    oldestReadingAt: readTimes[0] ?? null,
    unreadableMessages: known.unreadable ?? null,
    dependencies: standsOn,
    channels,
    /**
     * Stored rows that can't be read, as far as this process has met them; each stays unchanged until it is
     * deleted.
     */
    unreadableRows: unreadableRows.slice(0, MAX_ROWS),
    unreadableRowCount: unreadableRows.length,
    /** The parts that can't be read now, with the right that would restore them, where one would. */
    cannotRead: visibilityLost,
    /** The visibility gaps, as the last sweep found them; with those that have not been reported yet. */
    currentGaps: unseen,
  };
}

function isOwnStorage(name: string): boolean {
  return name === 'tableStorage' || name === 'queueStorage';
}

/** The last time of a heartbeat, and whether the next one is overdue. */
export function livingSign(at: string | undefined, context: { now: string; sweepIntervalMs: number }) {
  const past = pastOrIgnored(at, context.now);
  const ageMs = past === undefined ? undefined : Date.parse(context.now) - Date.parse(past);
  return {
    lastAt: at ?? null,
    ageSeconds: ageMs === undefined ? null : Math.round(ageMs / 1000),
    isSilent: ageMs === undefined || ageMs > overdueAfterMs(context.sweepIntervalMs),
  };
}

/** Parts that are unknown for a reason of their own; those that only follow from another are left out. */
function unreadParts(policyState: PolicyState, context: { now: string } & SweepIntervals) {
  if (!policyState.supported) return [];
  return Object.entries(partsOf(policyState, context))
    .filter(([, part]) => part.state === 'unknown' && part.reason !== 'follows')
    .map(([part, { reason, detail, readAt }]) => ({
      policyId: policyState.policyId,
      part,
      reason: reason ?? null,
      detail: detail ?? null,
      readAt,
    }));
}
