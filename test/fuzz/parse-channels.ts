import assert from 'node:assert/strict';
import fc from 'fast-check';
import { retiredAddress } from '../../shared/notices/channels/http/retired-host.ts';
import { channelRetryAfterMs } from '../../shared/notices/channels/http/retry-after.ts';
import { vendorFailure } from '../../shared/notices/channels/http/vendor-failure.ts';
import { WEBHOOK_SERVICES } from '../../shared/notices/channels/register.ts';
import { smtpFailure } from '../../shared/notices/channels/smtp/smtp-outcome.ts';
import { createTeamsChannel } from '../../shared/notices/channels/teams/teams.ts';
import { createWebhookChannel } from '../../shared/notices/channels/webhook/webhook.ts';
import type { Channel } from '../../shared/notices/notice.ts';
import { aNotice, anIncident, SAY } from '../notices/a-notice.ts';
import { corpusOf, fuzzed } from './fuzzed.ts';
import { oddText, PLANTED } from './mutate.ts';

interface Answered {
  channel: number;
  status: number;
  headers: Record<string, string>;
  body: string;
}

const URL_WITH_SECRET = `https://hooks.example.com/services/${PLANTED}?sig=${PLANTED}`;
const NOTICE = aNotice('opened', [anIncident('ep-a')]);
type Send = typeof fetch;

const CHANNELS: ((send: Send) => Channel)[] = [
  (send) => createTeamsChannel({ url: URL_WITH_SECRET, say: SAY, fetch: send }),
  ...WEBHOOK_SERVICES.map(
    ({ preset }) =>
      (send: Send) =>
        createWebhookChannel({
          name: 'webhook',
          url: URL_WITH_SECRET,
          setting: 'LOCKWATCH_WEBHOOK_URL',
          preset: preset({ say: SAY, secret: `lockwatch:${PLANTED}`, setting: 'LOCKWATCH_WEBHOOK_SECRET' }),
          fetch: send,
        }),
  ),
];

/** A service that quotes what it was sent, as some proxies do. */
const echo = fc.constantFrom(
  `{"code":"${PLANTED}"}`,
  `{"error":{"code":"Throttled","message":"${URL_WITH_SECRET}"}}`,
  `<html><title>Sign in</title>${PLANTED}</html>`,
  'channel_not_found',
  'ok',
);

/** A text that a header may hold. */
const headerText = oddText.map((text) => text.replace(/[^\x20-\x7e]/g, '').slice(0, 500));

const failures = fc.dictionary(
  fc.constantFrom('name', 'code', 'statusCode', 'responseCode', 'response', 'command', 'message'),
  fc.oneof(
    fc.constantFrom<unknown>(
      200,
      401,
      429,
      500,
      535,
      550,
      'EAUTH',
      'constructor',
      '__proto__',
      'DATA',
      PLANTED,
    ),
    oddText,
  ),
);

export const CHANNEL_PARSERS = [
  fuzzed({
    name: "a channel's answer",
    modules: [
      'notices/channels/http/http-post.ts',
      'notices/channels/http/receiver-words.ts',
      'notices/channels/webhook/webhook.ts',
      'notices/channels/teams/teams.ts',
    ],
    inputs: fc.record<Answered>({
      channel: fc.nat(CHANNELS.length - 1),
      status: fc.constantFrom(200, 202, 301, 400, 401, 403, 404, 410, 413, 429, 500, 503),
      headers: fc.dictionary(
        fc.constantFrom('retry-after', 'content-type'),
        fc.oneof(headerText, fc.constant('text/html')),
      ),
      body: fc.oneof(
        echo,
        oddText,
        ...corpusOf("a channel's answer").map((one) => fc.constant(String((one as Answered).body))),
      ),
    }),
    async parse({ channel, status, headers, body }) {
      const make = CHANNELS[channel];
      assert.ok(make);
      const send: Send = async () => new Response(body, { status, headers });
      return make(send).send(NOTICE, new AbortController().signal);
    },
    most: 800,
  }),
  fuzzed({
    name: "a mail server's or a library's failure",
    modules: [
      'notices/channels/event-grid/event-grid-topic.ts',
      'notices/channels/communication-services/acs-mail.ts',
      'notices/channels/http/token.ts',
    ],
    inputs: failures,
    parse(fields) {
      const error = Object.assign(new Error(PLANTED), fields);
      const about = { host: 'mail.example.com', setting: 'LOCKWATCH_SMTP_URL' };
      return [smtpFailure(error, about.host), vendorFailure(error, about), vendorFailure(fields, about)];
    },
    most: 2000,
  }),
  fuzzed({
    name: "a channel's Retry-After",
    modules: [],
    inputs: oddText,
    parse(header) {
      const wait = channelRetryAfterMs(header, Date.parse('2026-03-01T10:00:00Z'));
      assert.ok(wait === undefined || (wait >= 0 && wait <= 3_600_000), `waits ${wait} ms`);
      return wait;
    },
    most: 20,
  }),
  fuzzed({
    name: 'whether an address is at a retired host',
    modules: ['notices/channels/http/retired-host.ts'],
    inputs: fc.oneof(
      fc.constant(URL_WITH_SECRET.replace('hooks.example.com', 'x.webhook.office.com')),
      oddText,
    ),
    parse: (url) => retiredAddress(url, 'LOCKWATCH_TEAMS_WEBHOOK_URL', true) ?? '',
    most: 400,
  }),
];
