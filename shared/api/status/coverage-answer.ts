import type { Head } from '../../incidents/incident.ts';
import { type LastSignals, type SignalSources, signalSources } from '../../incidents/last-signals.ts';
import {
  DELAY_SOURCES,
  expectedDelay,
  type NeededPart,
  raisedBy,
  type WayName,
} from '../../triggers/detection-sources.ts';
import { TRIGGER_IDS, type Trigger, type TriggerId } from '../../triggers/finding.ts';
import { TRIGGERS } from '../../triggers/register.ts';
import type { Heartbeat } from '../../visibility/heartbeat.ts';
import { cutSince } from '../../visibility/lost-event-sources.ts';
import { cannotSee } from '../../visibility/next-visibility.ts';
import type { CutWay } from '../../visibility/visibility-state.ts';
import { NOTHING_BLIND, type Sight } from '../../visibility/visibility-state.ts';
import { BadFilter, isNamed, readFields } from './filter.ts';
import { livingSign } from './health-answer.ts';

export interface CoverageFilter {
  policy?: string;
  trigger?: TriggerId;
}

/** Which ways signals can come in by, as the settings have it. */
export interface WaysIn {
  /** A queue that Event Grid delivers to, or the push function. */
  event: boolean;
  /** An event hub that the audit logs go to. */
  audit: boolean;
}

/**
 * That a way is set up here is not that anything comes by it: only what came shows that. cut: somebody deleted what it
 * comes by.
 */
export type Wired = 'seen' | 'configured, nothing seen yet' | 'not configured' | 'cut';

/** Reads `?policy=` (an id or a name) and `?trigger=`. Throws `BadFilter`. */
export function readCoverageFilter(parameters: URLSearchParams): CoverageFilter {
  const { policy, trigger } = readFields(parameters, ['policy', 'trigger']);
  const id = TRIGGER_IDS.find((one) => one === trigger?.toLowerCase());
  if (trigger !== undefined && id === undefined)
    throw new BadFilter(
      'trigger',
      `'${trigger.slice(0, 40)}' is not a trigger. Use one of ${TRIGGER_IDS.join(', ')}.`,
    );
  return { policy, trigger: id };
}

/**
 * For each policy and trigger: by which ways Azure would show it, whether each is wired here, whether a reading could
 * tell it now, when each was last seen, and how long it takes. Pure.
 */
export function coverageAnswer(
  known: { heads: readonly Head[]; beat: Heartbeat; waysIn: WaysIn; sight?: Sight },
  filter: CoverageFilter,
  context: { now: string; sweepIntervalMs: number },
) {
  const { policy, trigger } = filter;
  const heads = known.heads
    .filter((head) => policy === undefined || isNamed(head.policyId, policy))
    .sort((a, b) => a.policyId.localeCompare(b.policyId));
  const triggers = TRIGGERS.filter(({ id }) => trigger === undefined || id === trigger);
  const last = lastOfAll(known.heads);
  const sweep = livingSign(known.beat.sweepFinishedAt, context);
  const sight = known.sight ?? NOTHING_BLIND;
  const cutWays = sight.cutWays ?? [];
  const delay = (way: WayName) => expectedDelay(way, context.sweepIntervalMs / 1000);
  const policies = heads.map((head) => ({
    id: head.policyId,
    name: head.remembered.policy?.name ?? head.policyId.split('/').at(-1) ?? head.policyId,
    supported: head.supported,
    readAt: head.readAt,
    triggers: triggers.map((one) =>
      cellOf(one, head, { ...known, last, cutWays, sweptAt: sweep.lastAt, delay }),
    ),
  }));
  return {
    answeredAt: context.now,
    /** The oldest reading that this answer stands on. */
    asOf: heads.map(({ readAt }) => readAt).sort()[0] ?? null,
    counts: {
      policies: policies.length,
      notReadable: policies.flatMap((one) => one.triggers).filter(({ readable }) => !readable).length,
    },
    ways: {
      event: { configured: known.waysIn.event, expectedDelaySeconds: delay('event'), ...sourceOf('event') },
      audit: { configured: known.waysIn.audit, expectedDelaySeconds: delay('audit'), ...sourceOf('audit') },
      sweep: { expectedDelaySeconds: delay('sweep'), lastAt: sweep.lastAt, isSilent: sweep.isSilent },
    },
    /** What can't be seen at all now, whatever is wired. */
    cannotSee: cannotSee(sight),
    triggers: triggers.map(({ id, words, link, ways }) => ({ id, words, link, ...ways })),
    policies,
  };
}

