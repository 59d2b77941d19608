import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { readOptions } from '../../../tools/deploy/options.ts';
import { VARIABLES, variableFaults, variableWarnings } from '../../../tools/deploy/variables.ts';
import { appSettings, DEPLOYMENTS } from '../../infra/deployment.ts';

const ROOT = join(import.meta.dirname, '../../..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const namesIn = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => name ?? '');

const GUID = '11111111-1111-4111-8111-111111111111';
const GROUP = `/subscriptions/${GUID}/resourceGroups/rg-keys`;
const VAULT = `${GROUP}/providers/Microsoft.KeyVault/vaults/kv-contoso`;
const TOPIC = `${GROUP}/providers/Microsoft.EventGrid/systemTopics/evgt-activity`;
const SUBNET = `${GROUP}/providers/Microsoft.Network/virtualNetworks/vnet/subnets/app`;
const POLICY = `${GROUP}/providers/Microsoft.PowerPlatform/enterprisePolicies/ep-main`;

/** For each variable, texts that are accepted, and one that is refused; undefined: any text is accepted. */
const EXAMPLES: Readonly<Record<string, { accepted: string[]; refused: string | undefined }>> = {
  AZURE_ENV_NAME: { accepted: ['lockwatch', 'Lock_watch-1.2(x)'], refused: 'a'.repeat(41) },
  AZURE_LOCATION: { accepted: ['westeurope', 'West Europe'], refused: 'west-europe;' },
  AZURE_SUBSCRIPTION_ID: { accepted: [GUID], refused: 'Contoso Production' },
  LOCKWATCH_RESOURCE_GROUP: { accepted: ['rg-lockwatch', 'rg_(prod).x'], refused: 'rg.' },
  LOCKWATCH_CLOUD: { accepted: ['public', 'china'], refused: 'AzureCloud' },
  LOCKWATCH_TAGS: {
    accepted: ['{"cost-center":"42"}', 'cost-center=42;owner=me@example.com', '{}'],
    refused: '{"cost<center":"42"}',
  },
  LOCKWATCH_WATCHED_SUBSCRIPTIONS: { accepted: [`["${GUID}"]`, `${GUID};${GUID}`], refused: '[Contoso]' },
  LOCKWATCH_MANAGEMENT_GROUP: { accepted: ['contoso'], refused: 'Contoso Group' },
  LOCKWATCH_WATCHED_VAULTS: {
    accepted: [
      `[{"id":"${VAULT}","location":"westeurope"}]`,
      `${VAULT},westeurope;${VAULT},westeurope,auditLog`,
    ],
    refused: `[{id:${VAULT},location:westeurope}]`,
  },
  LOCKWATCH_EXISTING_TOPICS: {
    accepted: ['{}', `${VAULT}=${TOPIC}`, `{"/subscriptions/${GUID}":"${TOPIC}"}`],
    refused: `${TOPIC}=${VAULT}`,
  },
  LOCKWATCH_READING_ROLE: { accepted: ['custom', 'Reader'], refused: 'reader' },
  LOCKWATCH_READING_RIGHT: { accepted: ['subscriptions', 'managementGroup'], refused: 'group' },
  LOCKWATCH_DELIVERY: { accepted: ['queue', 'push'], refused: 'pull' },
  LOCKWATCH_SEPARATE_DUTIES: { accepted: ['true', 'false'], refused: 'yes' },
  LOCKWATCH_ACCESS: { accepted: ['entra', 'keys'], refused: 'none' },
  LOCKWATCH_ENTRA_CLIENT_ID: { accepted: [GUID], refused: 'Lockwatch' },
  LOCKWATCH_DEPLOYER_OBJECT_ID: { accepted: [GUID], refused: 'me' },
  LOCKWATCH_NODE_VERSION: { accepted: ['24', '22'], refused: '20' },
  LOCKWATCH_NAME: { accepted: ['contoso-prod'], refused: 'x'.repeat(500) },
  LOCKWATCH_SETTINGS: {
    accepted: [
      '{"LOCKWATCH_SWEEP_SECONDS":"20"}',
      'LOCKWATCH_SWEEP_SECONDS=20;LOCKWATCH_TIME_ZONE=Europe/Berlin',
    ],
    refused: '{"LOCKWATCH_SWEEP_SECONDS":20}',
  },
  LOCKWATCH_SECRET_SETTINGS: {
    accepted: ['["LOCKWATCH_WEBHOOK_URL"]', 'LOCKWATCH_WEBHOOK_URL;LOCKWATCH_TEAMS_WEBHOOK_URL_OPS'],
    refused: 'LOCKWATCH_SWEEP_SECONDS',
  },
  LOCKWATCH_TEAMS: { accepted: ['true', 'false'], refused: 'no' },
  LOCKWATCH_TEAMS_WEBHOOK_URL: { accepted: ['https://example.com/?sig=x'], refused: 'http://example.com' },
  LOCKWATCH_EMAIL_BY: { accepted: ['none', 'smtp'], refused: 'mail' },
  LOCKWATCH_EMAIL_FROM: { accepted: ['lockwatch@example.com'], refused: 'lockwatch' },
  LOCKWATCH_EMAIL_TO: {
    accepted: ['["a@example.com"]', 'a@example.com;b@example.com'],
    refused: '[a@example.com]',
  },
  LOCKWATCH_EMAIL_DOMAIN: { accepted: ['managed', 'mail.contoso.example'], refused: 'contoso' },
  LOCKWATCH_EMAIL_DATA_LOCATION: { accepted: ['Europe', 'United States'], refused: 'westeurope' },
  LOCKWATCH_SMTP_URL: { accepted: ['smtps://u:p@relay.example.com'], refused: 'relay.example.com' },
  LOCKWATCH_ALERT_EMAILS: { accepted: ['["a@example.com"]', 'a@example.com'], refused: 'oncall' },
  LOCKWATCH_ALERT_SMS: {
    accepted: ['[{"countryCode":"49","phoneNumber":"15100000000"}]', '+49 15100000000;+1 555 0100'],
    refused: '15100000000',
  },
  LOCKWATCH_ALERT_VOICE: { accepted: ['+49 15100000000'], refused: '[{"phoneNumber":"15100000000"}]' },
  LOCKWATCH_CODE_DEPLOYED: { accepted: ['true'], refused: 'yes' },
  LOCKWATCH_ALERT_SILENT_MINUTES: { accepted: ['5', '60'], refused: '7' },
  LOCKWATCH_LOG_RETENTION_DAYS: { accepted: ['30', '730'], refused: '29' },
  LOCKWATCH_DELETE_LOCK: { accepted: ['true'], refused: 'on' },
  LOCKWATCH_PRIVATE_NETWORK: { accepted: ['false'], refused: 'off' },
  LOCKWATCH_NETWORK_PREFIX: { accepted: ['10.71.0.0/24', '10.0.0.0/16'], refused: '10.71.0.0/27' },
  LOCKWATCH_NAT_GATEWAY: { accepted: ['false'], refused: 'none' },
  LOCKWATCH_APP_SUBNET_ID: { accepted: [SUBNET], refused: `${SUBNET}_1` },
  LOCKWATCH_ENDPOINT_SUBNET_ID: { accepted: [`${SUBNET}_1`], refused: GROUP },
  LOCKWATCH_PRIVATE_DNS_ZONES: {
    accepted: [`${GROUP}/providers/Microsoft.Network/privateDnsZones/privatelink.blob.core.windows.net`],
    refused: 'privatelink.blob.core.windows.net',
  },
  LOCKWATCH_APP_PUBLIC_ACCESS: { accepted: ['Enabled', 'Disabled'], refused: 'disabled' },
  LOCKWATCH_LOCK_VAULTS: { accepted: ['true'], refused: '1' },
  LOCKWATCH_LOCK_POLICIES: { accepted: [`["${POLICY}"]`, POLICY], refused: VAULT },
  LOCKWATCH_NETWORK_GUARD: { accepted: ['off', 'open'], refused: 'on' },
  LOCKWATCH_INSTANCE_MEMORY_MB: { accepted: ['512', '4096'], refused: '1024' },
  LOCKWATCH_MAXIMUM_INSTANCES: { accepted: ['40', '1000'], refused: '39' },
  LOCKWATCH_ALWAYS_READY: {
    accepted: ['function:storageQueue=1;http=1', '[{"name":"http","instanceCount":2}]', '[]'],
    refused: 'storageQueue=1',
  },
  LOCKWATCH_ZONE_REDUNDANT: { accepted: ['true', 'false'], refused: 'zones' },
};

/** Read by a hook alone. */
const HOOKS_ONLY = ['LOCKWATCH_MANAGEMENT_GROUP'];

describe('the variables of the azd environment', () => {
  it('are all in the table that is checked before anything is made', () => {
    const read_ = namesIn(read('infra/main.bicepparam'), /readEnvironmentVariable\(\s*'(\w+)'/g);
    const passed = namesIn(read('azure.yaml'), /^ {4}- (LOCKWATCH_\w+)$/gm);
    assert.ok(read_.length >= 30);
    for (const name of [...read_, ...passed]) assert.ok(name in VARIABLES, `${name} is not checked`);
  });

  it('have no entry in the table that the deployment does not read', () => {
    const read_ = namesIn(read('infra/main.bicepparam'), /readEnvironmentVariable\(\s*'(\w+)'/g);
    const unread = Object.keys(VARIABLES).filter((name) => ![...read_, ...HOOKS_ONLY].includes(name));
    assert.deepEqual(
      unread.filter((name) => !NOT_YET.includes(name)),
      [],
    );
  });

  for (const [name, { accepted, refused }] of Object.entries(EXAMPLES))
    it(`${name} is checked by its form, and named where it is wrong`, () => {
      const faultsOf = (text: string) =>
        variableFaults({ [name]: text }).filter((one) => !/_TO is |_FROM is |belong together/.test(one));
      for (const text of ['', '  ', ...accepted]) assert.deepEqual(faultsOf(text), [], text);
      if (refused === undefined) return;
      const [fault = ''] = faultsOf(refused);
      assert.match(fault, new RegExp(`^${name}[: ]`));
      if (/URL$/.test(name)) assert.ok(!fault.includes('example.com'), 'a secret is not repeated');
    });

  it('have an example each', () => {
    assert.deepEqual(Object.keys(EXAMPLES).sort(), Object.keys(VARIABLES).sort());
  });

  it('are refused all at once', () => {
    const environment = {
      AZURE_ENV_NAME: 'lockwatch',
      LOCKWATCH_TEAMS: 'maybe',
      LOCKWATCH_ALERT_EMAILS: '[you@example.com]',
      LOCKWATCH_EMAIL_BY: 'smtp',
    };
    assert.throws(
      () => readOptions(environment),
      (error: Error) => {
        for (const name of ['AZURE_SUBSCRIPTION_ID', 'TEAMS', 'ALERT_EMAILS', 'EMAIL_TO', 'EMAIL_FROM'])
          assert.match(error.message, new RegExp(`\\n {2}- \\w*${name}`));
        return /same command again/.test(error.message);
      },
    );
  });

  it('exclude each other where Azure would refuse them together', () => {
    const [fault] = variableFaults({ LOCKWATCH_DELIVERY: 'push', LOCKWATCH_APP_PUBLIC_ACCESS: 'Disabled' });
    assert.match(fault ?? '', /Event Grid reaches the app from the internet only/);
    const apart = { LOCKWATCH_SEPARATE_DUTIES: 'true' };
    assert.match(
      variableFaults({ ...apart, LOCKWATCH_DELIVERY: 'push' }).join(),
      /^LOCKWATCH_SEPARATE_DUTIES is true, and LOCKWATCH_DELIVERY is push.*Set LOCKWATCH_DELIVERY to queue\.$/,
    );
    assert.match(
      variableFaults({ ...apart, LOCKWATCH_LOCK_VAULTS: 'true', LOCKWATCH_NETWORK_GUARD: 'off' }).join(),
      /^LOCKWATCH_LOCK_VAULTS must be left out.*by their owners\.$/,
    );
    const subnets = (app: string, endpoints: string, network = 'true') =>
      variableFaults({
        LOCKWATCH_APP_SUBNET_ID: app,
        LOCKWATCH_ENDPOINT_SUBNET_ID: endpoints,
        LOCKWATCH_PRIVATE_NETWORK: network,
      }).join();
    assert.match(subnets(SUBNET, ''), /belong together/);
    assert.match(subnets(SUBNET, SUBNET.toUpperCase()), /another subnet/);
    assert.match(subnets(SUBNET, `${SUBNET}2`, ''), /Set it to true/);
    assert.equal(subnets(SUBNET, `${SUBNET}2`), '');
  });

  it('that Windows PowerShell has taken the quotation marks from are named, with the form that works', () => {
    const [fault] = variableFaults({ LOCKWATCH_WATCHED_VAULTS: `[{id:${VAULT},location:westeurope}]` });
    assert.match(fault ?? '', /<id>,<location>.*In PowerShell use the form without quotation marks/);
  });
});

/** Variables that the templates will read. */
const NOT_YET = [
  'LOCKWATCH_NAT_GATEWAY',
  'LOCKWATCH_APP_SUBNET_ID',
  'LOCKWATCH_ENDPOINT_SUBNET_ID',
  'LOCKWATCH_PRIVATE_DNS_ZONES',
  'LOCKWATCH_ZONE_REDUNDANT',
];

describe('LOCKWATCH_SETTINGS', () => {
  const faults = (settings: object) => variableFaults({ LOCKWATCH_SETTINGS: JSON.stringify(settings) });

  it('can’t carry what Flex Consumption refuses, nor a setting of the platform', () => {
    for (const name of [
      'WEBSITE_RUN_FROM_PACKAGE',
      'FUNCTIONS_WORKER_RUNTIME',
      'AzureWebJobsStorage',
      'NODE_OPTIONS',
    ])
      assert.match(
        faults({ [name]: 'x' })[0] ?? '',
        new RegExp(`^LOCKWATCH_SETTINGS: ${name} is no setting of the app`),
      );
  });

  for (const deployed of DEPLOYMENTS)
    it(`can’t overwrite what the scenario ${deployed.name} sets by itself`, () => {
      const scenario = read(`infra/scenarios/${deployed.name}.bicepparam`);
      const [, people = ''] = /^param settings = \{\n([\s\S]*?)\n\}/m.exec(scenario) ?? [];
      const own = Object.keys(appSettings(deployed)).filter(
        (name) => !new RegExp(`^ *${name}:`, 'm').test(people),
      );
      assert.ok(own.length > 10);
      for (const name of own) assert.equal(faults({ [name]: 'x' }).length, 1, `${name} passes`);
    });

  it('can’t carry a secret, and the secret is not repeated', () => {
    const [fault = ''] = faults({ LOCKWATCH_WEBHOOK_URL: 'https://example.com/?sig=secret' });
    assert.match(fault, /LOCKWATCH_WEBHOOK_URL is a secret.*LOCKWATCH_SECRET_SETTINGS/);
    assert.doesNotMatch(fault, /sig=/);
  });

  it('is checked by the app’s own schema, name by name', () => {
    assert.match(
      faults({ LOCKWATCH_SWEEP_SECOND: '20' })[0] ?? '',
      /LOCKWATCH_SWEEP_SECOND is no setting of the app/,
    );
    assert.match(faults({ LOCKWATCH_SWEEP_SECONDS: 'often' })[0] ?? '', /LOCKWATCH_SWEEP_SECONDS must be/);
    assert.deepEqual(
      faults({ LOCKWATCH_SWEEP_SECONDS: '20', LOCKWATCH_WEBHOOK_PRESET_OPS: 'pagerduty' }),
      [],
    );
  });
});

describe('before a deployment, a person is warned', () => {
  const ALERTS = { LOCKWATCH_ALERT_EMAILS: 'you@example.com' };

  it('where Azure Monitor would notify nobody', () => {
    for (const none of [{}, { LOCKWATCH_ALERT_EMAILS: '' }, { LOCKWATCH_ALERT_EMAILS: '[]' }])
      assert.match(
        variableWarnings(none).join(),
        /LOCKWATCH_ALERT_EMAILS is not set.*only the app itself can report.*storage was closed.*azd env set LOCKWATCH_ALERT_EMAILS/,
      );
    assert.deepEqual(variableWarnings(ALERTS), []);
    assert.deepEqual(variableWarnings({ LOCKWATCH_ALERT_SMS: '+49 15100000000' }), []);
  });

  it('where a variable has no effect', () => {
    const [warning = ''] = variableWarnings({ ...ALERTS, LOCKWATCH_SWEEP_SECONDS: '20' });
    assert.match(warning, /LOCKWATCH_SWEEP_SECONDS is no variable of this deployment.*LOCKWATCH_SETTINGS/);
    assert.deepEqual(variableWarnings({ ...ALERTS, LOCKWATCH_URL: 'https://app.example' }), []);
  });
});
