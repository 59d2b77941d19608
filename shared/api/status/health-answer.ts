import type { PolicyState } from '../../incidents/incident.ts';
import { pastOrIgnored } from '../../incidents/stored-time.ts';
import type { UnreadableRows } from '../../storage/unreadable-rows.ts';
import type { Heartbeat } from '../../visibility/heartbeat.ts';
import { currentGaps } from '../../visibility/next-visibility.ts';
import { NO_GAPS, type Visibility } from '../../visibility/visibility-state.ts';
import type { ChannelState } from './channel-states.ts';
import { dependencies } from './dependencies.ts';
import { partsOf } from './slow-list.ts';

/** After a roll-back every row may be unreadable. */
const MAX_ROWS = 200;

/** Older than this many intervals, something that should return is taken for stopped. */
const SILENT_AFTER = 3;

/**
 * Whether Lockwatch itself can be relied on now: who was last seen alive, what can't be read, what nobody could read,
 * and whether its words get through.
 * Pure.
 */
export function healthAnswer(
  known: {
    /** Undefined: its row can't be read, so nobody is known to be alive. */
    beat: Heartbeat | undefined;
    policyStates: readonly PolicyState[];
    unreadable?: number;
    /** Why the queue could not be counted. */
    queueFault?: string;
    visibility?: Visibility;
    channels?: readonly ChannelState[];
    unreadableRows?: UnreadableRows;
  },
  context: { now: string; sweepIntervalMs: number },
) {
  const alive = (at: string | undefined) => livingSign(at, context);
  const beat = known.beat ?? {};
  const sweep = alive(beat.sweepFinishedAt);
  const timer = alive(beat.timerAt);
  const visibilityLost = known.policyStates.flatMap((policyState) => unreadParts(policyState, context));
  const unseen = currentGaps(known.visibility ?? NO_GAPS);
  const channels = known.channels ?? [];
  const { swept, all: unreadableRows } = known.unreadableRows ?? { swept: [], all: [] };
  const standsOn = dependencies(known, context);
  const isDegraded =
    sweep.isSilent ||
    timer.isSilent ||
    // Of a reading that fails, `cannotRead` tells more.
    standsOn.some(({ name, state }) => isOwnStorage(name) && (state === 'failing' || state === 'partly')) ||
    visibilityLost.length + unseen.length + swept.length > 0 ||
    channels.some(({ state }) => state === 'failing');
  const readTimes = known.policyStates.map(({ readAt }) => readAt).sort();
  return {
    answeredAt: context.now,
    asOf: beat.sweepFinishedAt ?? null,
    status: isDegraded ? 'degraded' : 'ok',
    sweep: { ...sweep, lastBegunAt: beat.sweepBegunAt ?? null, lastBy: beat.sweepBy ?? null },
    timer,
    returningMessage: { lastAt: beat.messageAt ?? null },
    policies: known.policyStates.length,
    oldestReadingAt: readTimes[0] ?? null,
    unreadableMessages: known.unreadable ?? null,
    dependencies: standsOn,
    channels,
    /** Stored rows that can't be read, as far as this process has met them; each is left as it is until it is deleted. */
    unreadableRows: unreadableRows.slice(0, MAX_ROWS),
    unreadableRowCount: unreadableRows.length,
    /** What can't be read now, with the right that would mend it where one would. */
    cannotRead: visibilityLost,
    /** What can not be seen, or relied on, as the last sweep found it; with that which it has not told anyone yet. */
    currentGaps: unseen,
  };
}

function isOwnStorage(name: string): boolean {
  return name === 'tableStorage' || name === 'queueStorage';
}

/** When something that must return was last seen, and whether it is overdue. */
export function livingSign(at: string | undefined, context: { now: string; sweepIntervalMs: number }) {
  const past = pastOrIgnored(at, context.now);
  const ageMs = past === undefined ? undefined : Date.parse(context.now) - Date.parse(past);
  return {
    lastAt: at ?? null,
    ageSeconds: ageMs === undefined ? null : Math.round(ageMs / 1000),
    isSilent: ageMs === undefined || ageMs > SILENT_AFTER * context.sweepIntervalMs,
  };
}

/** Parts that are unknown for a reason of their own; what merely follows from another is left out. */
function unreadParts(policyState: PolicyState, context: { now: string; sweepIntervalMs: number }) {
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
