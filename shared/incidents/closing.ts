import type { EnvironmentFact } from '../facts/facts.ts';
import { areDownTogether } from '../triggers/lock-signs.ts';
import { affectedEnvironments, linkedMembers, type MembershipChange } from './environments.ts';
import type { Incident, PolicyState } from './incident.ts';
import type { JudgedReading } from './reading.ts';
import { msSince, pastOrIgnored } from './stored-time.ts';

const DAY_MS = 24 * 3_600_000;
/** How long a closed incident can return: a lock that shows later than this is reported as a new one. */
const RETURNS_FOR_MS = DAY_MS;
/** An inventory shows no states, so access has to read clear for this long before an incident closes. */
const UNVERIFIED_CLOSE_MS = 7 * DAY_MS;

/**
 * Whether an incident whose access is back may close by itself. How long after the loss of a key Power
 * Platform locks environments, and when its list shows that, is not published, so the list must have been
 * requested at least `closeAfterMs` after the loss ended. It must show every environment enabled; nothing can
 * show that for an environment that left the list. With an inventory, nobody can verify it, and time decides.
 */
export function canClose(open: Incident, moved: MembershipChange, reading: JudgedReading): boolean {
  const list = reading.facts.environments;
  const endedAt = lossEndedAt(open, reading.now);
  if (endedAt === undefined) return false;
  const isLong = Date.parse(reading.facts.readAt) >= Date.parse(endedAt) + UNVERIFIED_CLOSE_MS;
  if (list.state !== 'known') return isLong && reading.history.environments === undefined;
  if (list.value.source === 'inventory') return isLong;
  const isLateEnough = Date.parse(list.value.asOf) >= Date.parse(endedAt) + reading.closeAfterMs;
  // A list that is not known to be complete leaves open where such an environment is.
  const unaccounted = new Set(reading.history.environments?.unaccounted ?? []);
  if (!isLateEnough || moved.stillLeft.some((id) => unaccounted.has(id))) return false;
  // A deleted one keeps the incident open for as long as it can be recovered.
  return affectedEnvironments(open, reading.history).every(
    ({ state, recoverableUntil }) =>
      state === 'enabled' ||
      (state === 'deleted' && Date.parse(recoverableUntil ?? '') <= Date.parse(reading.facts.readAt)),
  );
}

/** When access surely worked again: a change of permissions or of the network acts later than it reads. */
function lossEndedAt({ accessRestoredAt, accessCertainAt }: Incident, now: string): string | undefined {
  return pastOrIgnored(accessCertainAt, now) ?? pastOrIgnored(accessRestoredAt, now);
}

/**
 * The environments that a lock took down after its cause had been undone: disabled in this list, which was
 * requested after access came back, and none of the policy's runs. Empty: no such lock. An environment that is
 * disabled beside others that run was disabled by a person, capacity or inactivity.
 */
export function lateLock(incident: Incident, { facts, history }: JudgedReading): EnvironmentFact[] {
  const list = facts.environments;
  if (list.state !== 'known' || list.value.source !== 'powerPlatform') return [];
  const since = incident.accessRestoredAt ?? incident.closedAt;
  if (since === undefined || Date.parse(list.value.asOf) < Date.parse(since)) return [];
  return areDownTogether(linkedMembers(history) ?? []);
}

/** The incident that closed by itself and may still return, because a lock can show late. */
export function mayReturn(
  policyState: PolicyState | undefined,
  now: string,
): PolicyState['closedIncident'] | undefined {
  const closed = policyState?.closedIncident;
  const closedAt = pastOrIgnored(closed?.closedAt, now);
  return closedAt !== undefined && msSince(closedAt, now) < RETURNS_FOR_MS ? closed : undefined;
}
