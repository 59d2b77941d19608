import { armIdParts, normalId } from '../facts/arm-id.ts';
import { cutSpots } from './cuts.ts';
import type { Heartbeat } from './heartbeat.ts';
import type { Head } from './incident.ts';
import type { BlindSpot, CutWay } from './sight-memory.ts';

/** A watched subscription as it was just read. */
export interface SubscriptionNow {
  subscriptionId: string;
  state?: string;
  tenantId?: string;
}

export interface SeenNow {
  heads: readonly Head[];
  beat: Heartbeat;
  /** Subscriptions whose policies could not be listed, each with why. */
  unlistable: readonly { subscriptionId: string; detail: string }[];
  /** Policies that the last sweep had no time for. */
  notReached: number;
  subscriptions: readonly SubscriptionNow[];
  /** The tenant in which each subscription was first seen, by its id in lower case. */
  tenants: Readonly<Record<string, string>>;
  watchedSubscriptions: readonly string[];
  /** Spots that people know of, by id: since when. */
  told: Readonly<Record<string, { since: string }>>;
  /** What Lockwatch sees by, as far as it is cut or may be. */
  cutWays: readonly CutWay[];
  now: string;
  sweepIntervalMs: number;
}

/** Where a timer is this many intervals late, it is taken for stopped. */
const SILENT_AFTER = 3;
const NAMES_AT_MOST = 5;

/** Everything that can't be seen at this moment. Pure; the same trouble of many policies is one spot. */
export function blindSpots(seen: SeenNow): BlindSpot[] {
  return [
    ...timerSpot(seen),
    ...sweepSpot(seen),
    ...listSpots(seen),
    ...subscriptionSpots(seen),
    ...cutSpots(seen.cutWays),
    ...eventSpots(seen),
    ...unlistedSpots(seen),
    ...partSpots(seen),
  ];
}

function timerSpot({ beat, now, sweepIntervalMs }: SeenNow): BlindSpot[] {
  const age = beat.timerAt === undefined ? undefined : Date.parse(now) - Date.parse(beat.timerAt);
  if (age === undefined || age <= SILENT_AFTER * sweepIntervalMs) return [];
  return [
    {
      id: 'timer',
      text: `The app's timer has not run since ${beat.timerAt}. Other functions do its work meanwhile, less evenly.`,
      mend: 'Restart the function app. If the timer stays silent, ask Microsoft Support: a timer can stop without an error.',
      urgent: true,
    },
  ];
}

function sweepSpot({ notReached }: SeenNow): BlindSpot[] {
  if (notReached === 0) return [];
  return [
    {
      id: 'sweep',
      text: `The sweep does not come round: ${count(notReached, 'policy was', 'policies were')} not read, or could not be written, in time. The oldest readings come first in the next.`,
      mend: 'Look at /api/health for what is slow, throttled or failing, or set a longer LOCKWATCH_SWEEP_SECONDS.',
      urgent: false,
    },
  ];
}

function listSpots({ unlistable }: SeenNow): BlindSpot[] {
  return unlistable.map(({ subscriptionId, detail }) => ({
    id: `list|${subscriptionId.toLowerCase()}`,
    text: `The enterprise policies of subscription ${subscriptionId} can't be listed, so a new one would not be noticed. ${detail}`,
    mend: `Give the app's identity the role Reader on /subscriptions/${subscriptionId}.`,
    urgent: false,
  }));
}

/** Azure's own words: a subscription that is not enabled is read-only, and what lies in it may be stopped. */
function subscriptionSpots({ subscriptions, tenants }: SeenNow): BlindSpot[] {
  return subscriptions.flatMap(({ subscriptionId, state, tenantId }) => {
    const id = subscriptionId.toLowerCase();
    const home = tenants[id];
    const spots: BlindSpot[] = [];
    if (state !== undefined && state.toLowerCase() !== 'enabled')
      spots.push({
        id: `state|${id}`,
        text: `Subscription ${subscriptionId} is not enabled but ${state}: Azure may have stopped what lies in it, keys and events with it.`,
        mend: 'Have its owner enable it again: Azure portal → Subscriptions → the subscription → Overview.',
        urgent: true,
      });
    if (home !== undefined && tenantId !== undefined && home.toLowerCase() !== tenantId.toLowerCase())
      spots.push({
        id: `moved|${id}`,
        text: `Subscription ${subscriptionId} was moved from tenant ${home} to ${tenantId}. Role assignments don't move along: what can be read there, and who may use the keys, has changed.`,
        mend: 'Move it back, or deploy Lockwatch in the new tenant.',
        urgent: true,
      });
    return spots;
  });
}

