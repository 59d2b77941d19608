import type { Part } from '../azure/part.ts';
import type { EventSourceFact } from '../facts/source-facts.ts';
import type { PolicyState } from '../incidents/incident.ts';
import { knownHealth } from '../notices/channel-queue.ts';
import { errorFields } from '../telemetry/log.ts';
import { NOBODY_WARNED, nextDigest } from '../visibility/digest.ts';
import type { Heartbeat } from '../visibility/heartbeat.ts';
import { intervalInForce } from '../visibility/interval-in-force.ts';
import { nextVisibility } from '../visibility/next-visibility.ts';
import type { PolicyFailure } from '../visibility/policy-gaps.ts';
import {
  counterpartsToCheck,
  remainingLostSources,
  sourcesToCheck,
} from '../visibility/remaining-lost-sources.ts';
import { type ChannelDeliveries, restoredChannels } from '../visibility/restored-channels.ts';
import { type SubscriptionNow, visibilityGaps } from '../visibility/visibility-gaps.ts';
import {
  type LostEventSource,
  nextSequence,
  type Visibility,
  type VisibilityNotice,
  type VisibilityStep,
} from '../visibility/visibility-state.ts';
import { commitVisibility } from './commit-visibility.ts';
import { forgetOldNotices } from './forget-notices.ts';
import type { Ports } from './ports.ts';

/**
 * After a sweep: finds the visibility gaps and their age, and notifies people of new gaps and of their end.
 */
export async function reportVisibility(
  seen: {
    policyStates: readonly PolicyState[];
    unlistable: readonly { subscriptionId: string; detail: string }[];
    subscriptions: readonly SubscriptionNow[];
    /** Ids of the policies that the sweep had no time for. */
    notReached: readonly string[];
    /** The writes that failed. */
    unwritten: readonly PolicyFailure[];
  },
  ports: Ports,
): Promise<void> {
  const heartbeat = await readHeartbeat(ports);
  const checks = await checkSources(ports);
  const deliveries = [...(await knownHealth(ports)).values()];
  const configured = ports.channels.map(({ name }) => name);
  await commitVisibility((visibility, now) => {
    const { watchedSubscriptions, eventSources, sweepBounds, visibilityAlertMs } = ports.config;
    const { policyStates, subscriptions } = seen;
    const lostEventSources = remainingLostSources(visibility.lostEventSources ?? [], {
      checks,
      policyStates,
      watchedSubscriptions,
      eventSources,
      now,
    });
    const gaps = visibilityGaps({
      ...seen,
      unreadableRows: ports.store.unreadableRows().swept,
      heartbeat,
      watchedSubscriptions,
      sweepIntervalMs: intervalInForce(heartbeat, sweepBounds),
      known: visibility.gaps,
      tenants: visibility.tenants ?? {},
      lostEventSources,
      now,
    });
    const before = withTenants(withLostSources(visibility, lostEventSources), subscriptions);
    const step = nextVisibility(before, gaps, now, visibilityAlertMs);
    return withDigest(withRestoredChannels(step, deliveries, configured, now), visibility, policyStates, now);
  }, ports);
  await forgetOldNotices(ports);
}

/**
 * Undefined if it can't be read: then nothing is known of the timer, and everything else is reported all the
 * same.
 */
async function readHeartbeat({ heartbeat, log }: Ports): Promise<Heartbeat | undefined> {
  try {
    return await heartbeat.read();
  } catch (error) {
    log.warn('heartbeat-unreadable', errorFields(error));
    return undefined;
  }
}

/** A sweep waits no longer than this for lost sources: they have been lost for a minute at least. */
const CHECK_BUDGET_MS = 3000;

/** Queries Azure for each lost source, at intervals: one that exists again works again. */
async function checkSources(ports: Ports): Promise<Map<string, Part<EventSourceFact>>> {
  const { visibility } = await ports.visibility.read(ports.clock.now());
  const lostSources = visibility.lostEventSources ?? [];
  if (lostSources.length === 0) return new Map();
  const { eventSources, readBudgetMs } = ports.config;
  const session = ports.facts.begin(Math.min(CHECK_BUDGET_MS, readBudgetMs), { sweep: true });
  const read = async (ids: readonly string[]) =>
    new Map(await Promise.all(ids.map(async (id) => [id, await session.readEventSource(id)] as const)));
  const now = ports.clock.now();
  const counterparts = await read(counterpartsToCheck(lostSources, eventSources, now));
  const checks = await read(sourcesToCheck(lostSources, eventSources, now, counterparts));
  return new Map([...counterparts, ...checks]);
}

function withLostSources(visibility: Visibility, lostEventSources: LostEventSource[]): Visibility {
  const { lostEventSources: before, ...rest } = visibility;
  return lostEventSources.length === 0 && before === undefined ? visibility : { ...rest, lostEventSources };
}

/** That a channel delivers again is a notice too: it ends what the others report of its failure. */
function withRestoredChannels(
  step: VisibilityStep,
  deliveries: readonly ChannelDeliveries[],
  configured: readonly string[],
  now: string,
): VisibilityStep {
  const before = step.visibility.restoredChannels ?? {};
  const { restored, reported } = restoredChannels(before, deliveries, configured);
  if (restored.length === 0) return step;
  const visibility: Visibility = { ...step.visibility, restoredChannels: reported };
  visibility.sequence = nextSequence(visibility, now);
  const notice: VisibilityNotice = {
    id: `visibility-${visibility.sequence}`,
    reason: 'deliveryRestored',
    at: now,
    gaps: [],
    remainingGaps: 0,
    channels: restored,
  };
  return { visibility, notices: [...step.notices, notice], changed: true };
}

/** The digest of early warnings uses the same path: its state and its notice are in the same transaction. */
function withDigest(
  step: VisibilityStep,
  before: Visibility,
  policyStates: readonly PolicyState[],
  now: string,
): VisibilityStep {
  const { warned, items, more, silences, keys, alerts } = nextDigest(
    before.warned ?? NOBODY_WARNED,
    policyStates,
    now,
  );
  const visibility: Visibility = { ...step.visibility, warned };
  const notices = [...step.notices];
  const hasAlerts = alerts.opens.length + alerts.ends.length > 0;
  if (items.length > 0 || silences.length > 0 || hasAlerts) {
    visibility.sequence = nextSequence(visibility, now);
    notices.push({
      id: `visibility-${visibility.sequence}`,
      reason: 'warning',
      at: now,
      gaps: [],
      remainingGaps: 0,
      warnings: {
        items,
        more,
        keys,
        ...(silences.length > 0 ? { silences } : {}),
        ...(hasAlerts ? { alerts } : {}),
      },
    });
  }
  return { visibility, notices, changed: JSON.stringify(visibility) !== JSON.stringify(before) };
}

/**
 * The tenant in which each subscription was first seen: a move to another tenant removes our roles and
 * events.
 */
function withTenants(visibility: Visibility, subscriptions: readonly SubscriptionNow[]): Visibility {
  const tenants = { ...visibility.tenants };
  for (const { subscriptionId, tenantId } of subscriptions)
    if (tenantId !== undefined) tenants[subscriptionId.toLowerCase()] ??= tenantId;
  return Object.keys(tenants).length === 0 ? visibility : { ...visibility, tenants };
}
