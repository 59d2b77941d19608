import { armIdParts, normalId } from '../azure/arm-id.ts';
import { gapKey } from '../incidents/ids.ts';
import type { PolicyState } from '../incidents/incident.ts';
import { nameOfError } from '../telemetry/error-name.ts';
import { nameInId, policyNameOf, policyVaultId } from '../triggers/policy-chain.ts';
import { triggerOf } from '../triggers/register.ts';
import type { SeenNow } from './visibility-gaps.ts';
import type { GapPolicy, VisibilityGap } from './visibility-state.ts';

// Visibility gaps of policies. Each names its policies, so that one that enters later is reported too.

/** A write about a policy that failed in a sweep. No id: the failed write does not belong to one policy. */
export interface PolicyFailure {
  policyId?: string;
  reason: unknown;
}

const MAX_NAMES = 5;

/** One gap for these policies. `of` makes its text, for all of them and for the new ones. */
export function policyGap<T extends GapPolicy>(
  gap: { id: string; urgent: boolean },
  members: readonly T[],
  of: (some: readonly T[]) => { text: string; remediation: string },
): VisibilityGap {
  const policies = [...new Map(members.map(({ key, name }) => [key, { key, name }])).values()];
  const only = (keys: ReadonlySet<string>) => of(members.filter(({ key }) => keys.has(key)));
  return { ...gap, ...of(members), policies, only };
}

/** Policies that the sweep did not reach because of time or Azure's throttling budget. */
export function notReachedGaps({ notReached, policyStates }: SeenNow): VisibilityGap[] {
  if (notReached.length === 0) return [];
  const name = namesOf(policyStates);
  const members = notReached.map((policyId) => ({ key: gapKey(policyId), name: name(policyId) }));
  return [
    policyGap({ id: 'sweep', urgent: false }, members, (some) => ({
      text: `The sweep does not come round: ${named(some)} ${some.length === 1 ? 'was' : 'were'} not read in time. The oldest readings come first in the next.`,
      remediation:
        'Look at the page /health for what is slow, throttled or failing. If Azure refuses reads, the interval of that subscription becomes longer by itself; if it is already LOCKWATCH_SWEEP_MAX_SECONDS (GET /api/coverage shows it), raise that. If answers are slow, the interval stays as it is: raise LOCKWATCH_SWEEP_SECONDS, which leaves a sweep more time.',
    })),
  ];
}

/** A reading that can't be stored is as good as none: every new reading is compared with an old one. */
export function unwrittenGaps({ unwritten, policyStates }: SeenNow): VisibilityGap[] {
  const name = namesOf(policyStates);
  const members = unwritten.flatMap(({ policyId, reason }) =>
    policyId === undefined ? [] : [{ key: gapKey(policyId), name: name(policyId), reason }],
  );
  const rest = unwritten.filter(({ policyId }) => policyId === undefined);
  const gaps: VisibilityGap[] = [];
  if (members.length > 0)
    gaps.push(
      policyGap({ id: 'write', urgent: false }, members, (some) => ({
        text: `The state of ${named(some)} can't be written. A lock there may go unnoticed.`,
        remediation: whyNot(some[0]?.reason),
      })),
    );
  if (rest.length > 0)
    gaps.push({
      id: 'write|rest',
      text: "Something that follows a reading can't be written: lists of environments or notices may be incomplete.",
      remediation: whyNot(rest[0]?.reason),
      urgent: false,
    });
  return gaps;
}

/**
 * Lockwatch's own errors are sentences without a secret. Of any other error only the name is safe to show.
 */
const OWN_ERRORS: ReadonlySet<string> = new Set([
  'BrokenRowError',
  'CommitConflictError',
  'StorageRefusedError',
  'StorageUnavailableError',
]);

function whyNot(reason: unknown): string {
  const name = nameOfError(reason, 'Error');
  const what = reason instanceof Error && OWN_ERRORS.has(name) ? reason.message : `It fails with ${name}.`;
  return `${what} The app's log has more, and the next sweep tries again.`;
}

/** No events come from a subscription that is not in the settings: only the sweep reads it. */
export function unlistedGaps({ policyStates, watchedSubscriptions }: SeenNow): VisibilityGap[] {
  const watched = new Set(watchedSubscriptions.map((id) => id.toLowerCase()));
  const elsewhere = policyStates.flatMap((policyState) => {
    const subscriptionId = armIdParts(vaultOf(policyState)).subscriptionId?.toLowerCase();
    return policyState.supported && subscriptionId && !watched.has(subscriptionId)
      ? [{ ...memberOf(policyState), subscriptionId }]
      : [];
  });
  return [...Map.groupBy(elsewhere, ({ subscriptionId }) => subscriptionId)].map(
    ([subscriptionId, members]) =>
      policyGap({ id: `unlisted|${subscriptionId}`, urgent: true }, members, (some) => ({
        text: `The vault of ${named(some)} lies in subscription ${subscriptionId}, which is not among the watched ones: no event reports its changes.`,
        remediation: `Add ${subscriptionId} to LOCKWATCH_SUBSCRIPTIONS, and deploy its event subscription and role.`,
      })),
  );
}

