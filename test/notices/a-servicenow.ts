import assert from 'node:assert/strict';
import { serviceNowPreset } from '../../shared/notices/channels/servicenow/webhook-servicenow.ts';
import { createWebhookChannel } from '../../shared/notices/channels/webhook/webhook.ts';
import type { Channel } from '../../shared/notices/notice.ts';
import { SAY } from './a-notice.ts';

/** An alert of Event Management, made from the events of one message key. */
export interface SnAlert {
  key: string;
  description: string;
  severity: string;
  isOpen: boolean;
}

/**
 * ServiceNow's Event Management by its published rules ("Event field format for event collection"): events of one
 * message key update the open alert of that key; one with severity 0 and the resolution state Closing closes it, and
 * a later one opens an alert again.
 */
export function aServiceNow(): {
  channel: Channel;
  alerts: SnAlert[];
  open(): SnAlert[];
  /** While it is down, it answers 503. */
  outage: { isDown: boolean };
} {
  const outage = { isDown: false };
  const alerts: SnAlert[] = [];
  const open = () => alerts.filter(({ isOpen }) => isOpen);
  const answer: typeof fetch = async (_url, init) => {
    if (outage.isDown) return new Response('Service Unavailable', { status: 503 });
    const { records } = JSON.parse(String(init?.body)) as { records: Record<string, string>[] };
    for (const { message_key: key, severity, resolution_state: state, description } of records) {
      assert.ok(key && severity && description && key.length <= 1024);
      const alert = open().find((one) => one.key === key);
      if (state === 'Closing') {
        if (alert) alert.isOpen = false;
      } else if (alert) Object.assign(alert, { description, severity });
      else alerts.push({ key, description, severity, isOpen: true });
    }
    return Response.json({ records: records.map(() => ({ __status: 'success' })) });
  };
  const channel = createWebhookChannel({
    name: 'webhook-servicenow',
    url: 'https://contoso.service-now.com/api/global/em/jsonv2',
    setting: 'LOCKWATCH_WEBHOOK_URL_SERVICENOW',
    preset: serviceNowPreset({ say: SAY, userAndPassword: 'lockwatch:password' }),
    fetch: answer,
  });
  return { channel, alerts, open, outage };
}
