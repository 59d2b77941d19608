import { normalId, withoutEndSlashes } from '../../azure/arm-id.ts';
import type { Cause, IncidentState } from '../../incidents/incident.ts';
import { triggerOf } from '../../triggers/register.ts';
import type { Notice } from '../notice.ts';
import type { MessagePolicy } from './message.ts';
import { plain } from './plain.ts';
import type { Times } from './say-when.ts';
import { isStillRunning } from './still-running.ts';
import { count, listed } from './words.ts';

/** The facts that every sentence of a message uses, computed once. */
export interface NoticeFacts {
  notice: Notice;
  policies: MessagePolicy[];
  /** How many environments this is about, without the deleted ones; 0 if unknown. */
  total: number;
  /** How many of them a list from after the loss shows running, and the oldest such list. */
  running: { count: number; asOf: string | undefined };
  /** "12 environments", or "the environments" if their number is not known. */
  environments: string;
  /** "policy ep-1", "policies ep-1 and ep-2". */
  policyNames: string;
  /** The root cause in a few words: "key disabled (key cmk of vault kv-1)". */
  cause: string;
  /** The causes of all incidents, each once, the root first. */
  causes: Cause[];
  /** The earliest deadline of all incidents. */
  recoverBy: { at: string; because: string; isEstimate: boolean } | undefined;
  since: string | undefined;
  /** When the current lock began: later than `since` if access came back in between. */
  lockedSince: string | undefined;
  restoredAt: string | undefined;
  isSuspected: boolean;
  /** Access is back: nothing must be undone, but environments must be enabled. */
  isRestored: boolean;
  /** A person closed it before access was back: the causes never read clear. */
  isClosedStanding: boolean;
  /** Environments come from an inventory, which has no state: none will ever be seen enabled. */
  isInventory: boolean;
  /** No environment is known to be affected: there is nothing to enable, and no deadline. */
  isWithoutEnvironments: boolean;
  /** A drill: nothing in it is real. */
  isDrill: boolean;
  /** Somebody still has to act: it may be acknowledged and silenced. */
  isOpen: boolean;
  times: Times;
}

export function factsOf(notice: Notice, policies: MessagePolicy[], times: Times): NoticeFacts {
  const deleted = notice.incidents.flatMap(({ environments }) =>
    environments.filter(({ state }) => state === 'deleted'),
  );
  const named = policies.reduce((sum, policy) => sum + policy.count, 0);
  const total = named - (notice.reason === 'closed' ? 0 : deleted.length);
  const causes = distinctCauses(notice);
  const incidents = notice.incidents.map(({ incident }) => incident);
  const clocks = incidents.filter(({ recoverBy }) => !Number.isNaN(Date.parse(recoverBy)));
  const first = clocks.sort((a, b) => Date.parse(a.recoverBy) - Date.parse(b.recoverBy))[0];
  const areAll = (...states: IncidentState[]) =>
    incidents.length > 0 && incidents.every(({ state }) => states.includes(state));
  return {
    notice,
    policies,
    total,
    running: runningIn(notice),
    environments: total > 0 ? count(total, 'environment') : 'the environments',
    policyNames: policyNames(policies),
    cause: causeInShort(causes[0]),
    causes,
    recoverBy: first && {
      at: first.recoverBy,
      because: plain(first.recoverByBecause, 300),
      isEstimate: first.recoverByIsEstimate,
    },
    since: earliest(incidents.map(({ openedAt }) => openedAt)),
    lockedSince: earliest(incidents.map(({ lockedSince, openedAt }) => lockedSince ?? openedAt)),
    restoredAt: earliest(incidents.map(({ accessRestoredAt }) => accessRestoredAt)),
    isSuspected: areAll('suspected'),
    isRestored:
      notice.reason === 'accessRestored' || (notice.reason !== 'closed' && areAll('accessRestored')),
    isClosedStanding: incidents.some(
      ({ state, closedBy, accessRestoredAt }) =>
        state === 'closed' && closedBy !== undefined && accessRestoredAt === undefined,
    ),
    isInventory: incidents.some(({ environmentsSource }) => environmentsSource === 'inventory'),
    isWithoutEnvironments:
      incidents.length > 0 && incidents.every(({ noEnvironments }) => noEnvironments === true),
    isDrill: notice.reason === 'drill' || incidents.some(({ drill }) => drill === true),
    isOpen: incidents.some(({ state }) => state !== 'closed' && state !== 'dismissed'),
    times,
  };
}

function runningIn(notice: Notice): NoticeFacts['running'] {
  const found = notice.incidents.flatMap(({ incident, environments }) => {
    const count = environments.filter((environment) => isStillRunning(environment, incident)).length;
    return count > 0 ? [{ count, asOf: incident.environmentsAsOf }] : [];
  });
  return {
    count: found.reduce((sum, { count }) => sum + count, 0),
    asOf: earliest(found.map(({ asOf }) => asOf)),
  };
}

function policyNames(policies: readonly MessagePolicy[]): string {
  if (policies.length === 0) return 'no policy';
  return `${policies.length === 1 ? 'policy' : 'policies'} ${listed(policies.map(({ name }) => name))}`;
}

function earliest(times: readonly (string | undefined)[]): string | undefined {
  return times
    .filter((at) => at !== undefined)
    .filter((at) => !Number.isNaN(Date.parse(at)))
    .sort((a, b) => Date.parse(a) - Date.parse(b))[0];
}

/** A cause that several policies share counts once. A proven cause takes precedence over a suspected one. */
function distinctCauses(notice: Notice): Cause[] {
  const causes = new Map<string, Cause>();
  for (const { incident } of notice.incidents)
    for (const cause of incident.causes) {
      const key = [cause.trigger, normalId(cause.scope), cause.finding.summary].join('\n');
      if (causes.get(key)?.verdict !== 'revoked') causes.set(key, cause);
    }
  return [...causes.values()];
}

function causeInShort(cause: Cause | undefined): string {
  if (!cause) return 'the cause is not known';
  if (isEffect(cause)) return `cause not known (${placeOf(cause.scope)})`;
  return `${plain(cause.finding.inShort, 60) || cause.trigger.replaceAll('-', ' ')} (${placeOf(cause.scope)})`;
}

/** The lock itself is all that is known of it. */
export function isEffect({ trigger }: Pick<Cause, 'trigger'>): boolean {
  return triggerOf(trigger)?.about === 'effect';
}

/** The usual name of an ARM id: "key cmk of vault kv-1", "vault kv-1", "policy ep-1". */
function placeOf(armId: string): string {
  const key = /\/vaults\/([^/]+)\/keys\/([^/]+)/i.exec(armId);
  if (key) return `key ${plain(key[2], 130)} of vault ${plain(key[1], 60)}`;
  const named = /\/(vaults|enterprisePolicies|networkSecurityPerimeters)\/([^/]+)\/*$/i.exec(armId);
  const kind = KINDS[named?.[1]?.toLowerCase() ?? ''];
  if (kind) return `${kind} ${plain(named?.[2], 130)}`;
  return plain(withoutEndSlashes(armId).split('/').at(-1), 130) || 'where is not known';
}

const KINDS: Record<string, string> = {
  vaults: 'vault',
  enterprisepolicies: 'policy',
  networksecurityperimeters: 'network security perimeter',
};
