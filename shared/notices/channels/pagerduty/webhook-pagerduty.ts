import { HELP } from '../../say/message.ts';
import { truncate } from '../../say/plain.ts';
import type { SayOptions } from '../../say/say.ts';
import { type Alert, type AlertAction, alertStepId, alertsOf, senderOf } from '../events/alert.ts';
import { fieldOf } from '../http/vendor-failure.ts';
import type { WebhookPreset } from '../webhook/webhook.ts';
import type { WebhookService } from '../webhook/webhook-channel.ts';

export const pagerDuty: WebhookService = {
  name: 'pagerduty',
  secret: { meaning: 'the routing key', required: true },
  preset: ({ say, secret = '', setting }) => pagerDutyPreset({ say, routingKey: secret, setting }),
};

const ENVIRONMENTS_LISTED = 50;

/**
 * PagerDuty Events API v2 ("Send an alert event"): one event per alert and action. An event stays far below the API's 512 KB. A wrong routing key is
 * answered with 400, which an admin can fix.
 */
export function pagerDutyPreset(options: {
  say: SayOptions;
  routingKey: string;
  setting: string;
}): WebhookPreset {
  return {
    keepsAlerts: true,
    parts: (notice) =>
      alertsOf(notice, options.say).flatMap((alert) =>
        alert.actions
          .filter((action) => !alert.pagesNobody || action === 'resolve')
          .map((action) => ({
            key: alertStepId(alert.key, action),
            headers: {},
            body: JSON.stringify(eventOf(alert, action, options.routingKey)),
          })),
      ),
    secrets: [options.routingKey],
    // Events API v2: "status": "success".
    refusal: ({ json }) =>
      fieldOf(json, 'status') === 'success'
        ? undefined
        : { permanent: false, why: 'it does not say that it took the event.' },
    meaning: (status) =>
      status === 400
        ? {
            permanent: false,
            why: `it refuses the event; most often the routing key is wrong. Check ${options.setting}.`,
          }
        : undefined,
  };
}

function eventOf(alert: Alert, action: AlertAction, routingKey: string): object {
  const event = { routing_key: routingKey, event_action: action, dedup_key: truncate(alert.key, 255) };
  if (action !== 'trigger') return event;
  const { cause, url } = alert;
  const { helpUrl } = alert.data;
  return {
    ...event,
    client: senderOf(alert),
    client_url: url,
    links: [
      ...(url ? [{ href: url, text: 'This incident' }] : []),
      ...(helpUrl ? [{ href: helpUrl, text: HELP }] : []),
    ],
    payload: {
      summary: truncate(`Lockwatch: ${alert.title}`, 1024),
      source: cause?.scope ?? alert.about,
      severity: alert.severity,
      timestamp: alert.at,
      component: alert.about,
      group: 'Power Platform',
      class: cause?.trigger ?? alert.reason,
      custom_details: detailsOf(alert.data),
    },
  };
}

function detailsOf(data: Alert['data']): object {
  if (!('environments' in data)) return data;
  const items = data.environments.items.slice(0, ENVIRONMENTS_LISTED);
  return { ...data, environments: { ...data.environments, listed: items.length, items } };
}
