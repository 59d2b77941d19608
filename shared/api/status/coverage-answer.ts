import { compareText } from '../../compare-text.ts';
import type { PolicyState } from '../../incidents/incident.ts';
import { type LastSignals, type SignalSources, signalSources } from '../../incidents/last-signals.ts';
import {
  DELAY_SOURCES,
  type DetectionSourceName,
  expectedDelay,
  type NeededPart,
  raisedBy,
} from '../../triggers/detection-sources.ts';
import type { Trigger, TriggerId } from '../../triggers/finding.ts';
import { policyNameOf } from '../../triggers/policy-chain.ts';
import { TRIGGERS } from '../../triggers/register.ts';
import type { Heartbeat } from '../../visibility/heartbeat.ts';
import { currentGaps } from '../../visibility/next-visibility.ts';
import { lostSince } from '../../visibility/remaining-lost-sources.ts';
import { policyInterval, type SweepIntervals } from '../../visibility/slowed-subscriptions.ts';
import type { LostEventSource } from '../../visibility/visibility-state.ts';
import { NO_GAPS, type Visibility } from '../../visibility/visibility-state.ts';
import { isNamed } from './filter.ts';
import { livingSign } from './health-answer.ts';

export interface CoverageFilter {
  policy?: string;
  trigger?: TriggerId;
}

/** The event sources that the settings configure. */
export interface EventSources {
  /** A queue that Event Grid delivers to, or the push function. */
  event: boolean;
  /** An event hub that receives the audit logs. */
  audit: boolean;
}

/**
 * A configured event source does not prove that events arrive through it: only received events prove that.
 * cut: the event source was deleted.
 */
export type Wired = 'seen' | 'configured, nothing seen yet' | 'not configured' | 'lost';

/**
 * For each policy and trigger: its detection sources, whether each is configured here, whether a reading
 * could detect the trigger now, when each was last received, and how long it takes. Pure.
 */
export function coverageAnswer(
  known: {
    policyStates: readonly PolicyState[];
    heartbeat: Heartbeat;
    eventSources: EventSources;
    visibility?: Visibility;
  },
  filter: CoverageFilter,
  context: SweepIntervals & { now: string; environmentListMs?: number },
) {
  const { policy, trigger } = filter;
  const policyStates = known.policyStates
    .filter((policyState) => policy === undefined || isNamed(policyState.policyId, policy))
    .sort((a, b) => compareText(a.policyId, b.policyId));
  const triggers = TRIGGERS.filter(({ id }) => trigger === undefined || id === trigger);
  const last = lastOfAll(known.policyStates);
  const sweep = livingSign(known.heartbeat.sweepFinishedAt, context);
  const visibility = known.visibility ?? NO_GAPS;
  const lostEventSources = visibility.lostEventSources ?? [];
  const everySeconds = (context.environmentListMs ?? 0) / 1000;
  const delayAt = (intervalMs: number) => (detectionSource: DetectionSourceName, needed?: number) =>
    expectedDelay(detectionSource, intervalMs / 1000, needed ? { needed, everySeconds } : undefined);
  const delay = delayAt(context.sweepIntervalMs);
  const ofPolicy = (policyState: PolicyState) => ({
    ...known,
    last,
    lostEventSources,
    sweptAt: sweep.lastAt,
    delay: delayAt(policyInterval(policyState, context)),
  });
  const policies = policyStates.map((policyState) => ({
    id: policyState.policyId,
    name: policyNameOf(policyState.history),
    supported: policyState.supported,
    readAt: policyState.readAt,
    triggers: triggers.map((one) => cellOf(one, policyState, ofPolicy(policyState))),
  }));
  return {
    answeredAt: context.now,
    /** The oldest reading that this answer is based on. */
    asOf: policyStates.map(({ readAt }) => readAt).sort()[0] ?? null,
    counts: {
      policies: policies.length,
      notReadable: policies.flatMap((one) => one.triggers).filter(({ readable }) => !readable).length,
    },
    detectionSources: {
      event: {
        configured: known.eventSources.event,
        expectedDelaySeconds: delay('event'),
        ...sourceOf('event'),
      },
      audit: {
        configured: known.eventSources.audit,
        expectedDelaySeconds: delay('audit'),
        ...sourceOf('audit'),
      },
      sweep: {
        intervalSeconds: context.sweepIntervalMs / 1000,
        expectedDelaySeconds: delay('sweep'),
        slowedSubscriptions: [...(context.slowed ?? [])].map(([subscriptionId, { intervalMs }]) => ({
          subscriptionId,
          intervalSeconds: intervalMs / 1000,
        })),
        lastAt: sweep.lastAt,
        isSilent: sweep.isSilent,
      },
    },
    /** The causes that can't be detected at all now, whatever is configured. */
    currentGaps: currentGaps(visibility),
    triggers: triggers.map(({ id, words, link, detectionSources }) => ({
      id,
      words,
      link,
      ...detectionSources,
    })),
    policies,
  };
}

