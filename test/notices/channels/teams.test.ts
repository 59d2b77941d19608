import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { createTeamsChannel } from '../../../shared/notices/channels/teams/teams.ts';
import type { SendResult } from '../../../shared/notices/notice.ts';
import { aNotice, anIncident, SAY } from '../a-notice.ts';

const SIGNATURE = 'c2VjcmV0LXNpZ25hdHVyZQ';
const NOTICE = aNotice('opened', [anIncident('ep-a')]);

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** A webhook on loopback that answers as it is told, and a channel that posts to it. */
async function aWebhook(context: TestContext, handler: Handler, timeoutMs = 60_000) {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    handler(request, response, body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const url = `http://127.0.0.1:${port}/workflows/0123/triggers/manual?sig=${SIGNATURE}`;
  return createTeamsChannel({ url, say: SAY, timeoutMs });
}

const never = () => new AbortController().signal;

function holdsNoSecret(result: SendResult): void {
  const said = JSON.stringify(result);
  assert(!said.includes(SIGNATURE) && !said.includes('workflows') && !said.includes('sig='), said);
}

async function answerTo(context: TestContext, status: number, headers = {}, body = ''): Promise<SendResult> {
  const channel = await aWebhook(context, (_request, response) =>
    response.writeHead(status, headers).end(body),
  );
  const result = await channel.send(NOTICE, never());
  holdsNoSecret(result);
  return result;
}

test('a card is posted as JSON, and 202 counts as sent but not as delivered', async (context) => {
  const posts: { type: string | undefined; body: string; method: string | undefined }[] = [];
  const channel = await aWebhook(context, (request, response, body) => {
    posts.push({ type: request.headers['content-type'], body, method: request.method });
    response.writeHead(202).end();
  });
  const result = await channel.send(NOTICE, never());
  assert.equal(result.outcome, 'sent');
  assert.match(result.detail, /Accepted by 127.* \(202\); .*does not confirm delivery/);
  holdsNoSecret(result);
  assert.equal(posts.length, 1);
  assert.equal(posts[0]?.method, 'POST');
  assert.equal(posts[0]?.type, 'application/json');
  assert.equal(JSON.parse(posts[0]?.body ?? '').attachments.length, 1);
});

for (const status of [429, 503])
  test(`${status} with Retry-After is tried again after that time`, async (context) => {
    const result = await answerTo(context, status, { 'retry-after': '17' });
    assert(result.outcome === 'failed');
    assert.equal(result.permanent, false);
    assert.equal(result.retryAfterMs, 17_000);
  });

test('a Retry-After that is a date counts from now; one that is nonsense counts for nothing', async (context) => {
  const later = new Date(Date.now() + 60_000).toUTCString();
  const dated = await answerTo(context, 429, { 'retry-after': later });
  assert(dated.outcome === 'failed');
  assert(dated.retryAfterMs !== undefined && dated.retryAfterMs > 30_000 && dated.retryAfterMs <= 60_000);
  const nonsense = await answerTo(context, 429, { 'retry-after': 'soon' });
  assert(nonsense.outcome === 'failed' && nonsense.retryAfterMs === undefined);
});

test('a Retry-After of a year does not silence the channel for longer than an hour', async (context) => {
  const result = await answerTo(context, 503, { 'retry-after': '31536000' });
  assert(result.outcome === 'failed');
  assert.equal(result.retryAfterMs, 3_600_000);
});

for (const status of [400, 413])
  test(`${status} is permanent: the same card would be refused again`, async (context) => {
    const result = await answerTo(context, status);
    assert(result.outcome === 'failed' && result.permanent);
    assert.match(result.detail, new RegExp(`${status}`));
  });

test('400 because the workflow is turned off is tried again: an admin can turn it on', async (context) => {
  const error = { error: { code: 'WorkflowTriggerIsNotEnabled', message: `…${SIGNATURE}…` } };
  const result = await answerTo(context, 400, {}, JSON.stringify(error));
  assert(result.outcome === 'failed' && !result.permanent);
  assert.match(result.detail, /WorkflowTriggerIsNotEnabled.*turned off/);
});

test('401 because the flow wants a sign-in says what to set in the flow (wazuh-teams-workflows 4)', async (context) => {
  const error = {
    error: { code: 'DirectApiAuthorizationRequired', message: 'The request must be authenticated.' },
  };
  const result = await answerTo(context, 401, {}, JSON.stringify(error));
  assert(result.outcome === 'failed' && !result.permanent);
  assert.match(result.detail, /“Who can trigger the flow\?” to Anyone.*LOCKWATCH_TEAMS_WEBHOOK_URL/);
});

for (const status of [401, 403, 404, 410])
  test(`${status} is tried again, and says which setting to check`, async (context) => {
    const result = await answerTo(context, status, {}, `{"error":{"message":"${SIGNATURE}"}}`);
    assert(result.outcome === 'failed' && !result.permanent);
    assert.match(result.detail, /LOCKWATCH_TEAMS_WEBHOOK_URL/);
  });

for (const status of [408, 405, 500, 502])
  test(`${status} is tried again`, async (context) => {
    const result = await answerTo(context, status);
    assert(result.outcome === 'failed' && !result.permanent);
  });

test('a redirect is not followed', async (context) => {
  let requests = 0;
  const channel = await aWebhook(context, (_request, response) => {
    requests += 1;
    response.writeHead(307, { location: '/elsewhere' }).end();
  });
  const result = await channel.send(NOTICE, never());
  assert(result.outcome === 'failed' && !result.permanent);
  assert.match(result.detail, /redirects/);
  assert.equal(requests, 1);
});

test('a server that hangs is given up when the caller says so', async (context) => {
  const abort = new AbortController();
  const channel = await aWebhook(context, () => abort.abort());
  const result = await channel.send(NOTICE, abort.signal);
  assert(result.outcome === 'failed' && !result.permanent);
  assert.match(result.detail, /given up/);
  holdsNoSecret(result);
});

test('a server that hangs is given up after the channel’s own timeout', async (context) => {
  const channel = await aWebhook(context, () => undefined, 30);
  const result = await channel.send(NOTICE, never());
  assert(result.outcome === 'failed' && !result.permanent);
  assert.match(result.detail, /no answer in time/);
});

test('a connection that breaks is tried again, and its error holds no address', async (context) => {
  const channel = await aWebhook(context, (request) => request.socket.destroy());
  const result = await channel.send(NOTICE, never());
  assert(result.outcome === 'failed' && !result.permanent);
  assert.match(result.detail, /the request failed/);
  holdsNoSecret(result);
});

test('a server that is not there is tried again, and its error holds no address', async () => {
  const channel = createTeamsChannel({ url: `http://127.0.0.1:1/workflows?sig=${SIGNATURE}`, say: SAY });
  const result = await channel.send(NOTICE, never());
  assert(result.outcome === 'failed' && !result.permanent);
  holdsNoSecret(result);
});

test('an answer with an endless body is not read to its end', async (context) => {
  let written = 0;
  const channel = await aWebhook(context, (_request, response) => {
    response.writeHead(500);
    const more = () => {
      do written += 10_000;
      while (response.write('x'.repeat(10_000)));
    };
    response.on('drain', more).on('error', () => undefined);
    more();
  });
  const result = await channel.send(NOTICE, never());
  assert(written < 20_000_000, `${written} bytes were taken`);
  assert(result.outcome === 'failed' && !result.permanent);
});

test('an error of fetch that names the address does not pass it on', async () => {
  const url = `https://hooks.example.com/workflows?sig=${SIGNATURE}`;
  const failing: typeof fetch = () => Promise.reject(new TypeError(`Failed to fetch ${url}`));
  const result = await createTeamsChannel({ url, say: SAY, fetch: failing }).send(NOTICE, never());
  assert.equal(result.outcome, 'failed');
  assert.match(result.detail, /^hooks\.example\.com: /);
  holdsNoSecret(result);
});

test('an address that is none is refused at once, and not shown', () => {
  assert.throws(
    () => createTeamsChannel({ url: `not a url ${SIGNATURE}`, say: SAY }),
    (error: Error) => !`${error.stack}${JSON.stringify(error)}`.includes(SIGNATURE),
  );
});