function sourceOf(way: keyof typeof DELAY_SOURCES) {
  return { source: DELAY_SOURCES[way] };
}

interface Known {
  waysIn: WaysIn;
  last: LastSignals;
  cutWays: readonly CutWay[];
  sweptAt: string | null;
  delay(way: WayName): { from: number; to: number };
}

function cellOf(trigger: Trigger, head: Head, known: Known) {
  const sources = signalSources(head.policyId, head.remembered);
  const cannotRead = trigger.ways.needs.flatMap((part) => unread(part, head));
  return {
    trigger: trigger.id,
    verdict: head.findings.find((finding) => finding.trigger === trigger.id)?.verdict ?? 'unknown',
    readable: cannotRead.length === 0,
    cannotRead,
    ways: {
      event: signalled('event', trigger, eventSource(trigger, sources), known),
      audit: signalled('audit', trigger, sources.vault, known),
      sweep: {
        shows: true,
        wired: wiredBy(true, known.sweptAt),
        lastSeenAt: known.sweptAt,
        expectedDelaySeconds: known.delay('sweep'),
      },
    },
  };
}

/** `from`: where it comes from, the lower-case ARM id of a subscription or a vault; null where that is not known. */
function signalled(way: 'event' | 'audit', { ways }: Trigger, from: string | undefined, known: Known) {
  if (ways[way].shows.length === 0)
    return { shows: false, wired: null, from: null, lastSeenAt: null, expectedDelaySeconds: null };
  const lastSeenAt = (from && known.last[way]?.[from]) || null;
  const isCut = from !== undefined && cutSince(known.cutWays, way, from) !== undefined;
  return {
    shows: true,
    wired: isCut ? 'cut' : wiredBy(known.waysIn[way], lastSeenAt),
    from: from ?? null,
    lastSeenAt,
    expectedDelaySeconds: known.delay(way),
  };
}

/**
 * The Event Grid source that shows the trigger: the vault only where no operation of a subscription does, for what the
 * vault tells of the others (`VaultAccessPolicyChanged`) is told by its subscription as well.
 */
function eventSource({ about, ways }: Trigger, sources: SignalSources): string | undefined {
  const bySubscription = ways.event.shows.some((shown) => raisedBy(shown) === 'subscription');
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

/** A part that is gone was read: that it is gone is what tells. */
function unread(part: NeededPart, { parts }: Head): UnreadPart[] {
  const read = parts[part];
  if (!read) return [{ part, reason: null, detail: 'No reading has told of it yet.', readAt: null }];
  if (read.state !== 'unknown') return [];
  return [{ part, reason: read.reason ?? null, detail: read.detail ?? null, readAt: read.readAt }];
}

/** An event that came for one policy shows that its subscription is wired, for all policies there. */
function lastOfAll(heads: readonly Head[]): LastSignals {
  const all = { event: {} as Record<string, string>, audit: {} as Record<string, string> };
  for (const { lastSignals } of heads)
    for (const way of ['event', 'audit'] as const)
      for (const [source, at] of Object.entries(lastSignals?.[way] ?? {})) {
        const before = all[way][source];
        if (before === undefined || Date.parse(at) > Date.parse(before)) all[way][source] = at;
      }
  return all;
}