/** Delivery is retried within the first minutes; a later arrival is unlikely. */
const EVENT_LATE_MS = 10 * 60_000;
/** ARM shows some changes late: the event may have arrived well before the reading. */
const EVENT_EARLY_MS = 15 * 60_000;

/**
 * The observed state changed and no event came, so the event source is lost until an event comes from it
 * again.
 */
export function eventGaps({ policyStates, known, now }: SeenNow): VisibilityGap[] {
  const subscriptions = Map.groupBy(
    policyStates,
    (policyState) => armIdParts(vaultOf(policyState)).subscriptionId?.toLowerCase() ?? '',
  );
  return [...subscriptions].flatMap(([subscriptionId, of]) => {
    const id = `events|${subscriptionId}`;
    const last = of
      .map((policyState) => policyState.lastSignals?.event?.[`/subscriptions/${subscriptionId}`])
      .filter((at) => at !== undefined)
      .sort()
      .at(-1);
    const isSince = (at: string, early: number) =>
      last !== undefined && Date.parse(last) >= Date.parse(at) - early;
    const missed = of.filter((policyState) =>
      policyState.incident?.causes.some(
        ({ trigger, since }) =>
          triggerOf(trigger)?.alwaysRaisesEvent === true &&
          Date.parse(now) - Date.parse(since) > EVENT_LATE_MS &&
          !isSince(since, EVENT_EARLY_MS),
      ),
    );
    const before = known[id];
    const stillLost = before !== undefined && !isSince(before.since, 0);
    if (subscriptionId === '' || (missed.length === 0 && !stillLost)) return [];
    return [
      policyGap({ id, urgent: true }, missed.map(memberOf), (some) => ({
        text: `No event comes from subscription ${subscriptionId}${some.length > 0 ? `, though what happened to ${named(some)} raises one` : ''}. Only the sweep sees changes there.`,
        remediation:
          "Look at the event subscription on the subscription's system topic: is it there, does its filter let the operation pass, does it reach the queue? Deploy it again if in doubt.",
      })),
    ];
  });
}

/** These alternate with the load, so they form one gap: separate gaps would never last long enough. */
const UNANSWERED: ReadonlySet<string> = new Set(['throttled', 'timeout', 'unavailable']);

/** Parts that can't be read for a reason of their own, grouped by subscription and kind of reason. */
export function unreadPartGaps({ policyStates }: SeenNow): VisibilityGap[] {
  const unread = policyStates
    .filter(({ supported }) => supported)
    .flatMap((policyState) =>
      Object.entries(policyState.parts)
        .filter(([, part]) => part.state === 'unknown' && !FOLLOWING.has(part.reason ?? ''))
        .map(([part, { reason = 'unknown', detail = '' }]) => {
          const place =
            armIdParts(part === 'policy' ? policyState.policyId : vaultOf(policyState)).subscriptionId ?? '';
          const why = UNANSWERED.has(reason) ? 'unanswered' : reason;
          return { ...memberOf(policyState), part, detail, id: `read|${place.toLowerCase()}|${part}|${why}` };
        }),
    );
  return [...Map.groupBy(unread, ({ id }) => id)].map(([id, members]) =>
    policyGap({ id, urgent: false }, members, (some) => ({
      text: `The ${PARTS[some[0]?.part ?? ''] ?? some[0]?.part} of ${named(some)} can't be read. A lock there may go unnoticed.`,
      remediation: some[0]?.detail ?? '',
    })),
  );
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

function vaultOf(policyState: PolicyState): string {
  return normalId(policyVaultId(policyState.history) ?? policyState.policyId);
}

export function memberOf(policyState: PolicyState): GapPolicy {
  return { key: gapKey(policyState.policyId), name: policyNameOf(policyState.history) };
}

/** A policy that was never written has no policy state: its id names it. */
function namesOf(policyStates: readonly PolicyState[]): (policyId: string) => string {
  const names = new Map(
    policyStates.map((policyState) => [normalId(policyState.policyId), policyNameOf(policyState.history)]),
  );
  return (policyId) => names.get(normalId(policyId)) ?? nameInId(policyId);
}

export function named(policies: readonly GapPolicy[]): string {
  const names = [...new Map(policies.map(({ key, name }) => [key, name])).values()];
  const shown = names.slice(0, MAX_NAMES).join(', ');
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : '';
  return `${names.length === 1 ? 'policy' : 'policies'} ${shown}${more}`;
}
