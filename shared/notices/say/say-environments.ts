import type { AffectedEnvironment, Incident } from '../../incidents/incident.ts';
import type { Notice, NoticeIncident } from '../notice.ts';
import type { MessageEnvironment, MessagePolicy } from './message.ts';
import { linkTo, pathPart, plain, steady } from './plain.ts';
import type { Times } from './say-when.ts';
import { share } from './share.ts';
import { isStillRunning } from './still-running.ts';

/** A message names at most this many environments and counts the rest. Nobody reads more in a mail. */
const MAX_NAMED = 1000;
const NAME = 200;

/**
 * Per policy, the environments of this notice: all that are not enabled again; all of them when it closes.
 */
export function sayPolicies(
  notice: Notice,
  options: { adminCenterUrl: string; portalUrl: string; maxNamed?: number },
  times: Times,
): MessagePolicy[] {
  const chosen = notice.incidents.map((one) => ({ one, ...affected(one, notice.reason === 'closed') }));
  const shares = share(
    MAX_NAMED,
    chosen.map(({ ofInterest }) => ofInterest.length),
  );
  return chosen.map(({ one, ofInterest, count }, index) => ({
    name: steady(plain(one.policyName, NAME)),
    url: portalLink(options.portalUrl, one.incident.policyId),
    count,
    environments: foremost(ofInterest, shares[index] ?? 0)
      .slice(0, options.maxNamed)
      .map((environment) => sayEnvironment(environment, one, options.adminCenterUrl, times)),
  }));
}

/** The resource's page in the Azure portal; none if the id is not an ARM id. */
export function portalLink(portalUrl: string, armId: string): string | undefined {
  if (!/^\/subscriptions\//i.test(armId)) return undefined;
  const path = armId.split('/').map(pathPart).join('/');
  return linkTo(`${portalUrl.replace(/\/+$/, '')}/#resource${path}`);
}

function affected(one: NoticeIncident, all: boolean): { ofInterest: AffectedEnvironment[]; count: number } {
  const ofInterest = all ? one.environments : one.environments.filter(({ state }) => state !== 'enabled');
  // The incident's own count is authoritative if the list could not be read whole.
  const unlisted = Math.max(0, one.incident.environmentCount - one.environments.length);
  return { ofInterest, count: ofInterest.length + unlisted };
}

/**
 * The first so many by urgency and name. Only the environments that are shown are sorted by name, which keeps
 * it cheap.
 */
function foremost(environments: readonly AffectedEnvironment[], most: number): AffectedEnvironment[] {
  const byUrgency = Map.groupBy(
    environments,
    ({ sku, state }) => urgency(sku) + (state === 'enabled' ? 100 : 0),
  );
  const first: AffectedEnvironment[] = [];
  for (const rank of [...byUrgency.keys()].sort((a, b) => a - b)) {
    const room = most - first.length;
    if (room <= 0) break;
    const group = (byUrgency.get(rank) ?? []).slice(0, room);
    first.push(...group.sort((a, b) => (a.displayName < b.displayName ? -1 : 1)));
  }
  return first;
}

/** Production comes first; the others are less urgent to people who are paged. */
function urgency(sku: string): number {
  const rank = ['production', 'default', 'sandbox'].indexOf(sku.toLowerCase());
  return rank === -1 ? 9 : rank;
}

function sayEnvironment(
  environment: AffectedEnvironment,
  { incident }: NoticeIncident,
  adminCenterUrl: string,
  times: Times,
): MessageEnvironment {
  const left = incident.environmentsLeft?.includes(environment.id) === true;
  const hasDeadline =
    !incident.drill &&
    environment.state !== 'enabled' &&
    environment.state !== 'deleted' &&
    !Number.isNaN(Date.parse(environment.deletedAt));
  return {
    name: steady(plain(environment.displayName, NAME) || plain(environment.id, NAME) || 'without a name'),
    // The address that the admin API itself returns as an environment's `clientUris.admin`.
    url: linkTo(
      `${adminCenterUrl.replace(/\/+$/, '')}/environments/environment/${pathPart(environment.id)}/hub`,
    ),
    sku: plain(environment.sku, 40) || 'Unknown',
    region: plain(environment.region, 60) || 'region not told',
    state: sayState(environment, incident, left, times),
    ...(hasDeadline
      ? { deletedFrom: times.minute(environment.deletedAt), deletedOn: times.date(environment.deletedAt) }
      : {}),
  };
}

/** Power Platform docs, Recover environment: a deleted environment can be recovered for 7 days; nobody has published whether a locked one can. */
function sayDeleted({ recoverableUntil }: AffectedEnvironment, times: Times): string {
  return recoverableUntil === undefined
    ? STATES.deleted
    : `deleted, recover it by ${times.minute(recoverableUntil)}`;
}

function sayState(
  environment: AffectedEnvironment,
  incident: NoticeIncident['incident'],
  hasLeft: boolean,
  times: Times,
): string {
  if (environment.state === 'deleted') return sayDeleted(environment, times);
  if (!hasLeft && isStillRunning(environment, incident))
    return `still shown running at ${times.minute(incident.environmentsAsOf ?? '')}`;
  return stateOf(environment.state, incident, hasLeft);
}

function stateOf(state: AffectedEnvironment['state'], incident: Incident, hasLeft: boolean): string {
  if (incident.drill && state !== 'enabled') return 'works: this is a drill';
  if (hasLeft && state !== 'enabled') return 'no longer on the list, state not known';
  if (incident.state === 'suspected' && state === 'locked') return 'may be locked';
  return STATES[state];
}

const STATES: Record<AffectedEnvironment['state'], string> = {
  locked: 'offline',
  awaitingReEnable: 'not enabled yet',
  enabled: 'enabled again',
  deleted: 'deleted',
  unknown: 'state not known',
};
