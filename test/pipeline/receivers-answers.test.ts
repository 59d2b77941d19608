import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../shared/clock.ts';
import { createAcsMailChannel } from '../../shared/notices/channels/communication-services/acs-mail.ts';
import { createGraphMailChannel } from '../../shared/notices/channels/graph/graph-mail.ts';
import { WEBHOOK_SERVICES } from '../../shared/notices/channels/register.ts';
import { createEmailChannel } from '../../shared/notices/channels/smtp/smtp.ts';
import { createTeamsChannel } from '../../shared/notices/channels/teams/teams.ts';
import { createWebhookChannel } from '../../shared/notices/channels/webhook/webhook.ts';
import type { Channel } from '../../shared/notices/notice.ts';
import { respond } from '../../shared/pipeline/on-message.ts';
import type { Ports } from '../../shared/pipeline/ports.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import { SAY } from '../notices/a-notice.ts';
import { type Answer, aCredential, aServer } from '../notices/a-server.ts';
import { anSmtpServer, refusal } from '../notices/an-smtp-server.ts';
import { aWorld, policyId, VAULT_GONE, vaultEvent } from './a-world.ts';

const SECRET = 'R0123456789abcdef0123456789abcde';
const TO = ['admins@example.com', 'oncall@example.com', 'left@example.com'];
const MAIL = { from: 'lockwatch@example.com', to: TO, say: SAY };

const TEAMS = (origin: string) =>
  createTeamsChannel({ name: 'under-test', url: `${origin}/workflows?sig=${SECRET}`, say: SAY });
const WEBHOOK = (service: (typeof WEBHOOK_SERVICES)[number]['name']) => (origin: string) => {
  const { preset } = WEBHOOK_SERVICES.find(({ name }) => name === service) ?? assert.fail();
  return createWebhookChannel({
    name: 'under-test',
    url: `${origin}/hook`,
    setting: 'LOCKWATCH_WEBHOOK_URL',
    preset: preset({ say: SAY, secret: `user:${SECRET}`, setting: 'LOCKWATCH_WEBHOOK_SECRET' }),
  });
};
const renamed = (channel: Channel): Channel => ({ ...channel, name: 'under-test' });
const GRAPH = (endpoint: string) =>
  renamed(createGraphMailChannel({ ...MAIL, endpoint, scope: 'x/.default', credential: aCredential() }));
const ACS = (endpoint: string) =>
  renamed(createAcsMailChannel({ ...MAIL, endpoint, credential: aCredential() }));

const says =
  (status: number, body: string, type = 'text/plain; charset=utf-8'): Answer =>
  (_got, response) =>
    response.writeHead(status, { 'content-type': type }).end(body);
const saysJson = (status: number, body: object) => says(status, JSON.stringify(body), 'application/json');
const PAGE = '<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Sign in to continue</h1>';
/** The page of kafka-docker-playground 8780, in short. */
const HIBERNATING =
  '<html><body><div class="instance-hibernating-page"><h1>Your instance is hibernating</h1></div></body></html>';
const teamsSays = (status: number) =>
  `Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error ${status} with ContextId tcid=0,server=msgapi-production-cse-azsc7-2-35,cv=4m1d..`;

/** To whom a mail in the body of a request goes. */
const isTo = (address: string, body: string) => JSON.stringify(body).includes(address);
const mimeIsTo = (address: string, body: string) =>
  isTo(address, Buffer.from(body, 'base64').toString('utf8'));

interface Row {
  channel: string;
  make(origin: string): Channel;
  tls?: boolean;
  /** Where the answer was reported. */
  report: string;
  answer: Answer;
  row: 'sent' | 'pending' | 'givenUp';
  /** In the row's error. */
  says?: RegExp;
  /** In what another channel is told; absent: it is told nothing. */
  elsewhere?: RegExp;
}