/** Nothing pushes events from a subscription that nobody listed: only the sweep looks there. */
function unlistedSpots({ heads, watchedSubscriptions }: SeenNow): BlindSpot[] {
  const watched = new Set(watchedSubscriptions.map((id) => id.toLowerCase()));
  const elsewhere = heads.flatMap((head) => {
    const subscriptionId = armIdParts(vaultOf(head)).subscriptionId?.toLowerCase();
    return head.supported && subscriptionId && !watched.has(subscriptionId) ? [{ head, subscriptionId }] : [];
  });
  return [...Map.groupBy(elsewhere, ({ subscriptionId }) => subscriptionId)].map(
    ([subscriptionId, policies]) => ({
      id: `unlisted|${subscriptionId}`,
      text: `The vault of ${named(policies.map(({ head }) => head))} lies in subscription ${subscriptionId}, which is not among the watched ones: no event tells of its changes.`,
      mend: `Add ${subscriptionId} to LOCKWATCH_SUBSCRIPTIONS, and deploy its event subscription and role.`,
      urgent: true,
    }),
  );
}

/** Azure raises an event for each of these (Event Grid docs: Azure subscription as a source), whoever does it where. */
const RAISING: ReadonlySet<string> = new Set([
  'vault-deleted',
  'public-access-disabled',
  'network-restricted',
]);
/** Delivery is retried within the first minutes; an event that has not come by then will hardly come. */
const EVENT_LATE_MS = 10 * 60_000;
/** ARM shows some changes late: the event may have come well before the reading. */
const EVENT_EARLY_MS = 15 * 60_000;

/** The truth changed and no event came: the way is cut. It stands until an event comes from there again. */
function eventSpots({ heads, told, now }: SeenNow): BlindSpot[] {
  const subscriptions = Map.groupBy(
    heads,
    (head) => armIdParts(vaultOf(head)).subscriptionId?.toLowerCase() ?? '',
  );
  return [...subscriptions].flatMap(([subscriptionId, of]) => {
    const id = `events|${subscriptionId}`;
    const last = of
      .map((head) => head.lastSignals?.event?.[`/subscriptions/${subscriptionId}`])
      .filter((at) => at !== undefined)
      .sort()
      .at(-1);
    const isSince = (at: string, early: number) =>
      last !== undefined && Date.parse(last) >= Date.parse(at) - early;
    const missed = of.filter((head) =>
      head.incident?.causes.some(
        ({ trigger, since }) =>
          RAISING.has(trigger) &&
          Date.parse(now) - Date.parse(since) > EVENT_LATE_MS &&
          !isSince(since, EVENT_EARLY_MS),
      ),
    );
    const known = told[id];
    const stillCut = known !== undefined && !isSince(known.since, 0);
    if (subscriptionId === '' || (missed.length === 0 && !stillCut)) return [];
    return [
      {
        id,
        text: `No event comes from subscription ${subscriptionId}${missed.length > 0 ? `, though what happened to ${named(missed)} raises one` : ''}. Only the sweep sees changes there.`,
        mend: "Look at the event subscription on the subscription's system topic: is it there, does its filter let the operation pass, does it reach the queue? Deploy it again if in doubt.",
        urgent: true,
      },
    ];
  });
}

/** Parts that can't be read for a reason of their own, together for one subscription and reason. */
function partSpots({ heads }: SeenNow): BlindSpot[] {
  const unread = heads
    .filter(({ supported }) => supported)
    .flatMap((head) =>
      Object.entries(head.parts)
        .filter(([, part]) => part.state === 'unknown' && !FOLLOWING.has(part.reason ?? ''))
        .map(([part, { reason = 'unknown', detail = '' }]) => ({ head, part, reason, detail })),
    );
  const spots = Map.groupBy(unread, ({ head, part, reason }) => {
    const place = armIdParts(part === 'policy' ? head.policyId : vaultOf(head)).subscriptionId ?? '';
    return `read|${place.toLowerCase()}|${part}|${reason}`;
  });
  return [...spots].map(([id, of]) => ({
    id,
    text: `The ${PARTS[of[0]?.part ?? ''] ?? of[0]?.part} of ${named(of.map(({ head }) => head))} can't be read. A lock there may go unnoticed.`,
    mend: of[0]?.detail ?? '',
    urgent: false,
  }));
}

const FOLLOWING: ReadonlySet<string> = new Set(['follows', 'notSupported']);
const PARTS: Record<string, string> = {
  policy: 'enterprise policy itself',
  vault: 'key vault',
  deletedVault: 'deleted key vault',
  key: 'key',
  permission: 'permission',
  environments: 'list of environments',
};

function vaultOf(head: Head): string {
  return normalId(head.remembered.vault?.id ?? head.remembered.policy?.vaultId ?? head.policyId);
}

function named(heads: readonly Head[]): string {
  const names = [
    ...new Set(heads.map((head) => head.remembered.policy?.name ?? armIdParts(head.policyId).name)),
  ];
  const shown = names.slice(0, NAMES_AT_MOST).join(', ');
  const more = names.length > NAMES_AT_MOST ? ` and ${names.length - NAMES_AT_MOST} more` : '';
  return `${names.length === 1 ? 'policy' : 'policies'} ${shown}${more}`;
}

function count(n: number, one: string, many: string): string {
  return `${n} ${n === 1 ? one : many}`;
}
