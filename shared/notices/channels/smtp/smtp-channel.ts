import * as z from 'zod';
import { fault } from '../../../settings-schema/fault.ts';
import { channelKind } from '../channel-kind.ts';
import { lateChannel } from '../late-channel.ts';
import { MAIL_SETTINGS, mailOptionsOf } from '../mail/mail-settings.ts';

const URL_SETTING = 'LOCKWATCH_SMTP_URL';
const SCOPE_SETTING = 'LOCKWATCH_SMTP_TOKEN_SCOPE';

export const emailBySmtp = channelKind({
  name: 'email',
  existsBy: 'smtpUrl',
  setUp: `email (${URL_SETTING} with ${MAIL_SETTINGS.emailFrom.name} and ${MAIL_SETTINGS.emailTo.name})`,
  settings: {
    ...MAIL_SETTINGS,
    smtpUrl: {
      name: URL_SETTING,
      meaning:
        'Email by a mail relay: smtp:// (STARTTLS) or smtps://, with user and password where it wants them.',
      secret: true,
      example: 'smtps://user:password@smtp.example.com:465',
      schema: z.url({ protocol: /^smtps?$/, hostname: /./, error: 'must be an smtp:// or smtps:// URL' }),
    },
    smtpTokenScope: {
      name: SCOPE_SETTING,
      meaning:
        'Signs in at the mail relay with a token of the app’s identity for this scope (XOAUTH2), as the user of the URL.',
      example: 'https://outlook.office365.com/.default',
      schema: z.url({ protocol: /^https$/, error: 'must be the https scope of a token' }),
    },
  },
  faults: (given) =>
    given.has(SCOPE_SETTING) && !given.has(URL_SETTING)
      ? [fault(URL_SETTING, ` is missing: ${SCOPE_SETTING} is for its sign-in.`)]
      : [],
  create(settings, { credential, say }) {
    const { smtpUrl, smtpTokenScope } = settings;
    const mail = mailOptionsOf(settings, say);
    if (!mail || !smtpUrl) return [];
    const signIn = smtpTokenScope ? { credential, scope: smtpTokenScope } : undefined;
    const load = async () => (await import('./smtp.ts')).createEmailChannel({ ...mail, smtpUrl, signIn });
    return [lateChannel('email', load)];
  },
});
