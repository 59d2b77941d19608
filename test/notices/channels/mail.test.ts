import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { simpleParser } from 'mailparser';
import { createAcsMailChannel } from '../../../shared/notices/channels/communication-services/acs-mail.ts';
import { createGraphMailChannel } from '../../../shared/notices/channels/graph/graph-mail.ts';
import { recipientsOf } from '../../../shared/notices/channels/mail/recipients.ts';
import { createEmailChannel } from '../../../shared/notices/channels/smtp/smtp.ts';
import { aNotice, anEnvironment, anIncident, policyId, SAY } from '../a-notice.ts';
import { type Answer, aCredential, aServer, never, TOKEN } from '../a-server.ts';
import { anSmtpServer } from '../an-smtp-server.ts';

const NOTICE = aNotice('opened', [anIncident('ep-a')]);
const MAIL = { from: 'lockwatch@example.com', to: ['admins@example.com', 'oncall@example.com'], say: SAY };

describe('the recipients', () => {
  const to = ['admins@example.com', 'oncall@example.com'];
  const owners = {
    'ep-a': ['owner-a@example.com', 'Admins@example.com'],
    [policyId('ep-b').toLowerCase()]: ['owner-b@example.com'],
    'ep-other': ['owner-other@example.com'],
  };

  it('are everybody, and the owners of each policy in the notice by its name or id, each once', () => {
    const notice = aNotice('opened', [anIncident('EP-A'), anIncident('ep-b')]);
    assert.deepEqual(recipientsOf(notice, { to, owners }), [
      'admins@example.com',
      'oncall@example.com',
      'owner-a@example.com',
      'owner-b@example.com',
    ]);
  });

  it('of a notice about the watch itself are those who get everything', () => {
    assert.deepEqual(recipientsOf(aNotice('visibilityLost', []), { to, owners }), to);
    assert.deepEqual(recipientsOf(NOTICE, { to }), to);
  });

  it('are the same for every transport', async (context) => {
    const smtp = await anSmtpServer(context);
    const { origin: graph, got: toGraph } = await aServer(context, (_got, response) =>
      response.writeHead(202).end(),
    );
    const { origin: acs, got: toAcs } = await aServer(context, acsAnswer(), { tls: true });
    const credential = aCredential();
    const options = { ...MAIL, owners };
    await createEmailChannel({ ...options, smtpUrl: smtp.url }).send(NOTICE, never());
    await createGraphMailChannel({ ...options, endpoint: graph, scope: 'x', credential }).send(
      NOTICE,
      never(),
    );
    await createAcsMailChannel({ ...options, endpoint: acs, credential }).send(NOTICE, never());
    const wanted = ['admins@example.com', 'oncall@example.com', 'owner-a@example.com'];
    const addresses = (mail: { to?: unknown } | undefined) =>
      [...JSON.stringify(mail?.to).matchAll(/"address":"([^"]+)"/g)].map(([, address]) => address);
    assert.deepEqual(addresses(smtp.mails[0]), wanted);
    assert.deepEqual(addresses(await mimeIn(toGraph[0]?.body)), wanted);
    const sent = toAcs.find(({ method }) => method === 'POST');
    assert.deepEqual(addresses(JSON.parse(sent?.body ?? '').recipients), wanted);
  });
});

for (const tls of ['smtps', 'starttls'] as const)
  test(`SMTP: ${tls === 'smtps' ? 'TLS from the start' : 'STARTTLS'}, with a certificate that is trusted`, async (context) => {
    let isSecure = false;
    const { url, mails } = await anSmtpServer(
      context,
      {
        onMailFrom(_address, session, callback) {
          isSecure = session.secure;
          callback();
        },
      },
      tls,
    );
    const result = await createEmailChannel({ ...MAIL, smtpUrl: url }).send(NOTICE, never());
    assert.equal(result.outcome, 'sent', result.detail);
    assert.deepEqual([mails.length, isSecure], [1, true]);
  });

