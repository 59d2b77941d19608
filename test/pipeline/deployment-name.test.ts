import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { simpleParser } from 'mailparser';
import { answer } from '../../shared/api/serve-api.ts';
import { CLOUDS } from '../../shared/azure/cloud.ts';
import { systemClock } from '../../shared/clock.ts';
import { createChannels } from '../../shared/notices/channels/create-channels.ts';
import { teamsBody } from '../../shared/notices/render/card.ts';
import { emailContent } from '../../shared/notices/render/email.ts';
import { say } from '../../shared/notices/say/say.ts';
import { respond } from '../../shared/pipeline/on-message.ts';
import type { Ports } from '../../shared/pipeline/ports.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import { deploymentIn } from '../../shared/settings/deployment.ts';
import { readSettings, SettingsError } from '../../shared/settings/settings.ts';
import { SAY } from '../notices/a-notice.ts';
import { aCredential, aServer } from '../notices/a-server.ts';
import { CASES } from '../notices/texts-cases.ts';
import { aWorld, policyId, VAULT_GONE, vaultEvent } from './a-world.ts';

const NAME = 'contoso-prod';
const SETTINGS = {
  LOCKWATCH_SUBSCRIPTIONS: '11111111-2222-3333-4444-555555555555',
  AzureWebJobsStorage__tableServiceUri: 'https://example.com/table',
  LOCKWATCH_TEAMS_WEBHOOK_URL: 'https://example.com/workflows?sig=1',
};

/** What every channel sends of a vault that is gone, by the path of its request. */
async function sentOf(
  context: TestContext,
  say: { deployment?: string; docsUrl?: string; publicUrl?: string },
): Promise<Map<string, string>> {
  const { origin, got } = await aServer(
    context,
    ({ path }, response) =>
      response
        .writeHead(path.startsWith('/slack') ? 200 : 202, { 'content-type': 'application/json' })
        .end(path.startsWith('/slack') ? 'ok' : '{"id":"1","status":"success"}'),
    { tls: true },
  );
  const channels = createChannels(
    {
      teamsWebhookUrl: { '': `${origin}/teams` },
      webhookUrl: Object.fromEntries(
        ['cloudevents', 'pagerduty', 'slack', 'servicenow'].map((one) => [one, `${origin}/${one}`]),
      ),
      webhookPreset: { pagerduty: 'pagerduty', slack: 'slack', servicenow: 'servicenow' },
      webhookSecret: { pagerduty: 'routing-key-of-a-test', servicenow: 'user:password' },
      emailFrom: 'lockwatch@example.com',
      emailTo: ['admins@example.com'],
      graphMail: true,
      graphEndpoint: origin,
      acsEndpoint: origin,
      eventGridTopic: `${origin}/eventgrid`,
    },
    { cloud: CLOUDS.public, credential: aCredential(), ...say },
  );
  const world = aWorld(['p1'], []);
  await world.clock.drive(sweep(world.ports));
  await world.clock.advance(60_000);
  world.observedState.set(policyId('p1').toLowerCase(), VAULT_GONE);
  // The network takes real time; all else goes by the hand clock.
  const ports: Ports = {
    ...world.ports,
    channels,
    publicUrl: say.publicUrl,
    clock: { now: world.clock.now, nowMs: world.clock.nowMs, sleep: systemClock.sleep },
    channelTimeoutMs: 20_000,
  };
  await respond(vaultEvent({ at: world.clock.now() }), ports);
  const posts = got.filter(({ method }) => method === 'POST');
  return new Map(posts.map(({ path, body }) => [path.split('?')[0] ?? '', body]));
}

/** Graph takes the mail as MIME, in Base64. */
async function textIn(path: string, body: string): Promise<string> {
  if (!path.includes('sendMail')) return body;
  return (await simpleParser(Buffer.from(body, 'base64'))).text ?? '';
}

