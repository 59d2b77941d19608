import { httpsUrl } from '../../../settings-schema/description.ts';
import { channelKind } from '../channel-kind.ts';
import { lateChannel } from '../late-channel.ts';
import { MAIL_SETTINGS, mailOptionsOf } from '../mail/mail-settings.ts';

export const emailByCommunicationServices = channelKind({
  name: 'email-acs',
  existsBy: 'acsEndpoint',
  settings: {
    ...MAIL_SETTINGS,
    acsEndpoint: {
      name: 'LOCKWATCH_ACS_ENDPOINT',
      meaning: 'Email by Azure Communication Services, with the app’s identity.',
      example: 'https://lockwatch.europe.communication.azure.com',
      schema: httpsUrl,
    },
  },
  create(settings, { credential, say }) {
    const mail = mailOptionsOf(settings, say);
    const endpoint = settings.acsEndpoint;
    if (!mail || !endpoint) return [];
    const load = async () =>
      (await import('./acs-mail.ts')).createAcsMailChannel({ ...mail, endpoint, credential });
    return [lateChannel('email-acs', load)];
  },
});
