import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import { createAcsMailChannel } from '../../shared/notices/channels/communication-services/acs-mail.ts';
import { createEventGridChannel } from '../../shared/notices/channels/event-grid/event-grid-topic.ts';
import { createGraphMailChannel } from '../../shared/notices/channels/graph/graph-mail.ts';
import { WEBHOOK_SERVICES } from '../../shared/notices/channels/register.ts';
import { createTeamsChannel } from '../../shared/notices/channels/teams/teams.ts';
import { createWebhookChannel, type WebhookPreset } from '../../shared/notices/channels/webhook/webhook.ts';
import type { Channel, SendResult } from '../../shared/notices/notice.ts';
import { aNotice, anIncident, SAY } from './a-notice.ts';
import { aCredential, aServer, type Got, never, TOKEN } from './a-server.ts';

const SECRET = 'c2VjcmV0LW9mLXRoZS1jaGFubmVs';
const NOTICE = aNotice('opened', [anIncident('ep-a')]);
const MAIL = { from: 'lockwatch@example.com', to: ['admins@example.com'], say: SAY };

interface Kind {
  name: string;
  tls?: boolean;
  /** The body by which this service says that it took the message; JSON of an operation where any will do. */
  accepted?: string;
  /** The one 2xx by which it does. */
  only?: number;
  /** Whether 400 can be fixed by an admin. */
  fixable400?: boolean;
  make(origin: string, timeoutMs: number): Channel;
}
const hook = (name: string, preset: WebhookPreset, more: Partial<Kind> = {}): Kind => ({
  name,
  ...more,
  make: (origin, timeoutMs) =>
    createWebhookChannel({
      name: 'webhook',
      url: `${origin}/hook?key=${SECRET}`,
      setting: 'LOCKWATCH_WEBHOOK_URL',
      preset,
      timeoutMs,
    }),
});
/** A webhook's service that answers 400 where an admin must act. */
const FIXABLE_400: ReadonlySet<string> = new Set(['pagerduty']);
/** By which a webhook's service says that it took the message. */
const ACCEPTED: Readonly<Record<string, string>> = {
  pagerduty: '{"status":"success","message":"Event processed"}',
  slack: 'ok',
};
const KINDS: Kind[] = [
  {
    name: 'Teams',
    make: (origin, timeoutMs) =>
      createTeamsChannel({ url: `${origin}/workflows?sig=${SECRET}`, say: SAY, timeoutMs }),
  },
  ...WEBHOOK_SERVICES.map(({ name, preset }) =>
    hook(
      `webhook, ${name}`,
      preset({ say: SAY, secret: `lockwatch:${SECRET}`, setting: 'LOCKWATCH_WEBHOOK_SECRET' }),
      { fixable400: FIXABLE_400.has(name), accepted: ACCEPTED[name] },
    ),
  ),
  {
    name: 'Graph',
    only: 202,
    make: (endpoint, timeoutMs) =>
      createGraphMailChannel({
        ...MAIL,
        endpoint,
        scope: 'x/.default',
        credential: aCredential(),
        timeoutMs,
      }),
  },
  {
    name: 'Communication Services',
    tls: true,
    make: (endpoint, timeoutMs) =>
      createAcsMailChannel({ ...MAIL, endpoint, credential: aCredential(), timeoutMs }),
  },
  {
    name: 'Event Grid',
    tls: true,
    fixable400: true,
    make: (origin, timeoutMs) =>
      createEventGridChannel({
        endpoint: `${origin}/api/events`,
        credential: aCredential(),
        say: SAY,
        timeoutMs,
      }),
  },
];

