import * as z from 'zod';
import {
  email,
  httpsUrl,
  list,
  pairs,
  type SettingDescription,
  yesNo,
} from '../../settings-schema/description.ts';

export const WEBHOOK_PRESETS = ['cloudevents', 'pagerduty', 'slack', 'servicenow'] as const;

/** The recipients and the channels. A channel exists when its settings do. */
export const CHANNELS = {
  teamsWebhookUrl: {
    name: 'LOCKWATCH_TEAMS_WEBHOOK_URL',
    meaning: 'The Workflows webhook that posts the Teams card. It carries a signature: keep it in a vault.',
    secret: true,
    many: true,
    example: '@Microsoft.KeyVault(SecretUri=…)',
    schema: httpsUrl,
  },
  emailFrom: {
    name: 'LOCKWATCH_EMAIL_FROM',
    meaning: 'The sender of the emails; with Microsoft Graph, the mailbox that sends.',
    example: 'lockwatch@example.com',
    schema: email,
  },
  emailTo: {
    name: 'LOCKWATCH_EMAIL_TO',
    meaning: 'Who gets the emails, separated by commas.',
    example: 'power-admins@example.com,oncall@example.com',
    schema: list(email),
  },
  owners: {
    name: 'LOCKWATCH_OWNERS',
    meaning:
      'Who gets the emails about a policy besides: the policy’s name or id, =, addresses with commas; policies separated by semicolons.',
    example: 'ep-sales=sales-it@example.com;ep-hr=hr-it@example.com,hr@example.com',
    schema: pairs(z.string().min(1), list(email, 'must give an address behind each =')),
  },
  smtpUrl: {
    name: 'LOCKWATCH_SMTP_URL',
    meaning:
      'Email by a mail relay: smtp:// (STARTTLS) or smtps://, with user and password where it wants them.',
    secret: true,
    example: 'smtps://user:password@smtp.example.com:465',
    schema: z.url({ protocol: /^smtps?$/, error: 'must be an smtp:// or smtps:// URL' }),
  },
  smtpTokenScope: {
    name: 'LOCKWATCH_SMTP_TOKEN_SCOPE',
    meaning:
      'Signs in at the mail relay with a token of the app’s identity for this scope (XOAUTH2), as the user of the URL.',
    example: 'https://outlook.office365.com/.default',
    schema: z.url({ protocol: /^https$/, error: 'must be the https scope of a token' }),
  },
  graphMail: {
    name: 'LOCKWATCH_GRAPH_MAIL',
    meaning: 'Email by Microsoft Graph (sendMail), as the mailbox of the sender, with the app’s identity.',
    default: 'false',
    example: 'true',
    schema: yesNo,
  },
  acsEndpoint: {
    name: 'LOCKWATCH_ACS_ENDPOINT',
    meaning: 'Email by Azure Communication Services, with the app’s identity.',
    example: 'https://lockwatch.europe.communication.azure.com',
    schema: httpsUrl,
  },
  webhookUrl: {
    name: 'LOCKWATCH_WEBHOOK_URL',
    meaning: 'A webhook. What it is sent is chosen by its preset.',
    secret: true,
    many: true,
    example: 'https://events.pagerduty.com/v2/enqueue',
    schema: httpsUrl,
  },
  webhookPreset: {
    name: 'LOCKWATCH_WEBHOOK_PRESET',
    meaning: 'What the webhook of the same name is sent: cloudevents, pagerduty, slack or servicenow.',
    many: true,
    example: 'pagerduty',
    schema: z.enum(WEBHOOK_PRESETS, `must be one of ${WEBHOOK_PRESETS.join(', ')}`),
  },
  webhookSecret: {
    name: 'LOCKWATCH_WEBHOOK_SECRET',
    meaning:
      'The secret of the webhook of the same name: cloudevents: the key that signs the body (HMAC); pagerduty: the routing key; servicenow: user:password.',
    secret: true,
    many: true,
    example: '@Microsoft.KeyVault(SecretUri=…)',
    schema: z.string().min(8, 'must have at least 8 characters'),
  },
  eventGridTopic: {
    name: 'LOCKWATCH_EVENTGRID_TOPIC',
    meaning:
      'An Event Grid topic that gets Lockwatch.Incident.* events, for your own automation, with the app’s identity.',
    example: 'https://lockwatch.westeurope-1.eventgrid.azure.net/api/events',
    schema: httpsUrl,
  },
  routes: {
    name: 'LOCKWATCH_ROUTES',
    meaning:
      'Which channels a reason for speaking goes to: reason, =, channels with commas; reasons separated by semicolons. A reason that is not named goes to all.',
    example: 'reminder=email;warning=email,teams-ops',
    schema: pairs(z.string().min(1), list(z.string().min(1), 'must name a channel behind each =')),
  },
  timeZone: {
    name: 'LOCKWATCH_TIME_ZONE',
    meaning: 'The time zone (IANA) in which notices tell times, beside UTC.',
    default: 'UTC',
    example: 'Europe/Berlin',
    schema: z.string().refine(isTimeZone, 'must be a time zone’s IANA name'),
  },
} as const satisfies Record<string, SettingDescription>;

function isTimeZone(name: string): boolean {
  // The default needs no call to Intl, whose first use costs a cold process 10 ms.
  if (name === 'UTC') return true;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