function sourceOf(detectionSource: keyof typeof DELAY_SOURCES) {
  return { source: DELAY_SOURCES[detectionSource] };
}

interface Known {
  eventSources: EventSources;
  last: LastSignals;
  lostEventSources: readonly LostEventSource[];
  sweptAt: string | null;
  delay(detectionSource: DetectionSourceName, listsNeeded?: number): { from: number; to: number };
}

function cellOf(trigger: Trigger, policyState: PolicyState, known: Known) {
  const sources = signalSources(policyState.policyId, policyState.history);
  const cannotRead = trigger.detectionSources.needs.flatMap((part) => unread(part, policyState));
  return {
    trigger: trigger.id,
    verdict: policyState.findings.find((finding) => finding.trigger === trigger.id)?.verdict ?? 'unknown',
    readable: cannotRead.length === 0,
    cannotRead,
    detectionSources: {
      event: signalled('event', trigger, eventSource(trigger, sources), known),
      audit: signalled('audit', trigger, sources.vault, known),
      sweep: {
        shows: true as const,
        wired: wiredBy(true, known.sweptAt),
        lastSeenAt: known.sweptAt,
        expectedDelaySeconds: known.delay('sweep', trigger.listsNeeded),
      },
    },
  };
}

/**
 * `from`: the origin, as the lower-case ARM id of a subscription or a vault; null where that is not known.
 */
function signalled(
  detectionSource: 'event' | 'audit',
  { detectionSources }: Trigger,
  from: string | undefined,
  known: Known,
) {
  if (detectionSources[detectionSource].shows.length === 0)
    return { shows: false, wired: null, from: null, lastSeenAt: null, expectedDelaySeconds: null };
  const lastSeenAt = (from && known.last[detectionSource]?.[from]) || null;
  const isLostSource =
    from !== undefined && lostSince(known.lostEventSources, detectionSource, from) !== undefined;
  return {
    shows: true,
    wired: isLostSource ? 'lost' : wiredBy(known.eventSources[detectionSource], lastSeenAt),
    from: from ?? null,
    lastSeenAt,
    expectedDelaySeconds: known.delay(detectionSource),
  };
}

/**
 * The Event Grid source that reports the trigger: the vault only where no operation of a subscription does,
 * since the vault's event for the others (`VaultAccessPolicyChanged`) is reported by its subscription as
 * well.
 */
function eventSource({ about, detectionSources }: Trigger, sources: SignalSources): string | undefined {
  const bySubscription = detectionSources.event.shows.some((shown) => raisedBy(shown) === 'subscription');
  if (!bySubscription) return sources.vault;
  return about === 'policy' ? sources.ofPolicy : sources.ofVault;
}

function wiredBy(configured: boolean, lastSeenAt: string | null): Wired {
  if (!configured) return 'not configured';
  return lastSeenAt === null ? 'configured, nothing seen yet' : 'seen';
}

interface UnreadPart {
  part: NeededPart;
  reason: string | null;
  detail: string | null;
  readAt: string | null;
}

/** A part that is gone was read: its absence is the result. */
function unread(part: NeededPart, { parts }: PolicyState): UnreadPart[] {
  const read = parts[part];
  if (!read) return [{ part, reason: null, detail: 'No reading has shown it yet.', readAt: null }];
  if (read.state !== 'unknown') return [];
  return [{ part, reason: read.reason ?? null, detail: read.detail ?? null, readAt: read.readAt }];
}

/** An event received for one policy shows that its subscription is connected, for all policies there. */
function lastOfAll(policyStates: readonly PolicyState[]): LastSignals {
  const all = { event: {} as Record<string, string>, audit: {} as Record<string, string> };
  for (const { lastSignals } of policyStates)
    for (const detectionSource of ['event', 'audit'] as const)
      for (const [source, at] of Object.entries(lastSignals?.[detectionSource] ?? {})) {
        const before = all[detectionSource][source];
        if (before === undefined || Date.parse(at) > Date.parse(before)) all[detectionSource][source] = at;
      }
  return all;
}