test('SMTP: a certificate for another name gets neither mail nor password', async (context) => {
  const seen: unknown[] = [];
  const { port, mails } = await anSmtpServer(
    context,
    {
      onAuth(auth, _session, callback) {
        seen.push(auth);
        callback(null, { user: 'x' });
      },
    },
    'smtps',
  );
  const channel = createEmailChannel({
    ...MAIL,
    smtpUrl: `smtps://u:secret@relay.example.com:${port}`,
    async loadTransport(options) {
      const { createTransport } = await import('nodemailer');
      // The name resolves to this host; the certificate is not for it.
      return createTransport({ ...options, host: '127.0.0.1', tls: { servername: 'relay.example.com' } });
    },
  });
  const result = await channel.send(NOTICE, never());
  assert(result.outcome === 'failed' && !result.permanent);
  assert.deepEqual([mails.length, seen.length], [0, 0]);
});

test('SMTP: XOAUTH2 signs in as the user of the URL, or as the sender, with a token for the scope', async (context) => {
  const seen: unknown[] = [];
  const { port } = await anSmtpServer(context, {
    authMethods: ['XOAUTH2'],
    onAuth({ method, username, accessToken }, _session, callback) {
      seen.push([method, username, accessToken]);
      callback(null, { user: 'x' });
    },
  });
  const credential = aCredential();
  const signIn = { credential, scope: 'https://outlook.office365.com/.default' };
  for (const user of ['box%40example.com@', '']) {
    const smtpUrl = `smtp://${user}127.0.0.1:${port}`;
    const result = await createEmailChannel({ ...MAIL, smtpUrl, signIn }).send(NOTICE, never());
    assert.equal(result.outcome, 'sent', result.detail);
    assert(!JSON.stringify(result).includes(TOKEN));
  }
  assert.deepEqual(seen, [
    ['XOAUTH2', 'box@example.com', TOKEN],
    ['XOAUTH2', 'lockwatch@example.com', TOKEN],
  ]);
  assert.deepEqual(credential.scopes, [signIn.scope, signIn.scope]);
});

async function mimeIn(body: string | undefined) {
  return await simpleParser(Buffer.from(body ?? '', 'base64'));
}

describe('Microsoft Graph', () => {
  it('gets the whole mail as MIME, so that the mails of an incident stay together', async (context) => {
    const { origin, got } = await aServer(context, (_got, response) => response.writeHead(202).end());
    const credential = aCredential();
    const scope = 'https://graph.microsoft.com/.default';
    const channel = createGraphMailChannel({ ...MAIL, endpoint: `${origin}/`, scope, credential });
    const result = await channel.send(NOTICE, never());
    assert.deepEqual(result, {
      outcome: 'sent',
      detail: "Accepted by the sender's mailbox for 2.",
      answer: '202, without words',
    });
    await channel.send(NOTICE, never());
    const [first, again] = got;
    assert.equal(first?.path, '/v1.0/users/lockwatch%40example.com/sendMail');
    assert.equal(first?.headers.authorization, `Bearer ${TOKEN}`);
    assert.equal(first?.headers['content-type'], 'text/plain');
    assert.deepEqual(credential.scopes, [scope, scope]);
    const mail = await mimeIn(first?.body);
    assert.equal(mail.messageId, '<a1b2c3d4@example.com>');
    assert.equal(mail.inReplyTo, '<incident.incident-of-ep-a@example.com>');
    assert.match(mail.text ?? '', /az keyvault key set-attributes/);
    assert.match(String(mail.html), /<h1/);
    assert.equal((await mimeIn(again?.body)).messageId, mail.messageId);
  });

  it('gets another token with the next try where it refused the first', async (context) => {
    const { origin, got } = await aServer(context, ({ headers }, response) =>
      response.writeHead(headers.authorization === 'Bearer another' ? 202 : 401).end(),
    );
    let token = TOKEN;
    const credential = {
      getToken: async () => ({ token, expiresOnTimestamp: Number.MAX_SAFE_INTEGER }),
      replace: async () => {
        token = 'another';
        return { token, expiresOnTimestamp: Number.MAX_SAFE_INTEGER };
      },
    };
    const channel = createGraphMailChannel({ ...MAIL, endpoint: origin, scope: 'x', credential });
    const results = [await channel.send(NOTICE, never()), await channel.send(NOTICE, never())];
    assert.deepEqual(
      results.map(({ outcome }) => outcome),
      ['failed', 'sent'],
    );
    assert.equal(got.length, 2);
  });

  it('stays below its 4 MB for 10,000 environments', async (context) => {
    const { origin, got } = await aServer(context, (_got, response) => response.writeHead(202).end());
    const many = Array.from({ length: 10_000 }, (_, n) =>
      anEnvironment(n, { displayName: '😀'.repeat(100) }),
    );
    const channel = createGraphMailChannel({
      ...MAIL,
      endpoint: origin,
      scope: 'x',
      credential: aCredential(),
    });
    await channel.send(aNotice('opened', [anIncident('ep-a', {}, many)]), never());
    assert((got[0]?.body.length ?? 0) < 3_500_000, `${got[0]?.body.length}`);
  });
});