const TABLE: Row[] = [
  // Teams
  { channel: 'Teams', make: TEAMS, report: 'Workflows: 202', answer: says(202, ''), row: 'sent' },
  { channel: 'Teams', make: TEAMS, report: 'connector: 200 and 1', answer: says(200, '1'), row: 'sent' },
  {
    channel: 'Teams',
    make: TEAMS,
    report: 'msteams-docs 7425: 200, and a sentence about 429',
    answer: says(200, teamsSays(429)),
    row: 'pending',
    says: /busy.*It said: “Webhook message delivery failed .* HTTP error 429/,
  },
  {
    channel: 'Teams',
    make: TEAMS,
    report: 'msteams-docs 1810: 200, and a sentence about 413',
    answer: says(200, teamsSays(413)),
    row: 'givenUp',
    says: /refuses the card.*HTTP error 413/,
    elsewhere: /HTTP error 413/,
  },
  {
    channel: 'Teams',
    make: TEAMS,
    report: 'msteams-docs 400: 200, and a sentence about 400, from a channel that was removed',
    answer: says(200, teamsSays(400)),
    row: 'pending',
    says: /not posted.*LOCKWATCH_TEAMS_WEBHOOK_URL.*HTTP error 400/,
  },
  {
    channel: 'Teams',
    make: TEAMS,
    report: 'a sign-in page: 200 and HTML',
    answer: says(200, PAGE, 'text/html'),
    row: 'pending',
    says: /web page.*“Sign in: Sign in to continue”/,
  },
  {
    channel: 'Teams',
    make: TEAMS,
    report: 'a sign-in page that calls itself text: 202 and HTML',
    answer: says(202, PAGE),
    row: 'pending',
    says: /web page/,
  },
  // PagerDuty
  {
    channel: 'PagerDuty',
    make: WEBHOOK('pagerduty'),
    report: 'Events API v2: 202 and success',
    answer: saysJson(202, { status: 'success', message: 'Event processed', dedup_key: 'x' }),
    row: 'sent',
  },
  {
    channel: 'PagerDuty',
    make: WEBHOOK('pagerduty'),
    report: 'Events API v2: an event that is refused, in the body',
    answer: saysJson(202, { status: 'invalid event', errors: [`'routing_key' ${SECRET} is unknown`] }),
    row: 'pending',
    says: /does not say that it took the event.*invalid event; 'routing_key' … is unknown/,
  },
  {
    channel: 'PagerDuty',
    make: WEBHOOK('pagerduty'),
    report: 'a proxy: 200 without a body',
    answer: says(200, ''),
    row: 'pending',
    says: /does not say/,
  },
  // Slack
  { channel: 'Slack', make: WEBHOOK('slack'), report: 'docs: 200 ok', answer: says(200, 'ok'), row: 'sent' },
  {
    channel: 'Slack',
    make: WEBHOOK('slack'),
    report: 'slackistrano 80: 404 channel_not_found',
    answer: says(404, 'channel_not_found'),
    row: 'pending',
    says: /404 channel_not_found: the channel or the webhook is gone/,
  },
  {
    channel: 'Slack',
    make: WEBHOOK('slack'),
    report: 'slack-github-action 249: no_service, here with 400',
    answer: says(400, 'no_service'),
    row: 'pending',
    says: /400 no_service: .*Check it in Slack/,
  },
  {
    channel: 'Slack',
    make: WEBHOOK('slack'),
    report: 'statping 777: invalid_payload',
    answer: says(400, 'invalid_payload'),
    row: 'givenUp',
    says: /400 invalid_payload/,
    elsewhere: /invalid_payload/,
  },
  {
    channel: 'Slack',
    make: WEBHOOK('slack'),
    report: 'an error word with 200',
    answer: says(200, 'channel_is_archived'),
    row: 'pending',
    says: /archived.*“channel_is_archived”/,
  },
  // ServiceNow
  {
    channel: 'ServiceNow',
    make: WEBHOOK('servicenow'),
    report: 'JSONv2: the records, each with its status',
    answer: saysJson(200, { records: [{ __status: 'success', message_key: 'x', error_message: '' }] }),
    row: 'sent',
  },
  {
    channel: 'ServiceNow',
    make: WEBHOOK('servicenow'),
    report: 'JSONv2: a record that was refused',
    answer: saysJson(200, { records: [{ __status: 'failure', __error: { message: 'Insert Aborted' } }] }),
    row: 'pending',
    says: /does not say that it took the records.*Insert Aborted/,
  },
  {
    channel: 'ServiceNow',
    make: WEBHOOK('servicenow'),
    report: 'REST: an error with 200',
    answer: saysJson(200, { error: { message: 'User Not Authenticated' }, status: 'failure' }),
    row: 'pending',
    says: /User Not Authenticated/,
  },
  {
    channel: 'ServiceNow',
    make: WEBHOOK('servicenow'),
    report: 'kafka-docker-playground 8780, alertmanager-webhook-servicenow 24: a hibernating instance',
    answer: says(200, HIBERNATING, 'text/html'),
    row: 'pending',
    says: /web page.*“Your instance is hibernating”/,
  },
  // A webhook of one's own
  {
    channel: 'CloudEvents',
    make: WEBHOOK('cloudevents'),
    report: 'a proxy: 200 and HTML',
    answer: says(200, PAGE, 'text/html; charset=utf-8'),
    row: 'pending',
    says: /web page/,
  },
  {
    channel: 'CloudEvents',
    make: WEBHOOK('cloudevents'),
    report: '204',
    answer: (_got, response) => response.writeHead(204).end(),
    row: 'sent',
  },
  // Microsoft Graph
  { channel: 'Graph', make: GRAPH, report: 'docs: 202', answer: says(202, ''), row: 'sent' },
  {
    channel: 'Graph',
    make: GRAPH,
    report: 'a proxy: 200',
    answer: says(200, '{}'),
    row: 'pending',
    says: /does not say that it queued/,
  },
  {
    channel: 'Graph',
    make: GRAPH,
    report: 'php-connect-sample 13, Microsoft365R 110: one recipient is not valid',
    answer: ({ body }, response) =>
      mimeIsTo('left@example.com', body)
        ? saysJson(400, {
            error: {
              code: 'ErrorInvalidRecipients',
              message:
                "At least one recipient is not valid., Recipient 'left@example.com' is not resolved. All recipients must be resolved before a message can be submitted.",
            },
          })({} as never, response, {} as never)
        : response.writeHead(202).end(),
    row: 'sent',
    says: /^Refused for left@example\.com \(400 “At least one recipient is not valid/,
    elsewhere: /left@example\.com/,
  },
  // Communication Services
  {
    channel: 'Communication Services',
    make: ACS,
    tls: true,
    report: 'azure-sdk-for-net 56805: InvalidEmailAddress for one of three',
    answer: acs(({ body }) => (isTo('left@example.com', body) ? 'InvalidEmailAddress' : 'Succeeded')),
    row: 'sent',
    says: /^Refused for left@example\.com \(400 /,
    elsewhere: /left@example\.com/,
  },
  {
    channel: 'Communication Services',
    make: ACS,
    tls: true,
    report: 'azure-sdk-for-js 27148, 25353: every recipient is suppressed',
    answer: acs(() => 'EmailDroppedAllRecipientsSuppressed'),
    row: 'givenUp',
    says: /refuses every recipient.*admins@example\.com.*oncall@example\.com.*left@example\.com/,
    elsewhere: /EmailDroppedAllRecipientsSuppressed/,
  },
  {
    channel: 'Communication Services',
    make: ACS,
    tls: true,
    report: 'a proxy: 202 and HTML',
    answer: ({ method }, response) =>
      method === 'GET' ? response.writeHead(404).end() : says(202, PAGE)({} as never, response, {} as never),
    row: 'pending',
  },
];

/** As Communication Services answers: a mail that fails is known as failed by its id at once. */
function acs(outcomeOf: (got: { body: string }) => string): Answer {
  return (got, response, raw) => {
    if (got.method === 'GET') return response.writeHead(404).end();
    const outcome = outcomeOf(got);
    if (outcome === 'InvalidEmailAddress')
      return saysJson(400, { error: { code: outcome, message: 'Invalid format for email address' } })(
        got,
        response,
        raw,
      );
    const id = got.headers['operation-id'];
    const body =
      outcome === 'Succeeded' ? { id, status: outcome } : { id, status: 'Failed', error: { code: outcome } };
    return saysJson(202, body)(got, response, raw);
  };
}

/** A vault that is gone, one real channel, and one that hears what the first could not deliver. */
async function delivered(channel: Channel) {
  const world = aWorld(['p1'], ['elsewhere']);
  await world.clock.drive(sweep(world.ports));
  await world.clock.advance(60_000);
  world.observedState.set(policyId('p1').toLowerCase(), VAULT_GONE);
  // The network takes real time; all else goes by the hand clock.
  const ports: Ports = {
    ...world.ports,
    channels: [channel, ...world.channels],
    clock: { now: world.clock.now, nowMs: world.clock.nowMs, sleep: systemClock.sleep },
    channelTimeoutMs: 20_000,
  };
  await respond(vaultEvent({ at: world.clock.now() }), ports);
  const incident = (await ports.store.readPolicyState(policyId('p1')))?.policyState.incident;
  const rows = await ports.store.listNotices(incident ?? assert.fail());
  const row = rows.find((one) => one.channel === 'under-test') ?? assert.fail();
  const told = world.channels[0]?.sent.filter(({ reason }) => reason === 'undelivered') ?? [];
  return { row, told };
}

function assertTold(
  { row, told }: Awaited<ReturnType<typeof delivered>>,
  wanted: Omit<Row, 'answer' | 'make'>,
) {
  assert.equal(row.state, wanted.row, row.lastError);
  assert.match(row.lastError ?? '', wanted.says ?? /^/);
  assert.equal(
    told.length,
    wanted.elsewhere ? 1 : 0,
    JSON.stringify(told.map(({ undelivered }) => undelivered)),
  );
  if (wanted.elsewhere) assert.match(JSON.stringify(told[0]?.undelivered), wanted.elsewhere);
  assert(!JSON.stringify([row, told]).includes(SECRET));
}

for (const { make, answer, tls, ...wanted } of TABLE)
  test(`${wanted.channel}, ${wanted.report}: ${wanted.row}${wanted.elsewhere ? ', and another channel is told' : ''}`, async (context) => {
    const { origin } = await aServer(context, answer, { tls });
    assertTold(await delivered(make(origin)), wanted);
  });

test('SMTP, two of three refused at RCPT TO: sent to the third, and another channel is told whom it did not reach', async (context: TestContext) => {
  const { url, mails } = await anSmtpServer(context, {
    onRcptTo: ({ address }, _session, callback) =>
      callback(address.startsWith('admins') ? null : refusal(550, '5.1.1 no such user')),
  });
  const channel = renamed(createEmailChannel({ ...MAIL, smtpUrl: url }));
  const found = await delivered(channel);
  assertTold(found, {
    channel: 'SMTP',
    report: '',
    row: 'sent',
    says: /^Refused for oncall@example\.com \(550 5\.1\.1 at RCPT TO\), left@example\.com/,
    elsewhere: /"recipients":\["oncall@example\.com","left@example\.com"\]/,
  });
  assert.equal(mails.length, 1);
});
