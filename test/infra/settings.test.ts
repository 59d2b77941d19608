import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { contosoDeployment } from '../../dev/expected-deployment/contoso.ts';
import { deploymentOf } from '../../dev/expected-deployment/from-snapshot.ts';
import { ownSourcesSetting } from '../../dev/expected-deployment/own-sources.ts';
import { readSettings, SETTINGS, type Settings } from '../../shared/settings/settings.ts';
import { nameIn } from '../../shared/settings-schema/names.ts';
import { UNREADABLE_QUEUE } from '../../shared/storage/storage-queues.ts';
import { ownSourcesFrom, sourceEvidence } from '../../shared/visibility/event-source-scope.ts';
import { appSettings, DEPLOYMENTS, type Deployment, deployment, textAt } from './deployment.ts';

/** Settings of the platform and of the Functions host, which the app's own schema does not know. */
const PLATFORM = [
  'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
  'APPLICATIONINSIGHTS_CONNECTION_STRING',
  'AzureWebJobsDisableHomepage',
  'AzureWebJobsStorage__blobServiceUri',
  'AzureWebJobsStorage__clientId',
  'AzureWebJobsStorage__credential',
  'OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID',
];
/**
 * What no scenario writes, with the reason: a person sets it by the parameter `settings`, or `secretSettings` for a
 * secret, and the deployment has no opinion on it.
 */
const LEFT_TO_PEOPLE: Readonly<Record<string, string>> = {
  LOCKWATCH_ARM_ENDPOINT: 'follows from LOCKWATCH_CLOUD; for a proxy, or the Azure simulator',
  LOCKWATCH_POWER_PLATFORM_ENDPOINT: 'follows from LOCKWATCH_CLOUD; for a proxy, or the Azure simulator',
  LOCKWATCH_POWER_PLATFORM_SCOPE: 'follows from LOCKWATCH_CLOUD; for a cloud that Lockwatch does not know',
  LOCKWATCH_POWER_PLATFORM_API_ENDPOINT:
    'follows from LOCKWATCH_CLOUD; for a cloud whose address is not known',
  LOCKWATCH_POWER_PLATFORM_API_SCOPE: 'follows from LOCKWATCH_CLOUD; for a cloud whose address is not known',
  LOCKWATCH_GRAPH_ENDPOINT: 'follows from LOCKWATCH_CLOUD; for a proxy, or the Azure simulator',
  LOCKWATCH_PUBLIC_URL: 'the platform tells the app its address; for a domain of one’s own',
  LOCKWATCH_DOCS_URL: 'the app has its own page of the documents; for a fork or a wiki',
  LOCKWATCH_ACTOR_NAMES: 'needs permissions of Microsoft Graph, which a deployment can’t grant',
  LOCKWATCH_ENVIRONMENTS_FROM: 'needs a file that people keep',
  LOCKWATCH_INVENTORY: 'needs a file that people keep',
  LOCKWATCH_OWNERS: 'who owns what is the organisation’s to say',
  LOCKWATCH_ROUTES: 'who is told what is the organisation’s to say',
  LOCKWATCH_NETWORK_READING: 'how to read Microsoft’s two pages is a person’s decision',
  LOCKWATCH_SWEEP_MAX_SECONDS: 'how long the interval may become is limited by Azure, not by a deployment',
  LOCKWATCH_ENVIRONMENT_LIST_SECONDS: 'its default is measured',
  LOCKWATCH_READ_BUDGET_SECONDS: 'its default is measured',
  LOCKWATCH_RECHECK_SECONDS: 'its default is measured',
  LOCKWATCH_CLOSE_AFTER_SECONDS: 'its default leaves time for a lock that shows late',
  LOCKWATCH_VISIBILITY_ALERT_SECONDS: 'its default is measured',
  LOCKWATCH_MAX_ENVIRONMENTS_PER_POLICY: 'how much one key may cost is the organisation’s to say',
  LOCKWATCH_SMTP_TOKEN_SCOPE: 'for relays that take tokens, which have no scope in common',
  LOCKWATCH_EVENTGRID_TOPIC: 'a topic of the organisation’s own',
};