/** As Communication Services answers: it knows what was handed over by its operation id. */
function acsAnswer(
  behaviour: { post?: Answer; state?: (operationId: string) => object | undefined; known?: Set<string> } = {},
): Answer {
  const known = behaviour.known ?? new Set<string>();
  return (got, response, raw) => {
    const json = (status: number, body: object, headers = {}) =>
      response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(JSON.stringify(body));
    const asked = /^\/emails\/operations\/([^?]+)/.exec(got.path)?.[1] ?? '';
    if (got.method === 'GET') {
      const state =
        behaviour.state?.(asked) ?? (known.has(asked) ? { id: asked, status: 'Running' } : undefined);
      return state ? json(200, state, { 'retry-after': '30' }) : json(404, { error: { code: 'NotFound' } });
    }
    const id = String(got.headers['operation-id']);
    known.add(id);
    if (behaviour.post) return behaviour.post(got, response, raw);
    json(
      202,
      { id, status: 'Running' },
      {
        'operation-location': `https://${got.headers.host}/emails/operations/${id}?api-version=2023-03-31`,
        'retry-after': '3600',
      },
    );
  };
}

describe('Communication Services', () => {
  const aChannel = async (context: Parameters<typeof aServer>[0], answer: Answer) => {
    const { origin, got } = await aServer(context, answer, { tls: true });
    const credential = aCredential();
    const posts = () => got.filter(({ method }) => method === 'POST');
    return {
      channel: createAcsMailChannel({ ...MAIL, endpoint: origin, credential }),
      got,
      posts,
      credential,
    };
  };

  it('is handed the mail once, and is asked again later whether it could send it', async (context) => {
    const { channel, got, posts, credential } = await aChannel(context, acsAnswer());
    // Slept through, the answer's Retry-After of an hour would outlast the test.
    const result = await channel.send(NOTICE, never());
    assert.equal(result.outcome, 'accepted', result.detail);
    const [sent] = posts();
    const mail = JSON.parse(sent?.body ?? '');
    assert.equal(mail.senderAddress, 'lockwatch@example.com');
    assert.match(mail.content.subject, /2 environments offline/);
    assert.match(mail.content.html, /<h1/);
    assert.match(mail.content.plainText, /az keyvault/);
    assert.equal(mail.headers['In-Reply-To'], '<incident.incident-of-ep-a@example.com>');
    assert.equal(mail.userEngagementTrackingDisabled, true);
    assert.match(String(sent?.headers['operation-id']), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert(got.length <= 3, `${got.length} requests`);
    assert(credential.scopes.every((scope) => scope === 'https://communication.azure.com//.default'));
  });

  it('gets another token, once, where it refuses the first', async (context) => {
    const answer = acsAnswer();
    const { origin, got } = await aServer(
      context,
      (request, response, raw) =>
        request.headers.authorization === 'Bearer another'
          ? answer(request, response, raw)
          : response.writeHead(401).end(),
      { tls: true },
    );
    const another = { token: 'another', expiresOnTimestamp: Number.MAX_SAFE_INTEGER };
    const credential = { ...aCredential(), replace: async () => another };
    const channel = createAcsMailChannel({ ...MAIL, endpoint: origin, credential });
    const result = await channel.send(NOTICE, never());
    assert.equal(result.outcome, 'accepted', result.detail);
    assert.equal(got.filter(({ method }) => method === 'POST').length, 2);
  });

  it('an answer that was lost is asked after, and the mail is not sent twice', async (context) => {
    const { channel, posts } = await aChannel(
      context,
      acsAnswer({ post: (_got, response) => response.socket?.destroy() }),
    );
    const first = await channel.send(NOTICE, never());
    assert(first.outcome === 'failed' && !first.permanent);
    const second = await channel.send(NOTICE, never());
    assert.equal(second.outcome, 'accepted', second.detail);
    assert.equal(posts().length, 1);
    await channel.send({ ...NOTICE, messageId: 'another' }, never());
    assert.equal(posts().length, 2, 'another notice has an operation of its own');
  });

  it('a mail that it took and could not send is a failure for good, with its code and no more', async (context) => {
    const { channel, posts } = await aChannel(
      context,
      acsAnswer({
        state: () => undefined,
        post: ({ headers }, response) =>
          response.writeHead(202, { 'content-type': 'application/json' }).end(
            JSON.stringify({
              id: headers['operation-id'],
              status: 'Failed',
              error: { code: 'EmailDroppedAllRecipientsSuppressed', message: 'admins@example.com' },
            }),
          ),
      }),
    );
    const result = await channel.send(NOTICE, never());
    assert(result.outcome === 'failed' && result.permanent, result.detail);
    assert.match(result.detail, /EmailDroppedAllRecipientsSuppressed/);
    assert.match(result.detail, /admins@example\.com .*, oncall@example\.com/);
    assert(!result.detail.includes('lockwatch@'));
    assert.equal(posts().length, 1);
  });

  it('so is one that the poll after it finds failed', async (context) => {
    const { channel } = await aChannel(
      context,
      acsAnswer({
        state: (id) =>
          handed.has(id) ? { id, status: 'Failed', error: { code: 'EmailDropped' } } : undefined,
        known: handed,
      }),
    );
    const result = await channel.send(NOTICE, never());
    assert(result.outcome === 'failed' && result.permanent, result.detail);
    assert.match(result.detail, /EmailDropped/);
  });
  const handed = new Set<string>();

  it('the poll that fails after the mail was taken does not make it be sent again', async (context) => {
    let rechecks = 0;
    const { channel, posts } = await aChannel(context, (got, response, raw) => {
      if (got.method === 'GET' && ++rechecks > 1) response.writeHead(429, { 'retry-after': '60' }).end();
      else acsAnswer()(got, response, raw);
    });
    const result = await channel.send(NOTICE, never());
    assert.equal(result.outcome, 'accepted', result.detail);
    assert.equal(posts().length, 1);
  });

  it('a service that takes no headers of ours gets the mail without', async (context) => {
    const { channel, posts } = await aChannel(context, (got, response, raw) =>
      got.method === 'POST' && got.body.includes('In-Reply-To')
        ? response.writeHead(400).end('{"error":{"code":"BadRequest"}}')
        : acsAnswer()(got, response, raw),
    );
    const result = await channel.send(NOTICE, never());
    assert.equal(result.outcome, 'accepted', result.detail);
    assert.equal(posts().length, 2);
  });

  it('a look that hangs leaves time to send', async (context) => {
    const { origin, got } = await aServer(
      context,
      (request, response, raw) => {
        if (request.method === 'POST') acsAnswer()(request, response, raw);
      },
      { tls: true },
    );
    const channel = createAcsMailChannel({
      ...MAIL,
      endpoint: origin,
      credential: aCredential(),
      timeoutMs: 6_000,
    });
    const result = await channel.send(NOTICE, never());
    assert.equal(result.outcome, 'accepted', result.detail);
    assert.equal(got.filter(({ method }) => method === 'POST').length, 1);
  });
});
