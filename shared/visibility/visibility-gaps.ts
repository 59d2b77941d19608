import type { PolicyState } from '../incidents/incident.ts';
import { msSince } from '../incidents/stored-time.ts';
import type { Heartbeat } from './heartbeat.ts';
import { lostSourceGaps } from './lost-event-sources.ts';
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
  /** Subscriptions whose policies could not be listed, each with why. */
  unlistable: readonly { subscriptionId: string; detail: string }[];
  /** Ids of the policies that the last sweep had no time for. */
  notReached: readonly string[];
  /** What the last sweep could not write. */
  unwritten: readonly PolicyFailure[];
  subscriptions: readonly SubscriptionNow[];
  /** The tenant in which each subscription was first seen, by its id in lower case. */
  tenants: Readonly<Record<string, string>>;
  watchedSubscriptions: readonly string[];
  /** What is remembered of each gap, by its id. */
  known: Readonly<Record<string, GapMemory>>;
  /** What Lockwatch sees by, as far as it is cut or may be. */
  lostEventSources: readonly LostEventSource[];
  /** Stored rows that the last sweep could not read. */
  unreadableRows: readonly UnreadableRow[];
  now: string;
  sweepIntervalMs: number;
}

interface GapKind {
  find(seen: SeenNow): VisibilityGap[];
  /** Whether a policy in such a gap is not seen at all, whichever of these gaps it is in. */
  hidesPolicies: boolean;
}

/** Every kind of visibility gap, in the order of reports. The id of a gap is its kind, or begins with it and a bar. */
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
} as const satisfies Record<string, GapKind>;

/** Everything that can't be seen at this moment. Pure; the same trouble of many policies is one spot. */
export function visibilityGaps(seen: SeenNow): VisibilityGap[] {
  return Object.values<GapKind>(KINDS).flatMap(({ find }) => find(seen));
}

/** Whether a policy in this gap is not seen at all. */
export function hidesPolicies(gapId: string): boolean {
  const kind = gapId.split('|', 1)[0] ?? '';
  return kind in KINDS && KINDS[kind as keyof typeof KINDS].hidesPolicies;
}

/** Where a timer is this many intervals late, it is taken for stopped. */
const SILENT_AFTER = 3;

function timerGap({ heartbeat, known, now, sweepIntervalMs }: SeenNow): VisibilityGap[] {
  if (!heartbeat) {
    // Unknown is no better than it was: what people were told stands until the timer is seen again.
    const { timer } = known;
    return timer ? [{ id: 'timer', text: timer.text, remediation: timer.remediation, urgent: true }] : [];
  }
  const { timerAt } = heartbeat;
  if (timerAt === undefined || msSince(timerAt, now) <= SILENT_AFTER * sweepIntervalMs) return [];
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

/** The heartbeat row holds what the timer's process could not do with its queues. */
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

/** Azure's own words: a subscription that is not enabled is read-only, and what lies in it may be stopped. */
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