test('on every channel a notice links to its paragraph: in the documents, else on the app’s own page of them', async (context) => {
  const publicUrl = 'https://lockwatch.example.com';
  const docsUrl = 'https://docs.example.com/lockwatch';
  for (const [say, url] of [
    [{ publicUrl, docsUrl }, `${docsUrl}/notices.md#opened`],
    [{ publicUrl }, `${publicUrl}/docs#opened`],
  ] as const) {
    const sent = await sentOf(context, say);
    assert.equal(sent.size, 8);
    for (const [path, body] of sent) assert.ok((await textIn(path, body)).includes(url), path);
    assert.equal(JSON.parse(sent.get('/cloudevents') ?? '').data.helpUrl, url);
  }
});

test('a vault that is gone is reported under the name of the deployment, on every channel', async (context) => {
  const sent = await sentOf(context, { deployment: NAME });
  assert.equal(sent.size, 8, [...sent.keys()].join(' '));
  for (const [path, body] of sent) {
    const text = await textIn(path, body);
    assert.ok(text.includes(NAME), `${path}: ${text.slice(0, 200)}`);
  }
  const json = (path: string) => JSON.parse(sent.get(path) ?? '');
  assert.equal(json('/cloudevents').data.deployment, NAME);
  assert.equal(json('/eventgrid')[0].data.deployment, NAME);
  assert.equal(json('/pagerduty').payload.custom_details.deployment, NAME);
  assert.equal(json('/pagerduty').client, `Lockwatch ${NAME}`);
  assert.equal(json('/servicenow').records[0].event_class, `Lockwatch ${NAME}`);
  assert.equal(JSON.parse(json('/servicenow').records[0].additional_info).deployment, NAME);
});

test('a deployment without a name is not named anywhere', async (context) => {
  const sent = await sentOf(context, {});
  assert.equal(JSON.parse(sent.get('/servicenow') ?? '').records[0].event_class, 'Lockwatch');
  for (const body of sent.values()) assert.doesNotMatch(body, /deployment/i);
});

for (const [name, notice] of Object.entries(CASES))
  test(`a notice of the kind ${name} names its deployment last in the card and in the footer of the email`, () => {
    const message = say(notice, { ...SAY, deployment: NAME });
    assert.match(message.footer, /^Sent by Lockwatch\. .* Deployment: contoso-prod\.$/);
    const { subject, text, html } = emailContent(message);
    assert.ok(!subject.includes(NAME));
    assert.ok(text.trimEnd().endsWith(`Deployment: ${NAME}.`));
    assert.ok(html.includes(`Deployment: ${NAME}.</p>`));
    const card = JSON.parse(JSON.stringify(teamsBody(message))).attachments[0].content;
    assert.ok(card.body.at(-1).text.endsWith(`Lockwatch deployment: ${NAME}`), card.body.at(-1).text);
  });

test('the name is the one that is set, else the name that Azure gave the app, and on the local host none', () => {
  const nameFor = (environment: Record<string, string>) =>
    deploymentIn(readSettings({ ...SETTINGS, ...environment }), environment);
  assert.equal(nameFor({ LOCKWATCH_NAME: NAME, WEBSITE_SITE_NAME: 'func-lockwatch' }), NAME);
  assert.equal(nameFor({ WEBSITE_SITE_NAME: 'func-lockwatch' }), 'func-lockwatch');
  assert.equal(nameFor({}), undefined);
});

test('a name that is too long, or no plain text, is a fault of the setting', () => {
  for (const name of ['x'.repeat(41), '<b>prod</b>', '-prod'])
    assert.throws(
      () => readSettings({ ...SETTINGS, LOCKWATCH_NAME: name }),
      (error) => error instanceof SettingsError && /LOCKWATCH_NAME must be/.test(error.message),
    );
});

test('the status of the API names the deployment, and says null where it has no name', async () => {
  const { ports } = aWorld();
  const status = async (deployment?: string) => {
    const read = {
      ...ports,
      config: { ...ports.config, deployment },
      eventSources: { event: true, audit: false },
    };
    const { body } = await answer({ url: 'http://localhost/api/status', ifNoneMatch: null }, read);
    return JSON.parse(body).deployment;
  };
  assert.equal(await status(NAME), NAME);
  assert.equal(await status(), null);
});
