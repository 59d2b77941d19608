import { createHash } from 'node:crypto';
import { isOnlyWarning } from '../../../incidents/causes.ts';
import type { Incident } from '../../../incidents/incident.ts';
import type { NoticeReason } from '../../../incidents/notice-reason.ts';
import type { Notice } from '../../notice.ts';
import type { SayOptions } from '../../say/say.ts';
import { eventsOf, type LockwatchEvent } from './lockwatch-event.ts';

export type AlertAction = 'trigger' | 'acknowledge' | 'resolve';
export type AlertSeverity = 'critical' | 'error' | 'warning' | 'info';

/**
 * A notice in the form of a system that keeps alerts open until they are resolved: one alert for each
 * incident.
 */
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

/** One alert for each incident of the notice, or one for a notice about Lockwatch itself. Pure. */
export function alertsOf(notice: Notice, options: SayOptions): Alert[] {
  const events = eventsOf(notice, options);
  if (notice.incidents.length === 0)
    return events.map(({ data, time }) => ({
      ...watchAlert(notice),
      pagesNobody: PAGES_NOBODY.has(notice.reason),
      reason: notice.reason,
      title: data.title,
      at: time,
      about: 'Lockwatch',
      url: notice.publicUrl,
      data,
    }));
  return notice.incidents.flatMap(({ incident }, index) => {
    const event = events[index];
    if (!event || !('policy' in event.data)) return [];
    const { data, time } = event;
    return [
      {
        key: `lockwatch-${incident.id}`,
        actions: actionsOf(notice.reason, incident),
        severity: isOnlyWarning(incident) ? 'warning' : severityOf(incident, notice.reason),
        pagesNobody: isOnlyWarning(incident) || PAGES_NOBODY.has(notice.reason),
        reason: notice.reason,
        title: data.title,
        at: time,
        about: data.policy.name,
        cause: data.causes[0],
        url: data.incident.url,
        data,
      },
    ];
  });
}

/** Nothing is offline because of it: people read it when they read their messages. */
const PAGES_NOBODY: ReadonlySet<NoticeReason> = new Set(['silenced']);

/** These page people even if the incident is acknowledged. */
const LOUD: ReadonlySet<NoticeReason> = new Set(['opened', 'suspected', 'confirmed', 'worsened', 'deadline']);

function actionsOf(reason: NoticeReason, incident: Incident): AlertAction[] {
  // A drill must leave no alert open.
  if (reason === 'drill') return ['trigger', 'resolve'];
  if (reason === 'closed' || incident.state === 'closed' || incident.state === 'dismissed')
    return ['resolve'];
  return incident.acknowledged && !LOUD.has(reason) ? ['trigger', 'acknowledge'] : ['trigger'];
}

function severityOf({ state, drill }: Incident, reason: NoticeReason): AlertSeverity {
  if (drill || reason === 'drill') return 'info';
  if (state === 'revoked') return 'critical';
  return state === 'suspected' ? 'error' : 'warning';
}

function watchAlert({
  messageId,
  reason,
  visibility,
  undelivered,
  publicUrl,
}: Notice): Pick<Alert, 'key' | 'actions' | 'severity'> {
  // Several installations may share one receiver.
  const app = createHash('sha256')
    .update(publicUrl ?? '')
    .digest('hex')
    .slice(0, 8);
  const key = (what: string) => `lockwatch-${app}-${what}`;
  if (reason === 'visibilityLost')
    return { key: key('visibilityLost'), actions: ['trigger'], severity: 'error' };
  if (reason === 'visibilityRestored')
    return visibility && visibility.remainingGaps > 0
      ? { key: key('visibilityLost'), actions: ['trigger'], severity: 'warning' }
      : { key: key('visibilityLost'), actions: ['resolve'], severity: 'info' };
  if (reason === 'warning') {
    const severities = new Set(visibility?.warnings?.items.map(({ severity }) => severity));
    const severity = severities.has('urgent') ? 'error' : severities.has('warning') ? 'warning' : 'info';
    return { key: key('warnings'), actions: ['trigger'], severity };
  }
  if (reason === 'silenced')
    return { key: key(`silenced-${messageId}`), actions: ['trigger'], severity: 'info' };
  if (reason === 'drill') return { key: key('drill'), actions: ['trigger', 'resolve'], severity: 'info' };
  return {
    key: key(`${reason}${undelivered ? `-${undelivered.channel}` : ''}`),
    actions: ['trigger'],
    severity: 'error',
  };
}
