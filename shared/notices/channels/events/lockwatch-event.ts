import type { AffectedEnvironment, Incident } from '../../../incidents/incident.ts';
import type { NoticeReason } from '../../../incidents/notice-reason.ts';
import type { RestoredChannel } from '../../../visibility/restored-channels.ts';
import type { Notice, NoticeIncident, NoticeSilence } from '../../notice.ts';
import { incidentPath, pageLink } from '../../say/page-links.ts';
import { plain } from '../../say/plain.ts';
import { type SayOptions, say } from '../../say/say.ts';
import { upperFirst } from '../../say/words.ts';
import { type EventStep, eventSteps } from './event-steps.ts';

/** A CloudEvent (CloudEvents 1.0, context attributes), the same for a webhook and an Event Grid topic. */
export interface LockwatchEvent {
  specversion: '1.0';
  /** The same event sent again has the same id. */
  id: string;
  source: string;
  type: `Lockwatch.${'Incident' | 'Watch'}.${string}`;
  /** The policy's ARM id, if the event is about one. */
  subject?: string;
  time: string;
  datacontenttype: 'application/json';
  data: IncidentData | WatchData;
}

interface EventTexts {
  reason: NoticeReason;
  messageId: string;
  title: string;
  summary: string;
  /** The name of the deployment that sends it. */
  deployment?: string;
  /** The documents about this kind of notice. */
  helpUrl?: string;
}
export interface IncidentData extends EventTexts {
  because?: string;
  policy: { id: string; name: string };
  incident: Pick<
    Incident,
    | 'id'
    | 'state'
    | 'openedAt'
    | 'actedAt'
    | 'confirmedAt'
    | 'accessRestoredAt'
    | 'provisionalUntil'
    | 'closedAt'
    | 'recoverBy'
    | 'recoverByBecause'
    | 'recoverByIsEstimate'
  > & {
    drill: boolean;
    acknowledged?: { by: string; at: string };
    supportCase?: string;
    url?: string;
  };
  causes: {
    trigger: string;
    verdict: string;
    scope: string;
    since: string;
    summary: string;
    /** Who brought about this cause, as far as it is known. */
    actor?: Incident['actor'];
    remediation: EventStep[];
  }[];
  actor?: Incident['actor'];
  environments: {
    /** How many there are, and how many of them are listed here. */
    total: number;
    listed: number;
    items: Pick<
      AffectedEnvironment,
      'id' | 'displayName' | 'sku' | 'region' | 'state' | 'deletedAt' | 'deletionIsGuess' | 'recoverableUntil'
    >[];
  };
}
export interface WatchData extends EventTexts {
  /** `policies`: the names of the policies that this event adds. */
  gaps?: { text: string; remediation: string; since: string; policies?: string[] }[];
  /** How many visibility gaps that people know of remain. */
  remainingGaps?: number;
  warnings?: { severity: string; text: string; remediation: EventStep[] }[];
  moreWarnings?: number;
  undelivered?: {
    channel: string;
    reason: NoticeReason;
    since: string;
    because: string;
    /** Only these did not get it. */
    recipients?: string[];
  };
  channels?: RestoredChannel[];
  /** The silences that a person set, planned or ended. */
  silences?: (Pick<NoticeSilence, 'what' | 'from' | 'until' | 'vaultId'> &
    Record<'policy' | 'by' | 'why', string>)[];
}

/** With this many, one event stays below 256 KB for any names (Event Grid accepts 1 MB). */
const ENVIRONMENTS_LISTED = 200;
const CAUSES_LISTED = 12;
const MAX_GAPS_LISTED = 100;

/**
 * One event for each incident of the notice, or one for a notice about Lockwatch itself. Bounded in size;
 * pure.
 */
export function eventsOf(notice: Notice, options: SayOptions): LockwatchEvent[] {
  const common = {
    specversion: '1.0',
    source: notice.publicUrl ?? 'urn:lockwatch',
    time: notice.at,
    datacontenttype: 'application/json',
  } as const;
  const kind = upperFirst(notice.reason);
  if (notice.incidents.length === 0) {
    const data = watchData(notice, options);
    return [{ ...common, id: notice.messageId, type: `Lockwatch.Watch.${kind}`, data }];
  }
  return notice.incidents.map((one) => ({
    ...common,
    id: `${notice.messageId}.${one.incident.id}`,
    type: `Lockwatch.Incident.${kind}`,
    subject: one.incident.policyId,
    data: incidentData(notice, one, options),
  }));
}

