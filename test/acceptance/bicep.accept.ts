import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { HOST_SUBSCRIPTION } from '../../dev/expected-deployment/scenario-ids.ts';
import { at, parseSnapshot } from '../../dev/expected-deployment/snapshot.ts';
import { findBicep, restoreBicep } from '../../tools/bicep/program.ts';
import {
  AZUREDEPLOY,
  type Compiled,
  committed,
  compileBy,
  diagnosticsOf,
  INFRA,
  refusalsOf,
  scenarioNames,
  snapshotAzd,
  startBicepOfAzd,
} from '../../tools/bicep/snapshots.ts';

const isRequired = process.env.CI === 'true' || process.env.LOCKWATCH_LOCAL_REQUIRE_BICEP === '1';
const program = isRequired ? await restoreBicep() : await findBicep();
const skip = program === undefined && 'The Bicep compiler is not here. Fetch it: npm run bicep -- restore';

const vault = `/subscriptions/${HOST_SUBSCRIPTION}/resourceGroups/rg-keys/providers/Microsoft.KeyVault/vaults/kv-contoso`;
/** One compiler for all that is asked here: that what azd sets changes no scenario is thereby shown as well. */
const server =
  program === undefined
    ? undefined
    : startBicepOfAzd(program, {
        AZURE_ENV_NAME: 'lockwatch',
        AZURE_LOCATION: 'westeurope',
        AZURE_SUBSCRIPTION_ID: HOST_SUBSCRIPTION,
        LOCKWATCH_ENTRA_CLIENT_ID: 'aaaaaaaa-0000-4000-8000-000000000001',
        LOCKWATCH_DELIVERY: 'push',
        LOCKWATCH_TAGS: JSON.stringify({ 'cost-center': '42' }),
        LOCKWATCH_WATCHED_VAULTS: JSON.stringify([{ id: vault, location: 'westeurope' }]),
      });
/** The scenario tags-and-names, as somebody in Windows PowerShell 5.1 sets it: without a quotation mark. */
const SHORT_FORMS: Readonly<Record<string, string>> = {
  AZURE_ENV_NAME: 'lockwatch',
  AZURE_LOCATION: 'westeurope',
  AZURE_SUBSCRIPTION_ID: HOST_SUBSCRIPTION,
  LOCKWATCH_ENTRA_CLIENT_ID: 'aaaaaaaa-0000-4000-8000-000000000001',
  LOCKWATCH_RESOURCE_GROUP: 'contoso-lockwatch-prod',
  LOCKWATCH_TAGS: 'cost-center=4711; owner=power-platform@contoso.example',
  LOCKWATCH_INSTANCE_MEMORY_MB: '512',
  LOCKWATCH_MAXIMUM_INSTANCES: '60',
  LOCKWATCH_ALWAYS_READY: 'function:storageQueue=1;http=1',
  LOCKWATCH_SETTINGS: 'LOCKWATCH_SWEEP_SECONDS=60',
  LOCKWATCH_EMAIL_BY: 'communicationServices',
  LOCKWATCH_EMAIL_DOMAIN: 'mail.contoso.example',
  LOCKWATCH_EMAIL_FROM: 'lockwatch@mail.contoso.example',
  LOCKWATCH_EMAIL_TO: 'power-admins@contoso.example;oncall@contoso.example',
  LOCKWATCH_EMAIL_DATA_LOCATION: 'Switzerland',
  LOCKWATCH_ALERT_EMAILS: 'oncall@contoso.example',
  LOCKWATCH_ALERT_SMS: '+49 15100000000',
  LOCKWATCH_ALERT_SILENT_MINUTES: '30',
  LOCKWATCH_CODE_DEPLOYED: 'true',
  LOCKWATCH_LOG_RETENTION_DAYS: '365',
  LOCKWATCH_PRIVATE_NETWORK: 'true',
  LOCKWATCH_NETWORK_PREFIX: '10.20.30.0/25',
  LOCKWATCH_WATCHED_VAULTS: `${vault},westeurope,auditLog`,
  // Empty counts as not set.
  LOCKWATCH_ALERT_VOICE: '',
  LOCKWATCH_CLOUD: '',
  LOCKWATCH_DELETE_LOCK: '',
  LOCKWATCH_EXISTING_TOPICS: '',
  LOCKWATCH_SECRET_SETTINGS: '',
  LOCKWATCH_WATCHED_SUBSCRIPTIONS: '',
};
/** What azd deploys with these variables. */
async function azdWith(variables: Record<string, string>): Promise<string> {
  const other = startBicepOfAzd(program ?? assert.fail('it was skipped'), variables);
  try {
    return await snapshotAzd(other);
  } finally {
    await other.stop();
  }
}
const compiler = () => server ?? assert.fail('it was skipped');
after(() => server?.stop());