/** What the deployment puts in place of what only it knows; the rest is as in the expected deployment. */
function asInAzure(expected: Record<string, string>): Record<string, string> {
  const told: Record<string, string> = {
    LOCKWATCH_ACS_ENDPOINT: 'https://acs-lockwatch.europe.communication.azure.com',
    LOCKWATCH_EMAIL_FROM: 'DoNotReply@aaaaaaaa.azurecomm.net',
    LOCKWATCH_TEAMS_WEBHOOK_URL: 'https://example.invalid/workflows',
    LOCKWATCH_SMTP_URL: 'smtps://relay.example.invalid:465',
    LOCKWATCH_WEBHOOK_URL: 'https://example.invalid/hook',
    LOCKWATCH_WEBHOOK_SECRET: 'a routing key of a test',
  };
  const clientId = '66666666-7777-4888-8999-000000000000';
  return Object.fromEntries(
    Object.entries(expected).map(([name, value]) => {
      if (!value.startsWith('[') && !value.startsWith('@Microsoft.KeyVault(')) return [name, value];
      return [name, told[name] ?? clientId];
    }),
  );
}

/** By its name, or by one that may be set several times. */
function isKnown(setting: string): boolean {
  return Object.values(SETTINGS).some(({ name, ...rest }) =>
    'many' in rest ? nameIn(setting, name) !== undefined : setting === name,
  );
}

function settingsOf(deployed: Deployment): Settings {
  // The platform tells these of itself once its sign-in is on.
  const platform = { WEBSITE_SITE_NAME: 'func-lockwatch', WEBSITE_AUTH_ENABLED: 'True' };
  return readSettings({ ...asInAzure(appSettings(deployed)), ...platform });
}

for (const deployed of DEPLOYMENTS)
  describe(`the settings of the scenario ${deployed.name}`, () => {
    const expected = appSettings(deployed);

    it('start the app', () => assert.doesNotThrow(() => settingsOf(deployed)));

    it('are all known to the app, the host or the platform', () => {
      assert.deepEqual(
        Object.keys(expected).filter((name) => !isKnown(name) && !PLATFORM.includes(name)),
        [],
      );
    });

    it('name every secret only by a reference into the app’s own vault, under a name of its own', () => {
      const own = deployed.of('Microsoft.KeyVault/vaults').map(({ name }) => name);
      assert.equal(own.length, 1);
      assert.equal(expected.LOCKWATCH_SECRET_VAULTS, own[0]);
      const names: string[] = [];
      for (const { name, ...rest } of Object.values(SETTINGS)) {
        if (!('secret' in rest) || expected[name] === undefined) continue;
        const match =
          /^@Microsoft\.KeyVault\(SecretUri=https:\/\/([^.]+)\.vault\.[^/]+\/secrets\/([a-z0-9-]+)\)$/.exec(
            expected[name],
          );
        assert.equal(match?.[1], own[0], name);
        names.push(match?.[2] ?? '');
      }
      assert.equal(new Set(names).size, names.length);
    });

    it('keep the channels’ secrets out of every watched vault', () => {
      const watched = deployed.resources
        .filter(
          ({ type, properties }) =>
            type.endsWith('/systemTopics') && /vaults\//i.test(textAt(properties, 'source')),
        )
        .map(({ properties }) => textAt(properties, 'source').split('/').at(-1)?.toLowerCase());
      assert.ok(!watched.includes(expected.LOCKWATCH_SECRET_VAULTS));
    });

    it('recognise each event source that the deployment makes or uses, and no other', () => {
      const { eventSources } = settingsOf(deployed);
      const subscriptions = deployed.of('Microsoft.EventGrid/systemTopics/eventSubscriptions');
      const settings = deployed
        .of('Microsoft.Insights/diagnosticSettings')
        .filter(({ properties }) => properties.eventHubName !== undefined);
      const ids = [...subscriptions, ...settings].map(({ id }) => id.toLowerCase());
      const topics = subscriptions.map(({ id }) => id.toLowerCase().replace(/\/eventsubscriptions\/.*/, ''));
      // With separate duties, owners make them under the names of the deployment: test/tools/doctor/owner-tasks.test.ts.
      assert.equal(topics.length === 0, deployed.name === 'separate-duties');
      for (const id of [...ids, ...topics]) {
        assert.equal(sourceEvidence(id, eventSources), 'setting', id);
        assert.equal(sourceEvidence(`${id}x`, eventSources), 'none', id);
      }
      for (const topic of topics)
        assert.equal(sourceEvidence(`${topic}/eventsubscriptions/web`, eventSources), 'none');
    });

    it('name the queues that the deployment makes', () => {
      const { queue } = settingsOf(deployed);
      const made = deployed
        .of('Microsoft.Storage/storageAccounts/queueServices/queues')
        .map(({ name }) => name.split('/').at(-1));
      assert.deepEqual(made.sort(), [queue, `${queue}-poison`, UNREADABLE_QUEUE].sort());
    });
  });