function eventTexts(notice: Notice, options: SayOptions): EventTexts {
  const { reason, messageId, title, summary, deployment, helpUrl } = say(notice, options);
  return { reason, messageId, title, summary, deployment, helpUrl };
}

function incidentData(notice: Notice, one: NoticeIncident, options: SayOptions): IncidentData {
  const { incident, policyName, environments } = one;
  const items = environments.slice(0, ENVIRONMENTS_LISTED);
  return {
    ...eventTexts({ ...notice, incidents: [one] }, options),
    because: one.because === undefined ? undefined : plain(one.because, 500),
    policy: { id: incident.policyId, name: plain(policyName, 200) },
    incident: {
      id: incident.id,
      state: incident.state,
      drill: incident.drill === true,
      openedAt: incident.openedAt,
      actedAt: incident.actedAt,
      confirmedAt: incident.confirmedAt,
      accessRestoredAt: incident.accessRestoredAt,
      provisionalUntil: incident.provisionalUntil,
      closedAt: incident.closedAt,
      recoverBy: incident.recoverBy,
      recoverByBecause: plain(incident.recoverByBecause, 300),
      recoverByIsEstimate: incident.recoverByIsEstimate,
      acknowledged: incident.acknowledged && {
        by: plain(incident.acknowledged.by.name, 200),
        at: incident.acknowledged.at,
      },
      supportCase: incident.supportCase && plain(incident.supportCase.number, 100),
      url: pageLink(notice.publicUrl, incidentPath(incident.id)),
    },
    causes: incident.causes
      .slice(0, CAUSES_LISTED)
      .map(({ trigger, verdict, scope, since, operation, finding }) => ({
        trigger,
        verdict,
        scope,
        since,
        summary: plain(finding.summary, 500),
        actor: actorOf(operation?.actor),
        remediation: eventSteps(finding.remediation),
      })),
    actor: actorOf(incident.actor),
    environments: {
      total: Math.max(incident.environmentCount, environments.length),
      listed: items.length,
      items: items.map(
        ({ id, displayName, sku, region, state, deletedAt, deletionIsGuess, recoverableUntil }) => ({
          id: plain(id, 100),
          displayName: plain(displayName, 100),
          sku: plain(sku, 50),
          region: plain(region, 50),
          state,
          deletedAt,
          deletionIsGuess,
          recoverableUntil,
        }),
      ),
    },
  };
}

function actorOf(actor: Incident['actor']): Incident['actor'] {
  if (!actor) return undefined;
  const text = (value: string | undefined) => (value === undefined ? undefined : plain(value, 200));
  return {
    kind: actor.kind,
    name: text(actor.name),
    objectId: text(actor.objectId),
    application: text(actor.application),
    ipAddress: text(actor.ipAddress),
  };
}

function watchData(notice: Notice, options: SayOptions): WatchData {
  const { visibility, undelivered, silences } = notice;
  return {
    ...eventTexts(notice, options),
    gaps:
      visibility?.warnings || visibility?.channels
        ? undefined
        : visibility?.gaps.slice(0, MAX_GAPS_LISTED).map(({ text, remediation, since, policies }) => ({
            text: plain(text, 500),
            remediation: plain(remediation, 500),
            since,
            policies: policies?.map(({ name }) => plain(name, 100)),
          })),
    remainingGaps: visibility?.remainingGaps,
    warnings: visibility?.warnings?.items.map(({ severity, text, steps }) => ({
      severity,
      text: plain(text, 500),
      remediation: eventSteps(steps),
    })),
    moreWarnings: visibility?.warnings?.more,
    channels: visibility?.channels?.map((one) => ({ ...one, channel: plain(one.channel, 60) })),
    undelivered: undelivered && {
      ...undelivered,
      because: plain(undelivered.because, 500),
      recipients: undelivered.recipients?.map((one) => plain(one, 200)),
    },
    silences: silences
      ?.slice(0, MAX_GAPS_LISTED)
      .map(({ what, by, why, from, until, vaultId, policyName }) => ({
        what,
        policy: plain(policyName, 200),
        by: plain(by.name, 200),
        why: plain(why, 500),
        from,
        until,
        vaultId,
      })),
  };
}
