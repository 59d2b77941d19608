import { hash } from '../../../incidents/ids.ts';
import { truncate } from '../../say/plain.ts';
import type { SayOptions } from '../../say/say.ts';
import {
  type Alert,
  type AlertAction,
  type AlertSeverity,
  alertStepId,
  alertsOf,
  senderOf,
} from '../events/alert.ts';
import { MAX_CHARACTERS_READ } from '../http/http-post.ts';
import type { WebhookPreset } from '../webhook/webhook.ts';
import type { WebhookService } from '../webhook/webhook-channel.ts';

export const serviceNow: WebhookService = {
  name: 'servicenow',
  secret: {
    meaning: 'user:password',
    required: true,
    faultOf: (secret) =>
      /^[^:]+:./.test(secret)
        ? undefined
        : ' must be user:password for the preset servicenow (its value is not shown).',
  },
  preset: ({ say, secret = '' }) => serviceNowPreset({ say, userAndPassword: secret }),
};

/** The maximum records of one request: together below 5 MB for any content. */
const RECORDS_A_REQUEST = 20;
const ENVIRONMENTS_LISTED = 50;

/**
 * ServiceNow Event Management, web service API (`api/global/em/jsonv2`): an array of records, distinguished
 * by their message key. Field lengths as in "Event field format for event collection". Signs in with user and
 * password.
 */
export function serviceNowPreset(options: { say: SayOptions; userAndPassword: string }): WebhookPreset {
  const authorization = `Basic ${Buffer.from(options.userAndPassword, 'utf8').toString('base64')}`;
  return {
    keepsAlerts: true,
    secrets: options.userAndPassword.split(':'),
    refusal: ({ text, json }) =>
      isTaken(text, json)
        ? undefined
        : { permanent: false, why: 'it does not say that it took the records.' },
    parts(notice) {
      const records = alertsOf(notice, options.say).flatMap((alert) =>
        alert.actions
          .filter((action) => action !== 'acknowledge')
          .map((action) => ({ id: alertStepId(alert.key, action), record: recordOf(alert, action) })),
      );
      return Array.from({ length: Math.ceil(records.length / RECORDS_A_REQUEST) }, (_, part) => {
        const some = records.slice(part * RECORDS_A_REQUEST, (part + 1) * RECORDS_A_REQUEST);
        return {
          // By its records: a later try may leave out some that are outdated, and then the others move up.
          key: `part ${hash(some.map(({ id }) => id).join('|'), 16)}`,
          headers: { authorization, accept: 'application/json' },
          body: JSON.stringify({ records: some.map(({ record }) => record) }),
        };
      });
    },
  };
}

/**
 * JSON without an error in it, for the whole request or for a record (JSONv2 docs: `__status`, `__error`). The
 * answer repeats the records, so it may be longer than what is read.
 */
function isTaken(text: string, json: unknown): boolean {
  const isJson = (typeof json === 'object' && json !== null) || text.length >= MAX_CHARACTERS_READ;
  return (
    isJson &&
    /^\s*[{[]/.test(text) &&
    !/"(?:__)?error"\s*:\s*(?!null|""|\{\s*\}|\[\s*\])/.test(text) &&
    !/"(?:__)?status"\s*:\s*"(?:failure|failed|error)"/i.test(text)
  );
}

/** 1 critical, 2 major, 3 minor, 4 warning, 5 info, 0 clear. */
const SEVERITIES: Readonly<Record<AlertSeverity, string>> = {
  critical: '1',
  error: '2',
  warning: '4',
  info: '5',
};

function recordOf(alert: Alert, action: AlertAction): object {
  const isOver = action === 'resolve';
  return {
    source: 'Lockwatch',
    event_class: truncate(senderOf(alert), 100),
    node: truncate(alert.about, 100),
    resource: truncate(alert.cause?.scope.split('/').at(-1) ?? alert.about, 100),
    metric_name: truncate(alert.cause?.trigger ?? alert.reason, 100),
    type: 'Customer-managed key',
    message_key: truncate(alert.key, 1024),
    severity: isOver ? '0' : SEVERITIES[alert.severity],
    resolution_state: isOver ? 'Closing' : 'New',
    description: truncate(`${alert.title}. ${alert.url ?? ''}`.trim(), 4000),
    time_of_event: timeOf(alert.at, isOver && alert.actions.length > 1 ? 1000 : 0),
    additional_info: JSON.stringify(infoOf(alert)),
  };
}

/** "2025-11-23 02:13:53", UTC. A drill that begins and ends in one notice ends a second later. */
function timeOf(at: string, laterMs: number): string {
  const date = new Date(Date.parse(at) + laterMs);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, 19).replace('T', ' ');
}

function infoOf({ data }: Alert): object {
  if (!('environments' in data)) return data;
  const items = data.environments.items.slice(0, ENVIRONMENTS_LISTED);
  return { ...data, environments: { ...data.environments, listed: items.length, items } };
}
