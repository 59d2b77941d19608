import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLOUDS } from '../../../shared/azure/cloud.ts';
import { channelNames } from '../../../shared/notices/channels/channel-faults.ts';
import { type ChannelSettings, createChannels } from '../../../shared/notices/channels/create-channels.ts';
import { CHANNEL_KINDS } from '../../../shared/notices/channels/register.ts';
import { say } from '../../../shared/notices/say/say.ts';
import { readSettings } from '../../../shared/settings/settings.ts';
import { givenSettings } from '../../../shared/settings-schema/given.ts';
import { aNotice, OPENED_AT, SAY } from '../a-notice.ts';
import { aCredential } from '../a-server.ts';

const names = (settings: ChannelSettings) =>
  createChannels(settings, { cloud: CLOUDS.public, credential: aCredential() }).map(({ name }) => name);
const MAIL = { emailFrom: 'a@example.com', emailTo: ['b@example.com'] };

test('there is a channel for each whose settings are there, in a stable order', () => {
  const smtp = { ...MAIL, smtpUrl: 'smtps://relay.example.com' };
  const teamsWebhookUrl = { '': 'https://example.com/x?sig=y', ops: 'https://example.com/z' };
  assert.deepEqual(names({}), []);
  assert.deepEqual(names({ teamsWebhookUrl }), ['teams', 'teams-ops']);
  assert.deepEqual(names(smtp), ['email']);
  assert.deepEqual(names({ ...smtp, teamsWebhookUrl }), ['teams', 'teams-ops', 'email']);
  assert.deepEqual(names({ ...smtp, emailTo: [] }), []);
  assert.deepEqual(names({ ...MAIL, graphMail: true, acsEndpoint: 'https://x.communication.azure.com' }), [
    'email-graph',
    'email-acs',
  ]);
});

test('the channels are those that the settings say there are, under the same names', () => {
  const environment: Record<string, string> = {
    LOCKWATCH_SUBSCRIPTIONS: '11111111-2222-3333-4444-555555555555',
    AzureWebJobsStorage__tableServiceUri: 'https://example.com/table',
    LOCKWATCH_TEAMS_WEBHOOK_URL_OPS: 'https://example.com/workflows?sig=1',
    LOCKWATCH_SMTP_URL: 'smtps://relay.example.com',
    LOCKWATCH_GRAPH_MAIL: 'true',
    LOCKWATCH_ACS_ENDPOINT: 'https://x.communication.azure.com',
    LOCKWATCH_EMAIL_FROM: 'a@example.com',
    LOCKWATCH_EMAIL_TO: 'b@example.com',
    LOCKWATCH_WEBHOOK_URL: 'https://example.com/hook',
    LOCKWATCH_WEBHOOK_URL_PAGE: 'https://events.pagerduty.com/v2/enqueue',
    LOCKWATCH_WEBHOOK_PRESET_PAGE: 'pagerduty',
    LOCKWATCH_WEBHOOK_SECRET_PAGE: 'routing-key-of-32-characters-xxx',
    LOCKWATCH_WEBHOOK_URL_CHAT: 'https://hooks.slack.com/services/x',
    LOCKWATCH_WEBHOOK_PRESET_CHAT: 'slack',
    LOCKWATCH_WEBHOOK_URL_ITSM: 'https://x.service-now.com/api/global/em/jsonv2',
    LOCKWATCH_WEBHOOK_PRESET_ITSM: 'servicenow',
    LOCKWATCH_WEBHOOK_SECRET_ITSM: 'user:password',
    LOCKWATCH_EVENTGRID_TOPIC: 'https://x.westeurope-1.eventgrid.azure.net/api/events',
  };
  const settings = readSettings(environment);
  assert.deepEqual(names(settings), [
    'teams-ops',
    'email',
    'email-graph',
    'email-acs',
    'webhook',
    'webhook-page',
    'webhook-chat',
    'webhook-itsm',
    'eventgrid',
  ]);
  assert.deepEqual(names(settings), channelNames(givenSettings(settings, environment)));
});

test('an address that is none is refused at once by the name of its setting, and not shown', () => {
  for (const settings of [
    { teamsWebhookUrl: { ops: 'no url s3cret' } },
    { webhookUrl: { ops: 'no url s3cret' } },
  ])
    assert.throws(
      () => names(settings),
      (error: Error) => /_URL_OPS is not a URL/.test(error.message) && !`${error.stack}`.includes('s3cret'),
    );
});

test('a ServiceNow secret that is no user and password is refused by name, and not shown', () => {
  const environment = {
    LOCKWATCH_SUBSCRIPTIONS: '11111111-2222-3333-4444-555555555555',
    AzureWebJobsStorage__tableServiceUri: 'https://example.com/table',
    LOCKWATCH_WEBHOOK_URL_ITSM: 'https://x.service-now.com/api/global/em/jsonv2',
    LOCKWATCH_WEBHOOK_PRESET_ITSM: 'servicenow',
    LOCKWATCH_WEBHOOK_SECRET_ITSM: 'only-a-password',
  };
  assert.throws(
    () => readSettings(environment),
    (error: Error) =>
      /LOCKWATCH_WEBHOOK_SECRET_ITSM must be user:password/.test(error.message) &&
      !error.message.includes('only-a-password'),
  );
});

test('the report that a channel failed names the kind of each channel, and what to check for it', () => {
  for (const { name } of CHANNEL_KINDS) {
    const undelivered = {
      channel: `${name}-ops`,
      reason: 'opened',
      since: OPENED_AT,
      because: 'HTTP 503',
    } as const;
    const { lead, sections } = say(aNotice('undelivered', [], { undelivered }), SAY);
    assert.doesNotMatch(lead.join(' '), /of a kind of its own/, name);
    const checks = sections.find(({ id }) => id === 'remediation')?.steps ?? [];
    assert.ok(checks.length >= 2, `${name}: ${checks.length} checks`);
  }
});