for (const kind of KINDS)
  describe(kind.name, () => {
    /** A service that answers each POST so, and knows of no earlier one. */
    const aService = async (
      context: TestContext,
      answer: (response: ServerResponse, got: Got) => void,
      timeoutMs = 60_000,
    ) => {
      const { origin, got } = await aServer(
        context,
        (request, response) => {
          if (request.method === 'GET') response.writeHead(404).end();
          else answer(response, request);
        },
        { tls: kind.tls },
      );
      const posts = () => got.filter(({ method }) => method === 'POST');
      return { channel: kind.make(origin, timeoutMs), posts, origin };
    };
    const answerTo = async (context: TestContext, status: number, headers = {}, body = '') => {
      const { channel } = await aService(context, (response) =>
        response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body),
      );
      const result = await channel.send(NOTICE, never());
      holdsNoSecret(result);
      return result;
    };

    for (const status of kind.only === undefined ? [200, 202] : [kind.only])
      it(`takes ${status} as sent`, async (context) => {
        const { channel, posts } = await aService(context, (response, { path }) =>
          response
            .writeHead(status, {
              'content-type': 'application/json',
              'operation-location': `https://localhost/${path}`,
            })
            .end(kind.accepted ?? '{"id":"1","status":"Succeeded"}'),
        );
        const result = await channel.send(NOTICE, never());
        assert.equal(result.outcome, 'sent', result.detail);
        assert.equal(posts().length, 1);
        holdsNoSecret(result);
      });

    for (const status of [408, 429, 500, 502, 503])
      it(`tries ${status} again, after the time that it asks for`, async (context) => {
        const result = await answerTo(context, status, { 'retry-after': '17' }, '{"error":{"code":"Busy"}}');
        assert(result.outcome === 'failed' && !result.permanent, result.detail);
        assert.equal(result.retryAfterMs, 17_000);
        assert.match(result.detail, new RegExp(`${status}.*busy or down`));
      });

    it('asks once, and leaves the waiting to the outbox', async (context) => {
      const { channel, posts } = await aService(context, (response) =>
        response.writeHead(429, { 'retry-after': '1' }).end(),
      );
      await channel.send(NOTICE, never());
      assert.equal(posts().length, 1);
    });

    for (const status of [400, 413, 422])
      it(`${status}: ${status === 400 && kind.fixable400 ? 'an admin can fix it' : 'would be refused again'}`, async (context) => {
        const result = await answerTo(context, status, {}, `{"error":{"message":"${SECRET}"}}`);
        assert(result.outcome === 'failed');
        assert.equal(result.permanent, !(status === 400 && kind.fixable400), result.detail);
        assert.match(result.detail, new RegExp(`${status}`));
      });

    for (const status of [401, 403, 404])
      it(`${status} is tried again and names the setting to check`, async (context) => {
        const result = await answerTo(context, status, {}, `{"error":{"message":"${SECRET}"}}`);
        assert(result.outcome === 'failed' && !result.permanent, result.detail);
        assert.match(result.detail, /LOCKWATCH_[A-Z_]+/);
      });

    it('follows no redirect', async (context) => {
      const { channel, posts } = await aService(context, (response) =>
        response.writeHead(307, { location: '/elsewhere' }).end(),
      );
      const result = await channel.send(NOTICE, never());
      assert(result.outcome === 'failed' && !result.permanent, result.detail);
      assert.match(result.detail, /redirects/);
      assert.equal(posts().length, 1);
    });

    it('gives up when the caller says so', async (context) => {
      const abort = new AbortController();
      const { channel } = await aService(context, () => abort.abort());
      const result = await channel.send(NOTICE, abort.signal);
      assert(result.outcome === 'failed' && !result.permanent, result.detail);
      assert.match(result.detail, /given up/);
      holdsNoSecret(result);
    });

    it('gives up a service that hangs after its own timeout', async (context) => {
      const { channel } = await aService(context, () => undefined, 300);
      const result = await channel.send(NOTICE, never());
      assert(result.outcome === 'failed' && !result.permanent, result.detail);
      assert.match(result.detail, /no answer in time|given up/);
    });

    it('tries again where the connection breaks', async (context) => {
      const { channel } = await aService(context, (response) => response.socket?.destroy());
      const result = await channel.send(NOTICE, never());
      assert(result.outcome === 'failed' && !result.permanent, result.detail);
      assert.match(result.detail, /the request failed: the connection was cut/);
      holdsNoSecret(result);
    });

    it('tries again where nobody listens', async () => {
      const result = await kind
        .make(`${kind.tls ? 'https' : 'http'}://127.0.0.1:1`, 5000)
        .send(NOTICE, never());
      assert(result.outcome === 'failed' && !result.permanent, result.detail);
      holdsNoSecret(result);
    });

    it('is not held up by a long error page', async (context) => {
      const result = await answerTo(context, 500, {}, 'x'.repeat(5_000_000));
      assert(result.outcome === 'failed' && !result.permanent, result.detail);
      assert(result.detail.length < 300);
    });

    for (const status of [kind.only ?? 200, 500])
      it(`reads the beginning of a ${status} that does not end`, async (context) => {
        let written = 0;
        const { channel } = await aService(context, (response) => {
          response.writeHead(status, { 'content-type': 'application/json' });
          const more = () => {
            do written += 10_000;
            while (response.write('x'.repeat(10_000)));
          };
          response.on('drain', more).on('error', () => undefined);
          more();
        });
        await channel.send(NOTICE, never());
        assert(written < 20_000_000, `${written} bytes were taken`);
      });

    it('takes an answer that is no JSON for what its status says', async (context) => {
      const result = await answerTo(context, 503, { 'content-type': 'application/json' }, '<html>');
      assert(result.outcome === 'failed' && !result.permanent, result.detail);
    });
  });

function holdsNoSecret(result: SendResult): void {
  const said = JSON.stringify(result);
  // A mail's own recipients are named; nothing else that looks like an address is.
  for (const secret of [SECRET, TOKEN, 'sig=', 'key=', 'lockwatch@', 'Bearer', 'Basic'])
    assert(!said.includes(secret), said);
}

for (const name of ['Graph', 'Communication Services', 'Event Grid'])
  it(`${name}: without a token nothing is sent, and it is tried again`, async (context) => {
    const kind = KINDS.find((one) => one.name === name);
    const { origin, got } = await aServer(context, (_got, response) => response.end(), { tls: kind?.tls });
    const error = Object.assign(new Error(`no identity at https://localhost?secret=${SECRET}`), {
      name: 'CredentialUnavailableError',
    });
    const credential = aCredential(error);
    const channel =
      name === 'Graph'
        ? createGraphMailChannel({
            ...MAIL,
            endpoint: origin,
            scope: 'https://graph.microsoft.com/.default',
            credential,
          })
        : name === 'Event Grid'
          ? createEventGridChannel({ endpoint: origin, credential, say: SAY })
          : createAcsMailChannel({ ...MAIL, endpoint: origin, credential });
    const result = await channel.send(NOTICE, never());
    assert(result.outcome === 'failed' && !result.permanent);
    assert.match(result.detail, /No token of the app's identity .*CredentialUnavailableError/);
    assert.equal(got.length, 0);
    holdsNoSecret(result);
  });
