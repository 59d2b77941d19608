import { createHash } from 'node:crypto';
import { endsWithAccess, FIRST_ALERT } from '../../../incidents/alerts.ts';
import { isOnlyWarning } from '../../../incidents/causes.ts';
import type { Incident } from '../../../incidents/incident.ts';
import type { NoticeReason } from '../../../incidents/notice-reason.ts';
import { isMilderAlert } from '../../../visibility/warning-alerts.ts';
import type { Notice } from '../../notice.ts';
import type { SayOptions } from '../../say/say.ts';
import { eventsOf, type LockwatchEvent } from './lockwatch-event.ts';

export type AlertAction = 'trigger' | 'acknowledge' | 'resolve';
export type AlertSeverity = 'critical' | 'error' | 'warning' | 'info';

/** An alert at a system that keeps alerts open until they are resolved, and wakes people when one opens. */
export interface Alert {
  /** Constant for as long as the alert is the same. */
  key: string;
  /** In this order. */
  actions: AlertAction[];
  severity: AlertSeverity;
  /** A warning that wakes nobody: a service that pages people gets only its end, if it had opened an alert. */
  pagesNobody?: boolean;
  reason: NoticeReason;
  title: string;
  at: string;
  /** The policy's name, or "Lockwatch" if the notice is about Lockwatch itself. */
  about: string;
  /** The root cause's trigger and its scope, an ARM id. */
  cause?: { trigger: string; scope: string };
  url?: string;
  data: LockwatchEvent['data'];
}

/**
 * The alerts that a notice opens, adds to, acknowledges or ends: of each incident, or of Lockwatch itself. None:
 * it wakes nobody, and ends nothing. Pure.
 */
export function alertsOf(notice: Notice, options: SayOptions): Alert[] {
  const outdated = new Set(notice.outdated);
  return allAlertsOf(notice, options).flatMap((alert) => {
    const actions = alert.actions.filter((action) => !outdated.has(alertStepId(alert.key, action)));
    return actions.length > 0 ? [{ ...alert, actions }] : [];
  });
}

/** The part of a notice that decides which alerts it opens and ends. */
export type AlertNotice = Pick<Notice, 'reason' | 'visibility' | 'undelivered' | 'publicUrl'> & {
  incidents: { incident: Incident }[];
};

/** What a notice does to each alert, without its content. Pure. */
export function alertStepsOf(notice: AlertNotice): Pick<Alert, 'key' | 'actions'>[] {
  if (isAboutLockwatch(notice)) return watchAlerts(notice);
  return notice.incidents.flatMap(({ incident }) => stepsOf(notice.reason, incident));
}

/** Names one action on one alert. */
export function alertStepId(key: string, action: AlertAction): string {
  return `${key} ${action}`;
}

/** A channel that gave up is a need of its own, whatever the notice was about. */
function isAboutLockwatch({ incidents, undelivered }: AlertNotice): boolean {
  return incidents.length === 0 || undelivered !== undefined;
}

function allAlertsOf(notice: Notice, options: SayOptions): Alert[] {
  const events = eventsOf(notice, options);
  if (isAboutLockwatch(notice))
    return events.slice(0, 1).flatMap(({ data, time }) =>
      watchAlerts(notice).map((alert) => ({
        ...alert,
        reason: notice.reason,
        title: data.title,
        at: time,
        about: 'Lockwatch',
        url: notice.publicUrl,
        data,
      })),
    );
  return notice.incidents.flatMap(({ incident }, index) => {
    const event = events[index];
    if (!event || !('policy' in event.data)) return [];
    const { data, time } = event;
    return stepsOf(notice.reason, incident).map(({ key, actions }) => ({
      key,
      actions,
      severity: isOnlyWarning(incident) ? 'warning' : severityOf(incident, notice.reason),
      pagesNobody: isOnlyWarning(incident),
      reason: notice.reason,
      title: data.title,
      at: time,
      about: data.policy.name,
      cause: data.causes[0],
      url: data.incident.url,
      data,
    }));
  });
}