describe('the deployment and the app’s schema', () => {
  const written = new Set(DEPLOYMENTS.flatMap((deployed) => Object.keys(appSettings(deployed))));
  const known = Object.values(SETTINGS).map(({ name }) => name);

  it('know the same settings: what is in the schema is written by a scenario, or left to people for a reason', () =>
    assert.deepEqual(known.filter((name) => !written.has(name)).sort(), Object.keys(LEFT_TO_PEOPLE).sort()));

  it('and what no schema knows is the host’s or the platform’s, and written', () =>
    assert.deepEqual([...written].filter((name) => !isKnown(name)).sort(), PLATFORM));

  it('agree on the tables', () => {
    const made = deployment('minimal').of('Microsoft.Storage/storageAccounts/tableServices/tables');
    assert.deepEqual(made.map(({ name }) => name.split('/').at(-1)).sort(), [
      'history',
      'policies',
      'readmodel',
    ]);
  });

  it('agree on who signs people in: the app asks for it exactly where the platform is set to', () => {
    for (const deployed of DEPLOYMENTS) {
      const platform = deployed.resources.some(({ name }) => name.endsWith('/authsettingsV2'));
      assert.equal(settingsOf(deployed).access === 'entra', platform, deployed.name);
    }
  });
});

it('two hundred vaults in ten subscriptions, all of whose topics exist already, fit into 4 KB of event sources', () => {
  const small = contosoDeployment();
  const [like] = small.sources;
  assert.ok(like);
  const subscription = (n: number) => `11111111-1111-4111-8111-${String(n % 10).padStart(12, '1')}`;
  const source = (n: number, topicType: typeof like.topicType) => ({
    ...like,
    topicType,
    topicId: `/subscriptions/${subscription(n)}/resourceGroups/${'g'.repeat(90)}/providers/Microsoft.EventGrid/systemTopics/${String(n).padStart(50, 't')}`,
  });
  const sources = [
    ...Array.from({ length: 10 }, (_, n) => source(n, 'Microsoft.Resources.Subscriptions')),
    ...Array.from({ length: 200 }, (_, n) => source(n, 'Microsoft.KeyVault.vaults')),
  ];
  const value = ownSourcesSetting({ ...small, sources });
  assert.ok(value.length < 4096, `${value.length} characters`);
  assert.equal(ownSourcesFrom(value.split(',')).vaultTopics.size, 200);
});

it('the local stack’s event sources are written as Bicep writes them', () => {
  const deployed = deployment('local-stack');
  assert.equal(ownSourcesSetting(deploymentOf(deployed)), appSettings(deployed).LOCKWATCH_EVENT_SOURCES);
});
