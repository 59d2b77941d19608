import assert from 'node:assert/strict';
import { pagerDutyPreset } from '../../shared/notices/channels/pagerduty/webhook-pagerduty.ts';
import { createWebhookChannel } from '../../shared/notices/channels/webhook/webhook.ts';
import type { Channel } from '../../shared/notices/notice.ts';
import { SAY } from './a-notice.ts';

interface PdEvent {
  routing_key: string;
  event_action: string;
  dedup_key: string;
  payload?: { summary: string; source: string; severity: string };
}

/** An alert of PagerDuty: each is one page, when it opens. */
export interface PdAlert {
  key: string;
  summary: string;
  openedAt: string;
  state: 'triggered' | 'acknowledged' | 'resolved';
  /** Events that were added while it was open: they wake nobody. */
  added: number;
}

/**
 * PagerDuty by its published rules (Events API v2, "Send an alert event"): a trigger opens an alert unless one
 * with its key is open, whatever its state then is, and is added to that one otherwise; acknowledge and resolve
 * concern the open alert, and are dropped where there is none. `clock`: when an alert opened.
 */
export function aPagerDuty(clock: { now(): string }): {
  channel: Channel;
  pages: PdAlert[];
  open(): PdAlert[];
  /** While it is down, it answers 503. */
  outage: { isDown: boolean };
} {
  const pages: PdAlert[] = [];
  const open = () => pages.filter(({ state }) => state !== 'resolved');
  const take = (event: PdEvent): void => {
    const { event_action: action, dedup_key: key, payload } = event;
    const alert = open().find((one) => one.key === key);
    if (action === 'trigger') {
      assert.ok(payload && payload.summary.length <= 1024 && payload.source !== '');
      assert.ok(['critical', 'error', 'warning', 'info'].includes(payload.severity));
      if (alert) alert.added += 1;
      else pages.push({ key, summary: payload.summary, openedAt: clock.now(), state: 'triggered', added: 0 });
    } else if (alert) alert.state = action === 'acknowledge' ? 'acknowledged' : 'resolved';
  };
  const outage = { isDown: false };
  const answer: typeof fetch = async (_url, init) => {
    if (outage.isDown) return new Response('Service Unavailable', { status: 503 });
    const event: PdEvent = JSON.parse(String(init?.body));
    const isValid =
      event.routing_key === ROUTING_KEY &&
      ['trigger', 'acknowledge', 'resolve'].includes(event.event_action) &&
      event.dedup_key.length <= 255;
    if (isValid) take(event);
    return isValid
      ? Response.json(
          { status: 'success', message: 'Event processed', dedup_key: event.dedup_key },
          { status: 202 },
        )
      : Response.json(
          { status: 'invalid event', message: 'Event object is invalid', errors: [] },
          { status: 400 },
        );
  };
  const channel = createWebhookChannel({
    name: 'webhook-pagerduty',
    url: 'https://events.pagerduty.com/v2/enqueue',
    setting: 'LOCKWATCH_WEBHOOK_URL_PAGERDUTY',
    preset: pagerDutyPreset({
      say: SAY,
      routingKey: ROUTING_KEY,
      setting: 'LOCKWATCH_WEBHOOK_SECRET_PAGERDUTY',
    }),
    fetch: answer,
  });
  return { channel, pages, open, outage };
}

const ROUTING_KEY = 'r0123456789abcdef0123456789abcde';