/** These open an alert or add to it; all others wake nobody. */
const TRIGGERS: ReadonlySet<NoticeReason> = new Set([
  'opened',
  'suspected',
  'confirmed',
  'worsened',
  'reminder',
  'deadline',
]);

/** What happens to the alerts of an incident. A service drops what concerns an alert that is not open. */
function stepsOf(reason: NoticeReason, incident: Incident): Pick<Alert, 'key' | 'actions'>[] {
  const { alerts = [FIRST_ALERT], alert } = incident.notification ?? {};
  const keyOf = (one: string) => `lockwatch-${incident.id}${one === FIRST_ALERT ? '' : `-${one}`}`;
  const each = (list: readonly string[], action: AlertAction) =>
    list.map((one) => ({ key: keyOf(one), actions: [action] }));
  // A drill must leave no alert open.
  if (reason === 'drill') return [{ key: keyOf(FIRST_ALERT), actions: ['trigger', 'resolve'] }];
  if (reason === 'closed' || incident.state === 'closed' || incident.state === 'dismissed')
    return each(alerts, 'resolve');
  if (reason === 'accessRestored') return each(alerts.filter(endsWithAccess), 'resolve');
  if (reason === 'acknowledged') return each(alerts, 'acknowledge');
  if (!TRIGGERS.has(reason) || (reason === 'reminder' && incident.state === 'accessRestored')) return [];
  const isInHand = incident.acknowledged && reason === 'reminder';
  return [{ key: keyOf(alert ?? FIRST_ALERT), actions: isInHand ? ['trigger', 'acknowledge'] : ['trigger'] }];
}

/** The instance that sends it: "Lockwatch contoso-prod". */
export function senderOf({ data: { deployment } }: Pick<Alert, 'data'>): string {
  return deployment === undefined ? 'Lockwatch' : `Lockwatch ${deployment}`;
}

function severityOf({ state, drill }: Incident, reason: NoticeReason): AlertSeverity {
  if (drill || reason === 'drill') return 'info';
  if (state === 'revoked') return 'critical';
  return state === 'suspected' ? 'error' : 'warning';
}

type WatchAlert = Pick<Alert, 'key' | 'actions' | 'severity' | 'pagesNobody'>;

function watchAlerts(notice: AlertNotice): WatchAlert[] {
  const { reason, visibility, undelivered, publicUrl } = notice;
  // Several installations may share one receiver.
  const key = (what: string) => `lockwatch-${shortHash(publicUrl ?? '')}-${what}`;
  const gaps = (action: AlertAction): WatchAlert[] =>
    (visibility?.gaps ?? []).slice(0, MAX_ALERTS).map(({ id, text }) => ({
      key: key(`gap-${shortHash(id ?? text)}`),
      actions: [action],
      severity: 'error',
    }));
  const channelAlert = (channel: string, action: AlertAction): WatchAlert => ({
    key: key(`undelivered-${channel}`),
    actions: [action],
    severity: 'error',
  });
  const warningAlert = (action: AlertAction) => (alert: string) => ({
    key: key(alert),
    actions: [action],
    severity: isMilderAlert(alert) ? milderSeverity(notice) : ('error' as const),
    pagesNobody: isMilderAlert(alert),
  });
  switch (reason) {
    case 'visibilityLost':
      return gaps('trigger');
    case 'visibilityRestored':
      return gaps('resolve');
    case 'warning': {
      const { opens = [], ends = [] } = visibility?.warnings?.alerts ?? {};
      return [...opens.map(warningAlert('trigger')), ...ends.map(warningAlert('resolve'))];
    }
    case 'drill':
      return [{ key: key('drill'), actions: ['trigger', 'resolve'], severity: 'info' }];
    case 'undelivered':
      return [channelAlert(undelivered?.channel ?? '', 'trigger')];
    case 'deliveryRestored':
      return (visibility?.channels ?? []).map(({ channel }) => channelAlert(channel, 'resolve'));
    default:
      return [];
  }
}

/** As many as a notice of lost visibility lists. */
const MAX_ALERTS = 100;

function milderSeverity({ visibility }: AlertNotice): AlertSeverity {
  return visibility?.warnings?.items.some(({ severity }) => severity === 'warning') ? 'warning' : 'info';
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
