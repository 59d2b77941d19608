import { environmentKey, isShownDisabled, isShownEnabled } from '../facts/environment-state.ts';
import type { EnvironmentFact } from '../facts/facts.ts';
import type { History } from '../triggers/history.ts';
import { isLinked } from '../triggers/lock-signs.ts';
import type { AffectedEnvironment, EnvironmentState, Incident } from './incident.ts';
import { clockEnd, type DeletionTerm, deletionTerm, recoverableUntil } from './recover-by.ts';

/**
 * The environments that an incident takes offline, each with its state and its deadline. They are derived
 * only from the incident and the last known membership, so that the stored rows can always be rebuilt.
 */
export function affectedEnvironments(incident: Incident, history: History): AffectedEnvironment[] {
  const deadlines = new Map<number, string>();
  return (linkedMembers(history) ?? []).map((member) =>
    affected(member, stateOf(member, incident, history), deletionTerm(member.sku), incident, deadlines),
  );
}

/**
 * The members that are linked to the policy, one per id, ids in lower case. Undefined if no list was ever
 * known.
 */
export function linkedMembers(history: History): readonly EnvironmentFact[] | undefined {
  const members = history.environments?.members;
  if (!members) return undefined;
  const linked = linkedOf.get(members) ?? linkedAmong(members);
  linkedOf.set(members, linked);
  return linked;
}

/**
 * One decision asks many times for the same list, which may hold ten thousand members. A list is never
 * changed, only replaced.
 */
const linkedOf = new WeakMap<readonly EnvironmentFact[], readonly EnvironmentFact[]>();

function linkedAmong(members: readonly EnvironmentFact[]): EnvironmentFact[] {
  const linked = new Map<string, EnvironmentFact>();
  for (const member of members) {
    const id = environmentKey(member.id);
    if (isLinked(member) && !linked.has(id)) linked.set(id, member.id === id ? member : { ...member, id });
  }
  return [...linked.values()];
}

export interface MembershipChange {
  joined: EnvironmentFact[];
  left: EnvironmentFact[];
  /** Ids of all that have left the incident and have not returned. */
  stillLeft: string[];
}

/**
 * The environments that joined and left since the last reading. One that left and returned belonged to the
 * incident throughout.
 */
export function membershipChange(incident: Incident, before: History, now: History): MembershipChange {
  const earlier = linkedMembers(before) ?? [];
  const present = linkedMembers(now) ?? earlier;
  const presentIds = new Set(present.map(({ id }) => id));
  const known = new Set([...earlier.map(({ id }) => id), ...(incident.environmentsLeft ?? [])]);
  const left = earlier.filter(({ id }) => !presentIds.has(id));
  // A deleted one has not left for an unknown place.
  const unknown = left.filter((member) => !isDeleted(member)).map(({ id }) => id);
  const stillLeft = [...(incident.environmentsLeft ?? []), ...unknown];
  return {
    joined: present.filter(({ id }) => !known.has(id)),
    left,
    stillLeft: [...new Set(stillLeft)].filter((id) => !presentIds.has(id)),
  };
}

/** The entries of `after` that are new or differ from `before`. */
export function changedEnvironments(
  before: readonly AffectedEnvironment[],
  after: readonly AffectedEnvironment[],
): AffectedEnvironment[] {
  const stored = new Map(before.map((environment) => [environment.id, JSON.stringify(environment)]));
  return after.filter((environment) => stored.get(environment.id) !== JSON.stringify(environment));
}

/** An environment that the list no longer names: as it was last seen, with an unknown state. */
export function goneEnvironment(member: EnvironmentFact, incident: Incident): AffectedEnvironment {
  return affected(member, isDeleted(member) ? 'deleted' : 'unknown', deletionTerm(member.sku), incident);
}

function affected(
  member: EnvironmentFact,
  state: EnvironmentState,
  term: DeletionTerm,
  incident: Incident,
  deadlines = new Map<number, string>(),
): AffectedEnvironment {
  if (state === 'deleted' && member.deletion) {
    const { at } = member.deletion;
    const until = recoverableUntil(at);
    return {
      ...member,
      state,
      deletedAt: at,
      deletionIsGuess: false,
      ...(until === undefined ? {} : { recoverableUntil: until }),
    };
  }
  const deletedAt = deadlines.get(term.days) ?? clockEnd(incident, term.days);
  deadlines.set(term.days, deletedAt);
  return { ...member, state, deletedAt, deletionIsGuess: term.isGuess };
}

/**
 * Revoked means locked: all environments of the policy go offline at once (Power Platform docs: Lock
 * environments). A suspicion locks only environments that were seen disabled. Only a list made after access
 * came back can show an environment enabled again: an older one shows it as it was before the lock.
 */
function stateOf(member: EnvironmentFact, incident: Incident, history: History): EnvironmentState {
  if (isDeleted(member)) return 'deleted';
  const list = history.environments;
  const isSeen = (since: string | undefined) =>
    list?.source === 'powerPlatform' && since !== undefined && Date.parse(list.asOf) >= Date.parse(since);
  switch (incident.state) {
    case 'revoked':
      return 'locked';
    case 'suspected':
      return isSeen(incident.openedAt) && isShownDisabled(member) ? 'locked' : 'unknown';
    // An incident closes by itself only if every environment was seen enabled. A person may close it at any
    // time.
    case 'closed':
      if (!incident.closedBy) return list?.source === 'inventory' ? 'unknown' : 'enabled';
      if (incident.accessRestoredAt === undefined)
        return isSeen(incident.openedAt) && isShownEnabled(member) ? 'unknown' : 'locked';
      return isSeen(incident.accessRestoredAt) ? afterLock(member) : 'awaitingReEnable';
    case 'dismissed':
      return isSeen(incident.openedAt) && isShownEnabled(member) ? 'enabled' : 'unknown';
    default:
      return isSeen(incident.accessRestoredAt) ? afterLock(member) : 'awaitingReEnable';
  }
}

function afterLock(member: EnvironmentFact): EnvironmentState {
  if (member.missingSince !== undefined) return 'unknown';
  if (isShownEnabled(member)) return 'enabled';
  const isNotified = member.runtimeState !== undefined || member.instanceState !== undefined;
  return isNotified && !isShownDisabled(member) ? 'unknown' : 'awaitingReEnable';
}

/** A row that merely vanished is no proof. The history gives a time to one that is being deleted. */
function isDeleted({ deletion }: EnvironmentFact): boolean {
  return deletion !== undefined;
}
