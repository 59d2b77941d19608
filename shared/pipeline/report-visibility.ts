import type { Part } from '../azure/part.ts';
import type { WayFact } from '../facts/facts.ts';
import type { Head } from '../incidents/incident.ts';
import { errorFields } from '../telemetry/log.ts';
import { NOBODY_WARNED, nextDigest } from '../visibility/digest.ts';
import type { Heartbeat } from '../visibility/heartbeat.ts';
import { standingWays, waysToLookAt } from '../visibility/lost-event-sources.ts';
import { nextSight } from '../visibility/next-visibility.ts';
import type { PolicyFailure } from '../visibility/policy-gaps.ts';
import { blindSpots, type SubscriptionNow } from '../visibility/visibility-gaps.ts';
import { type CutWay, nextSequence, type Sight, type SightStep } from '../visibility/visibility-state.ts';
import { commitSight } from './commit-visibility.ts';
import type { Ports } from './ports.ts';

/**
 * After a sweep: what can't be seen, for how long, and whether people must hear of it or hear that it is over.
 */
export async function tellSight(
  seen: {
    heads: readonly Head[];
    unlistable: readonly { subscriptionId: string; detail: string }[];
    subscriptions: readonly SubscriptionNow[];
    /** Ids of the policies that the sweep had no time for. */
    notReached: readonly string[];
    /** What it could not write. */
    unwritten: readonly PolicyFailure[];
  },
  ports: Ports,
): Promise<void> {
  const beat = await readBeat(ports);
  const looks = await lookAtWays(ports);
  await commitSight((sight, now) => {
    const { watchedSubscriptions, sweepIntervalMs, blindAfterMs } = ports;
    const { heads, subscriptions } = seen;
    const cutWays = standingWays(sight.cutWays ?? [], { looks, heads, watchedSubscriptions, now });
    const spots = blindSpots({
      ...seen,
      unreadableRows: ports.store.unreadableRows().swept,
      beat,
      watchedSubscriptions,
      sweepIntervalMs,
      known: sight.spots,
      tenants: sight.tenants ?? {},
      cutWays,
      now,
    });
    const before = withTenants(withWays(sight, cutWays), subscriptions);
    return withDigest(nextSight(before, spots, now, blindAfterMs), sight, heads, now);
  }, ports);
}

/** Undefined where it can't be read: then nothing is known of the timer, and everything else is told all the same. */
async function readBeat({ heartbeat, log }: Ports): Promise<Heartbeat | undefined> {
  try {
    return await heartbeat.read();
  } catch (error) {
    log.warn('heartbeat-unreadable', errorFields(error));
    return undefined;
  }
}

/** A sweep waits no longer than this for what was cut: it has stood for a minute at least. */
const LOOK_BUDGET_MS = 3000;

/** Asks Azure for each way that was cut, now and then: one that is there again is open again. */
async function lookAtWays(ports: Ports): Promise<Map<string, Part<WayFact>>> {
  const { sight } = await ports.sight.read(ports.clock.now());
  const due = waysToLookAt(sight.cutWays ?? [], ports.clock.now());
  if (due.length === 0) return new Map();
  const pass = ports.facts.begin(Math.min(LOOK_BUDGET_MS, ports.readBudgetMs), { sweep: true });
  const looks = due.map(async (scope) => [scope, await pass.readWay(scope)] as const);
  return new Map(await Promise.all(looks));
}

function withWays(sight: Sight, cutWays: CutWay[]): Sight {
  const { cutWays: before, ...rest } = sight;
  return cutWays.length === 0 && before === undefined ? sight : { ...rest, cutWays };
}

/** The digest of early warnings goes the same way: its memory and its notice in the same transaction. */
function withDigest(step: SightStep, before: Sight, heads: readonly Head[], now: string): SightStep {
  const { warned, items, more, keys } = nextDigest(before.warned ?? NOBODY_WARNED, heads, now);
  const sight: Sight = { ...step.sight, warned };
  const notices = [...step.notices];
  if (items.length > 0) {
    sight.sequence = nextSequence(sight, now);
    notices.push({
      id: `sight-${sight.sequence}`,
      reason: 'warning',
      at: now,
      spots: [],
      stillBlind: 0,
      warnings: { items, more, keys },
    });
  }
  return { sight, notices, changed: JSON.stringify(sight) !== JSON.stringify(before) };
}

/** The tenant in which each subscription was first seen: one that moves takes our rights and our events away. */
function withTenants(sight: Sight, subscriptions: readonly SubscriptionNow[]): Sight {
  const tenants = { ...sight.tenants };
  for (const { subscriptionId, tenantId } of subscriptions)
    if (tenantId !== undefined) tenants[subscriptionId.toLowerCase()] ??= tenantId;
  return Object.keys(tenants).length === 0 ? sight : { ...sight, tenants };
}
