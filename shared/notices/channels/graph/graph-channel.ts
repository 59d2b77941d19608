import { yesNo } from '../../../settings-schema/description.ts';
import { channelKind } from '../channel-kind.ts';
import { lateChannel } from '../late-channel.ts';
import { MAIL_SETTINGS, mailOptionsOf } from '../mail/mail-settings.ts';

export const emailByGraph = channelKind({
  name: 'email-graph',
  existsBy: 'graphMail',
  settings: {
    ...MAIL_SETTINGS,
    graphMail: {
      name: 'LOCKWATCH_GRAPH_MAIL',
      meaning: 'Email by Microsoft Graph (sendMail), as the mailbox of the sender, with the app’s identity.',
      default: 'false',
      example: 'true',
      schema: yesNo,
    },
  },
  create(settings, { cloud, credential, graphEndpoint, say }) {
    const mail = mailOptionsOf(settings, say);
    if (!mail || !settings.graphMail) return [];
    // The token is for the cloud's Graph, whatever address it is reached at.
    const scope = `${cloud.graphUrl}/.default`;
    const options = { ...mail, endpoint: graphEndpoint, scope, credential };
    const load = async () => (await import('./graph-mail.ts')).createGraphMailChannel(options);
    return [lateChannel('email-graph', load)];
  },
});