describe('the real compiler', { skip }, () => {
  let compiled: Compiled;
  before(async () => {
    compiled = await compileBy(compiler());
  });

  it('compiles and lints every file without a warning', () => assert.equal(compiled.output, ''));

  it('takes a lint rule for a fault here, and only warns whoever deploys', async () => {
    const config = await readFile(join(INFRA, 'bicepconfig.json'), 'utf8');
    const { rules } = JSON.parse(config).analyzers.core;
    for (const [name, { level }] of Object.entries<{ level: string }>(rules))
      assert.match(level, /^(warning|off)$/, name);
    const folder = await mkdtemp(join(tmpdir(), 'lockwatch-bicep-'));
    try {
      await writeFile(join(folder, 'bicepconfig.json'), config);
      await writeFile(join(folder, 'unused.bicep'), 'param nobodyReads string\n');
      assert.match(await diagnosticsOf(compiler(), folder), /unused\.bicep.* : Warning no-unused-params/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('would format no file otherwise (else: npm run bicep -- format)', () =>
    assert.deepEqual(compiled.unformatted, []));

  it('evaluates every scenario', async () =>
    assert.deepEqual([...compiled.expected.keys()], await scenarioNames()));

  it('evaluates each to what was reviewed (else: npm run bicep -- snapshot, and look at the difference)', async () => {
    const drifted: string[] = [];
    for (const [name, text] of compiled.expected) if ((await committed(name)) !== text) drifted.push(name);
    assert.deepEqual(drifted, []);
  });

  it('compiles the template for a deployment without azd to what was committed (else: npm run bicep -- template)', async () =>
    assert.equal(await readFile(AZUREDEPLOY, 'utf8'), compiled.template));
});

describe('what azd deploys', { skip }, () => {
  let azd: string;
  before(async () => {
    azd = await snapshotAzd(compiler());
  });

  it('is what its variables say, lists and objects as JSON; what is not set is as in the smallest scenario', async () => {
    const untagged = JSON.parse(azd, (key, value) => {
      if (key !== 'tags') return value;
      const { 'cost-center': _, ...others } = value;
      return others;
    });
    assert.equal(`${JSON.stringify(untagged, null, 2)}\n`, await committed('push'));
  });

  it('is the same in the short forms, which need no quotation marks; an empty variable counts as not set', async () =>
    assert.equal(await azdWith(SHORT_FORMS), await committed('tags-and-names')));

  it('is the same where every list and object is JSON', async () => {
    const json = {
      ...SHORT_FORMS,
      LOCKWATCH_TAGS: '{"cost-center":"4711","owner":"power-platform@contoso.example"}',
      LOCKWATCH_ALWAYS_READY:
        '[{"name":"function:storageQueue","instanceCount":1},{"name":"http","instanceCount":1}]',
      LOCKWATCH_SETTINGS: '{"LOCKWATCH_SWEEP_SECONDS":"60"}',
      LOCKWATCH_EMAIL_TO: '["power-admins@contoso.example","oncall@contoso.example"]',
      LOCKWATCH_ALERT_EMAILS: '["oncall@contoso.example"]',
      LOCKWATCH_ALERT_SMS: '[{"countryCode":"49","phoneNumber":"15100000000"}]',
      LOCKWATCH_WATCHED_VAULTS: `[{"id":"${vault}","location":"westeurope","auditLog":true}]`,
      LOCKWATCH_ALERT_VOICE: '[]',
    };
    assert.equal(await azdWith(json), await committed('tags-and-names'));
  });

  it('is in a network that is there already where its subnets are named, and a list of zones is short, too', async () => {
    const network = `/subscriptions/${HOST_SUBSCRIPTION}/resourceGroups/rg-network/providers/Microsoft.Network/virtualNetworks/vnet-spoke/subnets`;
    const variables = {
      AZURE_ENV_NAME: 'lockwatch',
      AZURE_LOCATION: 'westeurope',
      AZURE_SUBSCRIPTION_ID: HOST_SUBSCRIPTION,
      LOCKWATCH_ENTRA_CLIENT_ID: 'aaaaaaaa-0000-4000-8000-000000000001',
      LOCKWATCH_PRIVATE_NETWORK: 'true',
      LOCKWATCH_APP_SUBNET_ID: `${network}/snet-lockwatch`,
      LOCKWATCH_ENDPOINT_SUBNET_ID: `${network}/snet-endpoints`,
    };
    assert.equal(await azdWith(variables), await committed('existing-network-without-zones'));
    const names = ['blob.core.windows.net', 'queue.core.windows.net', 'table.core.windows.net']
      .concat(['vaultcore.azure.net', 'servicebus.windows.net', 'azurewebsites.net'])
      .map((name) => `privatelink.${name}`);
    const zones = `/subscriptions/44444444-4444-4444-8444-444444444444/resourceGroups/rg-dns/providers/Microsoft.Network/privateDnsZones`;
    const withZones = {
      ...variables,
      LOCKWATCH_PRIVATE_DNS_ZONES: names.map((name) => `${zones}/${name}`).join(';'),
      LOCKWATCH_APP_PUBLIC_ACCESS: 'Disabled',
      LOCKWATCH_WATCHED_VAULTS: `${vault},westeurope,auditLog`,
    };
    assert.equal(await azdWith(withZones), await committed('existing-network'));
  });

  it('has a variable for every parameter', async () => {
    const parameters = (text: string) => [...text.matchAll(/^param (\w+)/gm)].map(([, name]) => name);
    const read = (file: string) => readFile(join(INFRA, file), 'utf8');
    assert.deepEqual(
      parameters(await read('main.bicepparam')).sort(),
      parameters(await read('main.bicep')).sort(),
    );
  });

  it('carries the tags that a policy of the organisation demands, on every group and resource', () => {
    const { resources } = parseSnapshot('tagged', azd);
    const tagged = resources.filter((one) => at(one, 'tags') !== undefined);
    assert.ok(tagged.filter(({ type }) => type === 'Microsoft.Resources/resourceGroups').length === 2);
    for (const one of tagged) assert.equal(at(one, 'tags', 'cost-center'), '42', one.id);
    for (const { id, type, location, tags } of resources)
      if (location !== undefined) assert.ok(tags, `${type} ${id} has a place and no tags`);
  });
});

describe('a deployment that could not work', { skip }, () => {
  const CASES: Readonly<Record<string, RegExp>> = {
    'no-registration': /entraClientId is empty.*set access to keys/,
    'one-subnet': /belong together: name both subnets/,
    'subnets-without-private-network': /set privateNetwork to true, or leave the subnets out/,
    'same-subnet': /are the same.*holds no private endpoint/,
    'subnet-with-underscore': /underscore in its name/,
    'endpoints-in-another-subscription': /in another subscription than the app.*Deploy the app there/,
    'a-zone-is-missing':
      /privateDnsZones lacks privatelink\.queue\.core\.windows\.net, .*Name every zone, or none/,
    'setting-of-the-platform':
      /settings holds WEBSITE_TIME_ZONE: only settings of the app.*Flex Consumption refuses/,
    'setting-of-our-own': /settings holds lockwatch_queue, which the deployment sets by itself/,
    'separate-duties-and-push': /separateDuties is set, and delivery is push.*Set delivery to queue/,
    'separate-duties-and-locks': /separateDuties is set, and lockVaults.*Leave these to their owners/,
    'push-to-a-closed-app': /appPublicAccess is Disabled.*Set delivery to queue/,
  };
  it('is refused before anything is made, with what to do', async () => {
    const paths = Object.keys(CASES).map((name) =>
      join(import.meta.dirname, `../infra/refused/${name}.bicepparam`),
    );
    const refusals = await refusalsOf(compiler(), paths);
    for (const [index, words] of Object.values(CASES).entries())
      assert.match(refusals[index] ?? 'not refused', words);
  });
});
