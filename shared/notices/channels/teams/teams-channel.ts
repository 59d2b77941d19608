import { httpsUrl } from '../../../settings-schema/description.ts';
import { settingWithName } from '../../../settings-schema/names.ts';
import { channelKind, channelName } from '../channel-kind.ts';
import { createTeamsChannel } from './teams.ts';

const URL_SETTING = 'LOCKWATCH_TEAMS_WEBHOOK_URL';

export const teams = channelKind({
  name: 'teams',
  existsBy: 'teamsWebhookUrl',
  setUp: URL_SETTING,
  settings: {
    teamsWebhookUrl: {
      name: URL_SETTING,
      meaning: 'The Workflows webhook that posts the Teams card. It carries a signature: keep it in a vault.',
      secret: true,
      many: true,
      example: '@Microsoft.KeyVault(SecretUri=…)',
      schema: httpsUrl,
    },
  },
  create: ({ teamsWebhookUrl = {} }, { say }) =>
    Object.entries(teamsWebhookUrl).map(([given, url]) =>
      createTeamsChannel({
        name: channelName('teams', given),
        url,
        setting: settingWithName(URL_SETTING, given),
        say,
      }),
    ),
});
