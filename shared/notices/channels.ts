import type { Channel } from './notice.ts';
import { createEmailChannel } from './smtp.ts';
import { createTeamsChannel } from './teams.ts';

export interface ChannelSettings {
  teamsWebhookUrl?: string;
  smtpUrl?: string;
  emailFrom?: string;
  emailTo?: string[];
  adminCenterUrl: string;
  portalUrl: string;
}

/** Every channel whose settings are there. Nothing is connected until a notice is sent. */
export function createChannels(settings: ChannelSettings): Channel[] {
  const say = { adminCenterUrl: settings.adminCenterUrl, portalUrl: settings.portalUrl };
  const { teamsWebhookUrl, smtpUrl, emailFrom, emailTo } = settings;
  const channels: Channel[] = [];
  if (teamsWebhookUrl) channels.push(createTeamsChannel({ url: teamsWebhookUrl, say }));
  if (smtpUrl && emailFrom && emailTo && emailTo.length > 0)
    channels.push(createEmailChannel({ smtpUrl, from: emailFrom, to: emailTo, say }));
  return channels;
}
