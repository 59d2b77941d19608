import type { PolicyState } from '../incidents/incident.ts';
import { msSince } from '../incidents/stored-time.ts';
import { disputedListGaps } from './disputed-list-gaps.ts';
import type { Heartbeat } from './heartbeat.ts';
import { overdueAfterMs, timerSeenAt } from './interval-in-force.ts';
import { lostSourceGaps, otherSourceGaps } from './lost-source-gaps.ts';
import {
  eventGaps,
  notReachedGaps,
  type PolicyFailure,
  unlistedGaps,
  unreadPartGaps,
  unwrittenGaps,
} from './policy-gaps.ts';
import type { UnreadableRow } from './unreadable-row.ts';
import { unreadableRowGaps } from './unreadable-row-gaps.ts';
import type { GapMemory, LostEventSource, VisibilityGap } from './visibility-state.ts';

/** A watched subscription as it was just read. */
export interface SubscriptionNow {
  subscriptionId: string;
  state?: string;
  tenantId?: string;
}

export interface SeenNow {
  policyStates: readonly PolicyState[];
  /** Undefined: it can't be read now. */
  heartbeat: Heartbeat | undefined;
  /** Subscriptions whose policies could not be listed, each with the reason. */
  unlistable: readonly { subscriptionId: string; detail: string }[];
  /** Ids of the policies that the last sweep had no time for. */
  notReached: readonly string[];
  /** The writes that failed in the last sweep. */
  unwritten: readonly PolicyFailure[];
  subscriptions: readonly SubscriptionNow[];
  /** The tenant in which each subscription was first seen, by its id in lower case. */
  tenants: Readonly<Record<string, string>>;
  watchedSubscriptions: readonly string[];
  /** The stored state of each gap, by its id. */
  known: Readonly<Record<string, GapMemory>>;
  /** Event sources that are lost, or may be. */
  lostEventSources: readonly LostEventSource[];
  /** Stored rows that the last sweep could not read. */
  unreadableRows: readonly UnreadableRow[];
  now: string;
  /** The interval in force. */
  sweepIntervalMs: number;
}

interface GapKind {
  find(seen: SeenNow): VisibilityGap[];
  /** Whether a policy in such a gap is not visible at all, whichever of these gaps it is in. */
  hidesPolicies: boolean;
}

/**
 * Every kind of visibility gap, in the order of reports. A gap's id is its kind, or begins with it and a bar.
 */
const KINDS = {
  timer: { find: timerGap, hidesPolicies: false },
  queue: { find: queueSpot, hidesPolicies: false },
  sweep: { find: notReachedGaps, hidesPolicies: true },
  write: { find: unwrittenGaps, hidesPolicies: true },
  list: { find: listGaps, hidesPolicies: false },
  state: { find: stateSpots, hidesPolicies: false },
  moved: { find: movedSpots, hidesPolicies: false },
  lostSource: { find: ({ lostEventSources }) => lostSourceGaps(lostEventSources), hidesPolicies: false },
  row: { find: ({ unreadableRows }) => unreadableRowGaps(unreadableRows), hidesPolicies: false },
  events: { find: eventGaps, hidesPolicies: false },
  unlisted: { find: unlistedGaps, hidesPolicies: false },
  read: { find: unreadPartGaps, hidesPolicies: true },
  lists: { find: disputedListGaps, hidesPolicies: false },
  otherSource: { find: ({ lostEventSources }) => otherSourceGaps(lostEventSources), hidesPolicies: false },
} as const satisfies Record<string, GapKind>;

/** All current visibility gaps. Pure; the same problem in many policies is one gap. */
export function visibilityGaps(seen: SeenNow): VisibilityGap[] {
  return Object.values<GapKind>(KINDS).flatMap(({ find }) => find(seen));
}

/** Whether a policy in this gap is not visible at all. */
export function hidesPolicies(gapId: string): boolean {
  const kind = gapId.split('|', 1)[0] ?? '';
  return kind in KINDS && KINDS[kind as keyof typeof KINDS].hidesPolicies;
}

function timerGap({ heartbeat, known, now, sweepIntervalMs }: SeenNow): VisibilityGap[] {
  if (!heartbeat) {
    // An unreadable heartbeat is no improvement: a reported gap remains until the timer is seen again.
    const { timer } = known;
    return timer ? [{ id: 'timer', text: timer.text, remediation: timer.remediation, urgent: true }] : [];
  }
  const timerAt = timerSeenAt(heartbeat);
  if (timerAt === undefined || msSince(timerAt, now) <= overdueAfterMs(sweepIntervalMs)) return [];
  return [
    {
      id: 'timer',
      text: `The app's timer has not run since ${timerAt}. Other functions do its work meanwhile, less evenly.`,
      remediation:
        'Restart the function app. If the timer stays silent, ask Microsoft Support: a timer can stop without an error.',
      urgent: true,
    },
  ];
}

/** The heartbeat row holds the queue operations that failed in the timer's process. */
function queueSpot({ heartbeat, known }: SeenNow): VisibilityGap[] {
  const text =
    "A queue of Lockwatch can't be used. Changes may be seen by the sweep only, and later than by events.";
  if (heartbeat?.queueFault !== undefined)
    return [{ id: 'queue', text, remediation: heartbeat.queueFault, urgent: false }];
  const { queue } = known;
  return !heartbeat && queue ? [{ id: 'queue', text, remediation: queue.remediation, urgent: false }] : [];
}

function listGaps({ unlistable }: SeenNow): VisibilityGap[] {
  return unlistable.map(({ subscriptionId, detail }) => ({
    id: `list|${subscriptionId.toLowerCase()}`,
    text: `The enterprise policies of subscription ${subscriptionId} can't be listed, so a new one would not be noticed. ${detail}`,
    remediation: `Give the app's identity the role Reader on /subscriptions/${subscriptionId}.`,
    urgent: false,
  }));
}

/** Azure docs: a subscription that is not enabled is read-only, and its resources may be stopped. */
function stateSpots({ subscriptions }: SeenNow): VisibilityGap[] {
  return subscriptions.flatMap(({ subscriptionId, state }) =>
    state === undefined || state.toLowerCase() === 'enabled'
      ? []
      : [
          {
            id: `state|${subscriptionId.toLowerCase()}`,
            text: `Subscription ${subscriptionId} is not enabled but ${state}: Azure may have stopped what lies in it, keys and events with it.`,
            remediation:
              'Have its owner enable it again: Azure portal → Subscriptions → the subscription → Overview.',
            urgent: true,
          },
        ],
  );
}

function movedSpots({ subscriptions, tenants }: SeenNow): VisibilityGap[] {
  return subscriptions.flatMap(({ subscriptionId, tenantId }) => {
    const id = subscriptionId.toLowerCase();
    const home = tenants[id];
    if (home === undefined || tenantId === undefined || home.toLowerCase() === tenantId.toLowerCase())
      return [];
    return [
      {
        id: `moved|${id}`,
        text: `Subscription ${subscriptionId} was moved from tenant ${home} to ${tenantId}. Role assignments don't move along: what can be read there, and who may use the keys, has changed.`,
        remediation: 'Move it back, or deploy Lockwatch in the new tenant.',
        urgent: true,
      },
    ];
  });
}
