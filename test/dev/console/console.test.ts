import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, get } from 'node:http';
import { request } from 'node:https';
import { after, describe, test } from 'node:test';
import { createTransport } from 'nodemailer';
import { serveConsole } from '../../../dev/console/serve-console.ts';
import { startReceivers } from '../../../dev/receivers/receivers.ts';
import { startTestSimulator, testCertificate } from '../azure-simulator/harness.ts';

const ends: (() => unknown)[] = [];
after(async () => {
  for (const end of ends) await end();
});

const NASTY = '<img src=x onerror=alert(1)>';

describe('the console', async () => {
  const { certFile, keyFile } = await testCertificate();
  const ca = await readFile(certFile, 'utf8');
  const receivers = await startReceivers({ cert: ca, key: await readFile(keyFile, 'utf8') });
  ends.push(() => receivers.stop());
  // Nothing takes the events there: they wait, as when a queue is out of reach.
  const simulator = await startTestSimulator({ queueEndpoint: 'https://127.0.0.1:9/account' });
  const incident = {
    id: '0278425bf67f5626585d-1',
    policyId: '/subscriptions/s/enterprisePolicies/ep-<b>sales',
    state: 'revoked',
    noEnvironments: false,
    openedAt: '2026-11-20T10:00:30.000Z',
    acknowledged: null,
    triggers: [{ trigger: 'key-disabled' }],
  };
  const lockwatch = createServer((_request, response) =>
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ incidents: [incident] })),
  );
  await once(lockwatch.listen(0, '127.0.0.1'), 'listening');
  ends.push(() => lockwatch.close());
  const address = lockwatch.address();
  assert.ok(typeof address === 'object' && address !== null);
  const appUrl = `http://127.0.0.1:${address.port}`;
  const moved: number[] = [];
  const shown = await serveConsole({
    port: 0,
    simulatorUrl: simulator.control,
    receiversUrl: receivers.readUrl,
    appUrl,
    sweepSeconds: 30,
    moveAhead: async (ms) => void moved.push(ms),
  });
  ends.push(() => shown.stop());
  const page = async () => (await fetch(`${shown.url}/`)).text();
  const submit = async (
    path: string,
    fields: Record<string, string>,
    headers: Record<string, string> = {},
  ) => {
    const answer = await fetch(`${shown.url}${path}`, {
      method: 'POST',
      body: new URLSearchParams(fields),
      headers: { accept: 'application/json', ...headers },
      redirect: 'manual',
    });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      said: text === '' ? '' : String(JSON.parse(text).said),
    };
  };
  const card = (...body: object[]) =>
    JSON.stringify({ type: 'message', attachments: [{ content: { type: 'AdaptiveCard', body } }] });
  const post = (body: string) =>
    new Promise<void>((resolve, reject) => {
      request(receivers.teamsUrl, { method: 'POST', ca, agent: false }, (answer) =>
        answer.resume().on('end', () => resolve()),
      )
        .on('error', reject)
        .end(body);
    });

  test('shows vaults, keys, policies and environments, and offers no change where no key is simulated', async () => {
    const html = await page();
    for (const shownThere of [
      'kv-contoso-eu',
      'cmk-finance',
      'ep-finance',
      'People &amp; Culture',
      'Can use its key',
    ])
      assert.ok(html.includes(shownThere), shownThere);
    assert.doesNotMatch(html, /People & Culture/);
    assert.match(
      html,
      /ep-hsm \(Managed HSM, which is not simulated\), ep-network \(NetworkInjection: it has no key\)/,
    );
    assert.doesNotMatch(html, /name="policy" value="ep-(hsm|network)"/);
  });

  test('offers every scenario with what Azure would show of it', async () => {
    const html = await page();
    const scenarios = (await (await fetch(`${simulator.control}/scenarios`)).json()) as {
      name: string;
      group: string;
    }[];
    for (const { name, group } of scenarios) {
      assert.ok(html.includes(`name="scenario" value="${name}"`), name);
      assert.ok(html.includes(`<summary>${group}</summary>`), group);
    }
    assert.match(html, /Azure shows: Microsoft\.KeyVault\.KeyExpired\./);
    assert.match(html, /Azure shows no event: Key Vault raises no Event Grid event for it/);
  });

  test('what was done is shown with its undo, and what is locked then re-enabled', async () => {
    const offered = async () =>
      [
        ...(await page()).matchAll(/value="ep-field"><button name="scenario" value="([^"]+)" class="main"/g),
      ].map(([, scenario]) => scenario);
    assert.deepEqual(await offered(), []);
    const done = await submit('/scenario', { scenario: 'key-disabled', policy: 'ep-field' });
    assert.match(done.said, /^Done: key-disabled on ep-field\. Azure shows Lockwatch no event/);
    assert.match(
      await page(),
      /Because the key version in use is disabled\. The policy calls itself Unhealthy\./,
    );
    assert.deepEqual(await offered(), ['undo-key-disabled']);
    await submit('/scenario', { scenario: 'undo-key-disabled', policy: 'ep-field' });
    assert.deepEqual(await offered(), ['reenable-environment']);
    await submit('/scenario', { scenario: 'reenable-environment', policy: 'ep-field' });
    assert.deepEqual(await offered(), []);
  });

  test('an event that Azure shows is named, and so is where the simulation differs from Azure', async () => {
    const { said } = await submit('/scenario', { scenario: 'policy-deleted', policy: 'ep-apps' });
    assert.match(
      said,
      /Azure shows Lockwatch an event: Microsoft\.PowerPlatform\/enterprisePolicies\/delete\./,
    );
    assert.match(said, /Azure would refuse this: 2 environments link to it/);
    assert.match(await page(), /Azure would refuse this: 2 environments link to it/);
  });

  test('a scenario that the simulator refuses is answered with its reason', async () => {
    const refused = await submit('/scenario', { scenario: 'undo-vault-deleted' });
    assert.equal(refused.status, 409);
    assert.match(refused.said, /^It was not done\. /);
    assert.equal((await submit('/scenario', { scenario: '../faults' })).status, 400);
  });

  test('without the script a form leads back to the page', async () => {
    const answer = await submit('/scenario', { scenario: 'rotate-key' }, { accept: 'text/html' });
    assert.equal(answer.status, 303);
    assert.equal(answer.headers.get('location'), '/');
  });

  test('shows what arrived on every channel, the newest first, with nothing unescaped', async () => {
    await post(card({ type: 'TextBlock', text: `${NASTY} [go](javascript:alert)` }));
    const transport = createTransport({ url: receivers.smtpUrl, tls: { ca } });
    await transport.sendMail({
      from: 'a@example.com',
      to: 'b@example.com',
      subject: NASTY,
      text: NASTY,
      html: NASTY,
    });
    transport.close();
    const html = await page();
    const numbers = [...html.matchAll(/data-number="(\d+)"/g)].map(([, number]) => number);
    assert.deepEqual(numbers, ['2', '1']);
    assert.match(html, /&lt;img src=x/);
    assert.doesNotMatch(html, /<img|href="javascript/);
    assert.match(html, /<iframe [^>]*sandbox="allow-popups"/);
    assert.match(html, /1 card, 1 email, 0 events/);
  });

  test('each open incident leads to its page of Lockwatch', async () => {
    assert.match(
      await page(),
      new RegExp(
        `<a href="${appUrl}/incidents/0278425bf67f5626585d-1"><strong>ep-&lt;b&gt;sales</strong>: key-disabled</a>`,
      ),
    );
  });

  test('moves the time ahead by the offered steps only', async () => {
    assert.match((await submit('/clock', { ahead: '1h' })).said, /^It is 1 hour later now/);
    assert.equal((await submit('/clock', { ahead: '-1h' })).status, 400);
    assert.deepEqual(moved, [3_600_000]);
  });

  test('a page of another site, and a foreign name that leads here, change nothing', async () => {
    const before = (await (await fetch(`${simulator.control}/events`)).json()) as unknown[];
    const asked = { scenario: 'key-deleted', policy: 'ep-sales' };
    assert.equal((await submit('/scenario', asked, { origin: 'https://evil.example' })).status, 403);
    assert.equal((await submit('/scenario', asked, { origin: 'null' })).status, 403);
    const rebound = await new Promise<number | undefined>((resolve, reject) => {
      get(shown.url, { headers: { host: 'evil.example' } }, (answer) =>
        resolve(answer.resume().statusCode),
      ).on('error', reject);
    });
    assert.equal(rebound, 403);
    assert.equal(
      ((await (await fetch(`${simulator.control}/events`)).json()) as unknown[]).length,
      before.length,
    );
  });

  test('a part that does not answer leaves its place empty, and the page says so', async () => {
    const dead = 'http://127.0.0.1:9';
    const alone = await serveConsole({
      port: 0,
      simulatorUrl: dead,
      receiversUrl: dead,
      appUrl: dead,
      sweepSeconds: 30,
    });
    ends.push(() => alone.stop());
    const html = await (await fetch(`${alone.url}/`)).text();
    assert.match(html, /Lockwatch does not answer just now/);
    assert.match(html, /The Azure simulator does not answer just now/);
    assert.doesNotMatch(html, /Move the time/);
    const answer = await fetch(`${alone.url}/scenario`, {
      method: 'POST',
      body: new URLSearchParams({ scenario: 'key-disabled' }),
      headers: { accept: 'application/json' },
    });
    assert.deepEqual(await answer.json(), {
      said: 'It was not done. The Azure simulator does not answer.',
      waits: false,
    });
  });
});
