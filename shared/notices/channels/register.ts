import type { TokenCredential } from '@azure/core-auth';
import type { Channel } from '../notice.ts';
import type { SayOptions } from '../say/say.ts';
import { cloudEventsPreset } from './cloudevents/webhook-cloudevents.ts';
import { createAcsMailChannel } from './communication-services/acs-mail.ts';
import { createEventGridChannel } from './event-grid/event-grid-topic.ts';
import { createGraphMailChannel } from './graph/graph-mail.ts';
import type { MailOptions } from './mail/mail.ts';
import { pagerDutyPreset } from './pagerduty/webhook-pagerduty.ts';
import { serviceNowPreset } from './servicenow/webhook-servicenow.ts';
import { slackPreset } from './slack/webhook-slack.ts';
import { createEmailChannel } from './smtp/smtp.ts';
import { createTeamsChannel } from './teams/teams.ts';
import { createWebhookChannel, type WebhookPreset } from './webhook/webhook.ts';

/**
 * The settings that channels need. A setting that may occur several times is keyed by the name given to each.
 */
export interface ChannelSettings {
  teamsWebhookUrl?: Readonly<Record<string, string>>;
  emailFrom?: string;
  emailTo?: readonly string[];
  owners?: Readonly<Record<string, readonly string[]>>;
  smtpUrl?: string;
  smtpTokenScope?: string;
  graphMail?: boolean;
  graphEndpoint?: string;
  acsEndpoint?: string;
  webhookUrl?: Readonly<Record<string, string>>;
  webhookPreset?: Readonly<Record<string, 'cloudevents' | 'pagerduty' | 'slack' | 'servicenow'>>;
  webhookSecret?: Readonly<Record<string, string>>;
  eventGridTopic?: string;
  timeZone?: string;
}

export interface ChannelSurroundings {
  /** The URLs of the cloud that the app runs in. */
  cloud: { adminCenterUrl: string; portalUrl: string; graphUrl: string };
  /** The app's own identity. */
  credential: TokenCredential;
}

/** Every channel that is configured, in a stable order. Nothing is connected until a notice is sent. */
export function createChannels(
  settings: ChannelSettings,
  { cloud, credential }: ChannelSurroundings,
): Channel[] {
  const { adminCenterUrl, portalUrl } = cloud;
  const say: SayOptions = { adminCenterUrl, portalUrl, timeZone: settings.timeZone };
  const teams = Object.entries(settings.teamsWebhookUrl ?? {}).map(([name, url]) =>
    createTeamsChannel({
      name: nameOf('teams', name),
      url,
      setting: settingOf('LOCKWATCH_TEAMS_WEBHOOK_URL', name),
      say,
    }),
  );
  const hooks = Object.entries(settings.webhookUrl ?? {}).map(([name, url]) =>
    createWebhookChannel({
      name: nameOf('webhook', name),
      url,
      setting: settingOf('LOCKWATCH_WEBHOOK_URL', name),
      preset: presetOf(settings, name, say),
    }),
  );
  const topic = settings.eventGridTopic
    ? [createEventGridChannel({ endpoint: settings.eventGridTopic, credential, say })]
    : [];
  return [...teams, ...mailChannels(settings, { cloud, credential }, say), ...hooks, ...topic];
}

function mailChannels(settings: ChannelSettings, around: ChannelSurroundings, say: SayOptions): Channel[] {
  const { emailFrom: from, emailTo: to = [], owners, smtpUrl, smtpTokenScope, acsEndpoint } = settings;
  if (!from || to.length === 0) return [];
  const { cloud, credential } = around;
  const mail: MailOptions = { from, to, owners, say };
  const signIn = smtpTokenScope ? { credential, scope: smtpTokenScope } : undefined;
  return [
    ...(smtpUrl ? [createEmailChannel({ ...mail, smtpUrl, signIn })] : []),
    ...(settings.graphMail
      ? [
          createGraphMailChannel({
            ...mail,
            endpoint: settings.graphEndpoint ?? cloud.graphUrl,
            // The token is for the cloud's Graph, whatever address it is reached at.
            scope: `${cloud.graphUrl}/.default`,
            credential,
          }),
        ]
      : []),
    ...(acsEndpoint ? [createAcsMailChannel({ ...mail, endpoint: acsEndpoint, credential })] : []),
  ];
}

/** A preset that needs a secret has one: the settings are rejected otherwise. */
function presetOf(settings: ChannelSettings, name: string, say: SayOptions): WebhookPreset {
  const secret = settings.webhookSecret?.[name];
  const preset = settings.webhookPreset?.[name] ?? 'cloudevents';
  const setting = settingOf('LOCKWATCH_WEBHOOK_SECRET', name);
  if (preset === 'slack') return slackPreset({ say });
  if (preset === 'pagerduty') return pagerDutyPreset({ say, routingKey: secret ?? '', setting });
  if (preset === 'servicenow') return serviceNowPreset({ say, userAndPassword: secret ?? '' });
  return cloudEventsPreset({ say, secret });
}

function nameOf(kind: string, name: string): string {
  return name === '' ? kind : `${kind}-${name}`;
}

function settingOf(setting: string, name: string): string {
  return name === '' ? setting : `${setting}_${name.toUpperCase()}`;
}
