import { environmentKey, nameTheSame } from '../facts/environment-state.ts';
import type { EnvironmentFact, EnvironmentsFact, Facts } from '../facts/facts.ts';
import { isAbsenceProven } from './absence.ts';
import type { DisputedSince, History } from './history.ts';
import { isLinked, isUp, upOrDown } from './lock-signs.ts';

type Known = NonNullable<History['environments']>;

const MAX_DISPUTED = 50;
const MAX_UNACCOUNTED = 50;

/** The members after this reading. Pure; the same reading twice gives the same result. */
export function rememberEnvironments(before: Known | undefined, { environments }: Facts): Known | undefined {
  if (environments.state !== 'known') return before;
  const { asOf, source, isComplete } = environments.value;
  const shown = withRan(before, withDeletionTimes(before, environments.value));
  const vanished = vanishedMembers(before, environments.value);
  const disputed = nextDisputed(before?.disputed, environments.value);
  const unaccounted = nextUnaccounted(before, environments.value, vanished);
  return {
    asOf,
    source,
    // An unchanged list stays the same array: storage recognises it.
    members: vanished.length === 0 ? shown : [...shown, ...vanished],
    ...(isComplete ? { isComplete: true as const } : {}),
    ...(unaccounted.length === 0 ? {} : { unaccounted }),
    ...(disputed === undefined ? {} : { disputed }),
  };
}

/**
 * The admin API shows a deletion only as an instance state: its time is then that of the last list without it,
 * so that the time left to recover it is never taken for longer than it is.
 */
function withDeletionTimes(
  before: Known | undefined,
  { asOf, environments }: EnvironmentsFact,
): EnvironmentFact[] {
  const isBeingDeleted = ({ deletion, instanceState }: EnvironmentFact) =>
    deletion === undefined && instanceState?.toLowerCase() === 'deleting';
  if (!environments.some(isBeingDeleted)) return environments;
  const earlier = new Map(before?.members.map((member) => [environmentKey(member.id), member]));
  return environments.map((member) => {
    if (!isBeingDeleted(member)) return member;
    const known = earlier.get(environmentKey(member.id));
    return { ...member, deletion: known?.deletion ?? { at: (known && before?.asOf) ?? asOf } };
  });
}

/**
 * The linked members that the list neither names nor shows without the link, for a day. Their state is not
 * known. A source that says nothing of other environments (an inventory) names all of its members.
 */
export function vanishedMembers(before: Known | undefined, fact: EnvironmentsFact): EnvironmentFact[] {
  if (before === undefined || fact.listed === undefined) return [];
  if (nameTheSame(before.members, fact.environments)) return [];
  const named = new Set(fact.environments.map(({ id }) => environmentKey(id)));
  const absent = before.members.filter((member) => isLinked(member) && !named.has(environmentKey(member.id)));
  if (absent.length === 0) return [];
  const shown = new Set(fact.listed);
  return absent.flatMap((member) => {
    const id = environmentKey(member.id);
    const since = member.missingSince ?? fact.asOf;
    if ((shown.has(id) && !isStillDisputed(id, before, fact)) || isAbsenceProven(since, fact.asOf)) return [];
    return [withoutState(member, since)];
  });
}

/** The list that lacked the link before proves nothing while the other one can't be read. */
export function isStillDisputed(id: string, before: Known, { disputed, asOf }: EnvironmentsFact): boolean {
  const known = before.disputed?.[id];
  return disputed === undefined && known !== undefined && !isAbsenceProven(known.seenAt, asOf);
}

/** A complete list accounts for every environment, and any list for those that it shows. */
function nextUnaccounted(
  before: Known | undefined,
  { isComplete, listed, environments, source }: EnvironmentsFact,
  vanished: readonly EnvironmentFact[],
): string[] {
  if (before === undefined || isComplete === true || source === 'inventory' || listed === undefined)
    return [];
  const shown = new Set(listed);
  const kept = new Set([...environments, ...vanished].map(({ id }) => environmentKey(id)));
  const dropped = before.members.flatMap((member) => (isLinked(member) ? [environmentKey(member.id)] : []));
  const ids = new Set([...(before.unaccounted ?? []), ...dropped]);
  return [...ids].filter((id) => !shown.has(id) && !kept.has(id)).slice(0, MAX_UNACCOUNTED);
}

/** A row without a state hides that the environment ran, and so that it turned disabled afterwards. */
function withRan(before: Known | undefined, shown: EnvironmentFact[]): EnvironmentFact[] {
  const isUnclear = (one: EnvironmentFact) => isLinked(one) && upOrDown(one) === undefined;
  if (before === undefined || !shown.some(isUnclear)) return shown;
  const ran = new Set(
    before.members.filter((one) => one.ran || isUp(one)).map(({ id }) => environmentKey(id)),
  );
  for (const { id } of shown.filter(isUp)) ran.delete(environmentKey(id));
  return shown.map((one) =>
    isUnclear(one) && ran.has(environmentKey(one.id)) ? { ...one, ran: true } : one,
  );
}

function withoutState(member: EnvironmentFact, missingSince: string): EnvironmentFact {
  const {
    managementState: _,
    instanceState: __,
    runtimeState: ___,
    runtimeReasonCode: ____,
    ...rest
  } = member;
  return { ...rest, missingSince, ...(isUp(member) ? { ran: true as const } : {}) };
}

function nextDisputed(before: Known['disputed'], { asOf, disputed }: EnvironmentsFact): Known['disputed'] {
  const next: Record<string, DisputedSince> = {};
  if (disputed === undefined) {
    for (const [id, known] of Object.entries(before ?? {}))
      if (!isAbsenceProven(known.seenAt, asOf)) next[id] = known;
  }
  for (const { id, lackedBy } of (disputed ?? []).slice(0, MAX_DISPUTED)) {
    const known = before?.[id];
    const since = known?.lackedBy === lackedBy ? known.since : asOf;
    next[id] = { lackedBy, since, seenAt: asOf };
  }
  return Object.keys(next).length === 0 ? undefined : next;
}
