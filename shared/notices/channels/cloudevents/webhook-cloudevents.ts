import { createHmac } from 'node:crypto';
import type { SayOptions } from '../../say/say.ts';
import { eventsOf } from '../events/lockwatch-event.ts';
import type { WebhookPreset } from '../webhook/webhook.ts';
import type { WebhookService } from '../webhook/webhook-channel.ts';

export const cloudEvents: WebhookService = {
  name: 'cloudevents',
  secret: { meaning: 'the key that signs the body (HMAC)' },
  preset: cloudEventsPreset,
};

/**
 * One CloudEvent in structured mode per request (CloudEvents HTTP binding 1.0, 3.2). With a secret, the
 * signature covers the sending time and the body, so that a recorded request can't be replayed later.
 */
export function cloudEventsPreset(options: { say: SayOptions; secret?: string }): WebhookPreset {
  const { secret } = options;
  return {
    parts: (notice) =>
      eventsOf(notice, options.say).map((event) => ({
        key: event.id,
        headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' },
        body: JSON.stringify(event),
      })),
    secrets: secret ? [secret] : [],
    sign: secret ? (body, nowMs) => signatureHeaders(secret, body, nowMs) : undefined,
  };
}

/** The signature: HMAC-SHA256 over "<Unix seconds>.<body>", in hex. docs/integrate.md shows the check. */
function signatureHeaders(secret: string, body: string, nowMs: number): Record<string, string> {
  const timestamp = `${Math.floor(nowMs / 1000)}`;
  const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
  return { 'lockwatch-timestamp': timestamp, 'lockwatch-signature': `v1=${signature}` };
}
