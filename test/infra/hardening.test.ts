import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SETTINGS } from '../../shared/settings/settings.ts';
import {
  appSettings,
  at,
  DEPLOYMENTS,
  deployment,
  listAt,
  type SnapshotResource,
  textAt,
} from './deployment.ts';

/** "Naming rules and restrictions for Azure resources": length and form of the last part of each name. */
const NAMES: Readonly<Record<string, RegExp>> = {
  'Microsoft.Resources/resourceGroups': /^[-\w.()]{0,89}[-\w()]$/,
  'Microsoft.ManagedIdentity/userAssignedIdentities': /^[A-Za-z0-9][-\w]{2,127}$/,
  'Microsoft.Storage/storageAccounts': /^[a-z0-9]{3,24}$/,
  'Microsoft.Storage/storageAccounts/queueServices/queues': /^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$/,
  'Microsoft.Storage/storageAccounts/tableServices/tables': /^[A-Za-z][A-Za-z0-9]{2,62}$/,
  'Microsoft.Storage/storageAccounts/blobServices/containers': /^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$/,
  'Microsoft.OperationalInsights/workspaces': /^[A-Za-z0-9][-A-Za-z0-9]{2,61}[A-Za-z0-9]$/,
  'Microsoft.Insights/components': /^[-\w.()]{1,260}$/,
  'Microsoft.KeyVault/vaults': /^(?=.{3,24}$)[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$/,
  'Microsoft.KeyVault/vaults/secrets': /^[-A-Za-z0-9]{1,127}$/,
  'Microsoft.Web/serverfarms': /^[-A-Za-z0-9]{1,60}$/,
  // The host id is the first 32 characters: two apps must differ within them ("Host ID considerations").
  'Microsoft.Web/sites': /^[A-Za-z0-9][-A-Za-z0-9]{0,30}[A-Za-z0-9]$/,
  'Microsoft.EventGrid/systemTopics': /^[-A-Za-z0-9]{3,128}$/,
  'Microsoft.EventGrid/systemTopics/eventSubscriptions': /^[-A-Za-z0-9]{3,64}$/,
  'Microsoft.EventHub/namespaces': /^[A-Za-z][-A-Za-z0-9]{4,48}[A-Za-z0-9]$/,
  'Microsoft.EventHub/namespaces/eventhubs': /^[A-Za-z0-9][-\w.]{0,254}[A-Za-z0-9]$/,
  'Microsoft.EventHub/namespaces/authorizationRules': /^[A-Za-z0-9][-\w.]{0,48}[A-Za-z0-9]$/,
  'Microsoft.Communication/communicationServices': /^[-A-Za-z0-9]{1,63}$/,
  'Microsoft.Communication/emailServices': /^[-A-Za-z0-9]{1,63}$/,
  'Microsoft.Insights/actionGroups': /^[^:<>+/&%\\?|]{1,260}$/,
  'Microsoft.Insights/scheduledQueryRules': /^[^*<>%{}&:\\?/#|]{1,260}$/,
  'Microsoft.Insights/workbooks': /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  'Microsoft.Network/virtualNetworks': /^[A-Za-z0-9][-\w.]{0,62}\w$/,
  'Microsoft.Network/privateEndpoints': /^[A-Za-z0-9][-\w.]{0,62}\w$/,
  'Microsoft.Authorization/policyDefinitions': /^[^#<>%&:\\?/]{1,63}[^#<>%&:\\?/. ]$/,
  'Microsoft.Authorization/policyAssignments': /^[^#<>%&:\\?/]{1,23}[^#<>%&:\\?/. ]$/,
};

/** Whatever takes keys or connection strings unless told otherwise, and where it is told. */
const KEYLESS: Readonly<Record<string, { at: string[]; is: boolean }>> = {
  'Microsoft.Storage/storageAccounts': { at: ['allowSharedKeyAccess'], is: false },
  'Microsoft.Insights/components': { at: ['DisableLocalAuth'], is: true },
  'Microsoft.OperationalInsights/workspaces': { at: ['features', 'disableLocalAuth'], is: true },
  'Microsoft.Communication/communicationServices': { at: ['disableLocalAuth'], is: true },
  'Microsoft.Web/sites/basicPublishingCredentialsPolicies': { at: ['allow'], is: false },
  // Azure Monitor writes by a rule of the namespace: the one exception.
  'Microsoft.EventHub/namespaces': { at: ['disableLocalAuth'], is: false },
};
/** All that a deployment tells: names, addresses and ids. */
const OUTPUTS = [
  'AZURE_RESOURCE_GROUP',
  'LOCKWATCH_APP_NAME',
  'LOCKWATCH_HEARTBEAT_ALERT_ID',
  'LOCKWATCH_IDENTITY_CLIENT_ID',
  'LOCKWATCH_IDENTITY_PRINCIPAL_ID',
  'LOCKWATCH_OWNER_TASKS',
  'LOCKWATCH_SECRET_VAULT',
  'LOCKWATCH_URL',
];

const lastPart = ({ name }: SnapshotResource) => name.split('/').at(-1) ?? '';

for (const deployed of DEPLOYMENTS)
  describe(`the scenario ${deployed.name}`, () => {
    const isPrivate = deployed.of('Microsoft.Network/privateEndpoints').length > 0;

    it('is evaluated whole, and makes nothing twice', () => {
      assert.deepEqual(deployed.diagnostics, []);
      const ids = deployed.resources.map(({ id }) => id.toLowerCase());
      assert.deepEqual(
        ids.filter((id, index) => ids.indexOf(id) !== index),
        [],
      );
    });

    it('keeps names within Azure’s limits', () => {
      for (const resource of deployed.resources) {
        // A role assignment's name holds its principal's id (rights.test.ts).
        const isAssignment = resource.type === 'Microsoft.Authorization/roleAssignments';
        assert.ok(
          isAssignment || !/\[/.test(resource.name),
          `${resource.id} is named only while it is deployed`,
        );
        const form = NAMES[resource.type];
        if (form) assert.match(lastPart(resource), form, resource.type);
      }
    });

    it('lets nobody in with a key', () => {
      for (const { properties } of deployed.of('Microsoft.Storage/storageAccounts')) {
        assert.equal(properties.allowSharedKeyAccess, false);
        assert.equal(properties.allowBlobPublicAccess, false);
        assert.equal(properties.allowCrossTenantReplication, false);
      }
      assert.equal(deployed.one('Microsoft.Insights/components').properties.DisableLocalAuth, true);
      assert.equal(
        at(
          deployed.one('Microsoft.OperationalInsights/workspaces').properties,
          'features',
          'disableLocalAuth',
        ),
        true,
      );
      const detectionSources = deployed.of('Microsoft.Web/sites/basicPublishingCredentialsPolicies');
      // Flex Consumption has no FTP (flex-consumption.test.ts).
      assert.deepEqual(detectionSources.map(lastPart), ['scm']);
      for (const { properties } of detectionSources) assert.equal(properties.allow, false);
      for (const container of deployed.of('Microsoft.Storage/storageAccounts/blobServices/containers'))
        assert.equal(container.properties.publicAccess, 'None');
    });

    it('turns keys off at whatever could be opened with one, but for Event Hubs', () => {
      for (const resource of deployed.resources) {
        const keyless = KEYLESS[resource.type];
        if (keyless) assert.equal(at(resource.properties, ...keyless.at), keyless.is, resource.id);
        else
          assert.doesNotMatch(JSON.stringify(resource.properties), /localAuth|sharedKeyAccess/i, resource.id);
      }
    });

    it('keeps the one key that Azure Monitor can’t do without to Azure Monitor', () => {
      const rules = deployed.of('Microsoft.EventHub/namespaces/authorizationRules');
      for (const rule of rules) assert.equal(lastPart(rule), 'azure-monitor');
      assert.equal(rules.length, deployed.of('Microsoft.EventHub/namespaces').length);
      const users = deployed.resources.filter((one) =>
        /\/namespaces\/evhns-[^"]*\/authorizationRules\//.test(JSON.stringify(one.properties)),
      );
      // With separate duties, owners make the settings that use it.
      assert.equal(users.length > 0, rules.length > 0 && deployed.name !== 'separate-duties');
      for (const { type } of users) assert.equal(type, 'Microsoft.Insights/diagnosticSettings');
      assert.equal(deployed.text.includes('listKeys'), false);
      assert.equal(deployed.text.includes('listSecrets'), false);
    });

    it('speaks TLS 1.2 or newer everywhere', () => {
      for (const { properties } of deployed.of('Microsoft.Storage/storageAccounts')) {
        assert.equal(properties.minimumTlsVersion, 'TLS1_2');
        assert.equal(properties.supportsHttpsTrafficOnly, true);
      }
      for (const { properties } of deployed.of('Microsoft.EventHub/namespaces'))
        assert.equal(properties.minimumTlsVersion, '1.2');
      const site = deployed.one('Microsoft.Web/sites').properties;
      assert.equal(site.httpsOnly, true);
      assert.equal(at(site, 'siteConfig', 'minTlsVersion'), '1.2');
      assert.equal(at(site, 'siteConfig', 'scmMinTlsVersion'), '1.2');
    });

    it('holds no secret, neither as a value nor as an output', () => {
      for (const { id, condition, properties } of deployed.of('Microsoft.KeyVault/vaults/secrets')) {
        assert.match(textAt(properties, 'value'), /^\[parameters\('\w+'\)\]$/, id);
        assert.match(
          condition ?? '',
          /not\(empty\(parameters/,
          'a secret that is not given is left as it is',
        );
      }
      const SIGNS =
        /AccountKey=|SharedAccessKey=|[?&]sig=|InstrumentationKey=|client_?secret"?\s*[:=]\s*"[^"O]|password=/i;
      assert.doesNotMatch(deployed.text, SIGNS);
      const outputs = JSON.stringify(deployed.outputs);
      assert.doesNotMatch(outputs, /secrets\/|connectionString|webhook|smtp/i);
      assert.deepEqual(Object.keys(deployed.outputs).sort(), OUTPUTS);
    });

    it('keeps its own vault: purge protection, ninety days, roles only', () => {
      const { properties } = deployed.one('Microsoft.KeyVault/vaults');
      assert.equal(properties.enablePurgeProtection, true);
      assert.equal(properties.enableRbacAuthorization, true);
      assert.equal(properties.softDeleteRetentionInDays, 90);
      assert.equal(properties.accessPolicies, undefined);
    });

    it(isPrivate ? 'is closed to the internet' : 'is not closed by halves', () => {
      const storage = deployed.one('Microsoft.Storage/storageAccounts').properties;
      assert.equal(at(storage, 'networkAcls', 'defaultAction'), isPrivate ? 'Deny' : 'Allow');
      assert.equal(
        at(storage, 'networkAcls', 'bypass'),
        'AzureServices',
        'Event Grid delivers as a trusted service',
      );
      const vault = deployed.one('Microsoft.KeyVault/vaults').properties;
      assert.equal(vault.publicNetworkAccess, isPrivate ? 'Disabled' : 'Enabled');
      for (const rules of deployed.of('Microsoft.EventHub/namespaces/networkRuleSets')) {
        assert.equal(rules.properties.defaultAction, isPrivate ? 'Deny' : 'Allow');
        assert.equal(rules.properties.trustedServiceAccessEnabled, true, 'Azure Monitor writes as one');
      }
      const site = deployed.one('Microsoft.Web/sites').properties;
      assert.equal(typeof site.virtualNetworkSubnetId === 'string', isPrivate);
    });

    it('has a private endpoint, with its name in DNS, for each service that it closes', () => {
      const endpoints = deployed.of('Microsoft.Network/privateEndpoints');
      const groups = endpoints.flatMap(({ properties }) =>
        listAt(properties, 'privateLinkServiceConnections').flatMap((one) =>
          listAt(one, 'properties', 'groupIds'),
        ),
      );
      const site = deployed.one('Microsoft.Web/sites').properties;
      const wanted = isPrivate
        ? [
            ...['blob', 'queue', 'table', 'vault'],
            ...deployed.of('Microsoft.EventHub/namespaces').map(() => 'namespace'),
            ...(site.publicNetworkAccess === 'Disabled' ? ['sites'] : []),
          ]
        : [];
      assert.deepEqual(groups.sort(), wanted.sort());
      const records = deployed
        .of('Microsoft.Network/privateEndpoints/privateDnsZoneGroups')
        .flatMap(({ properties }) => listAt(properties, 'privateDnsZoneConfigs'))
        .map((one) => textAt(one, 'properties', 'privateDnsZoneId'));
      // There an Azure Policy of the organisation makes the records.
      assert.equal(records.length, deployed.name === 'existing-network-without-zones' ? 0 : endpoints.length);
      const zones = deployed.of('Microsoft.Network/privateDnsZones').map(({ id }) => id);
      const links = deployed.of('Microsoft.Network/privateDnsZones/virtualNetworkLinks');
      assert.equal(links.length, zones.length, 'each zone is seen from the network, once');
      if (deployed.of('Microsoft.Network/virtualNetworks').length > 0)
        assert.deepEqual([...new Set(records)].sort(), [...zones].sort());
      else assert.deepEqual(zones, [], 'nothing is made beside the zones of the organisation');
    });

    it('says how the app reaches the internet from a network that is made', () => {
      for (const network of deployed.of('Microsoft.Network/virtualNetworks')) {
        const [app, endpoints] = listAt(network.properties, 'subnets');
        const gateway = deployed.one('Microsoft.Network/natGateways');
        assert.equal(at(app, 'properties', 'natGateway', 'id'), gateway.id);
        assert.deepEqual(
          [app, endpoints].map((subnet) => at(subnet, 'properties', 'defaultOutboundAccess')),
          [false, false],
        );
        const addresses = listAt(gateway.properties, 'publicIpAddresses').map((one) => textAt(one, 'id'));
        assert.deepEqual(addresses, [deployed.one('Microsoft.Network/publicIPAddresses').id]);
      }
    });
  });

/** Scenarios whose access is function keys. */
const WITH_KEYS = ['national-cloud', 'function-keys', 'without-azd'];
describe('a network that is there already', () => {
  const existing = deployment('existing-network');
  const SUBNETS = '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-network';

  it('takes the app and the private endpoints into the subnets that are named, and is not changed', () => {
    for (const deployed of [existing, deployment('existing-network-without-zones')]) {
      const site = deployed.one('Microsoft.Web/sites').properties;
      assert.match(
        textAt(site, 'virtualNetworkSubnetId'),
        new RegExp(`^${SUBNETS}/.*/subnets/snet-lockwatch$`),
      );
      for (const { properties } of deployed.of('Microsoft.Network/privateEndpoints'))
        assert.match(
          textAt(properties, 'subnet', 'id'),
          new RegExp(`^${SUBNETS}/.*/subnets/snet-endpoints$`),
        );
      for (const { id } of deployed.resources)
        assert.ok(!id.toLowerCase().startsWith(SUBNETS.toLowerCase()), `${id} is changed`);
    }
  });

  it('has its records in the organisation’s own zones, in whichever subscription they are', () => {
    const zones = existing
      .of('Microsoft.Network/privateEndpoints/privateDnsZoneGroups')
      .flatMap(({ properties }) => listAt(properties, 'privateDnsZoneConfigs'))
      .map((one) => textAt(one, 'properties', 'privateDnsZoneId'));
    for (const zone of zones) assert.match(zone, /^\/subscriptions\/44444444-.*\/rg-dns\//);
    assert.equal(new Set(zones).size, 6);
  });
});

describe('sign-in', () => {
  const config = (name: string) =>
    deployment(name).resources.find(({ name: one }) => one.endsWith('/authsettingsV2'))?.properties ??
    assert.fail();

  it('guards every path, but for Event Grid’s where events are pushed', () => {
    for (const { name, resources } of DEPLOYMENTS.filter(({ name }) => !WITH_KEYS.includes(name))) {
      assert.ok(resources.length > 0);
      assert.equal(at(config(name), 'globalValidation', 'requireAuthentication'), true);
      const excluded = listAt(config(name), 'globalValidation', 'excludedPaths');
      assert.deepEqual(excluded, name === 'push' ? ['/runtime/webhooks/eventgrid'] : [], name);
    }
  });

  it('takes tokens of this tenant for this app only, and needs no client secret', () => {
    const registration = at(config('minimal'), 'identityProviders', 'azureActiveDirectory');
    assert.equal(
      at(registration, 'registration', 'openIdIssuer'),
      'https://login.microsoftonline.com/22222222-2222-4222-8222-222222222222/v2.0',
    );
    assert.deepEqual(at(registration, 'validation', 'allowedAudiences'), [
      'aaaaaaaa-0000-4000-8000-000000000001',
      'api://aaaaaaaa-0000-4000-8000-000000000001',
    ]);
    const setting = textAt(registration, 'registration', 'clientSecretSettingName');
    assert.equal(setting, 'OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID');
    assert.match(appSettings(deployment('minimal'))[setting] ?? '', /outputs\.clientId/);
  });

  it('can be left to function keys', () => {
    for (const withKeys of WITH_KEYS.map(deployment)) {
      assert.ok(!withKeys.resources.some(({ name }) => name.endsWith('/authsettingsV2')));
      assert.equal(appSettings(withKeys)[SETTINGS.access.name], 'keys');
    }
  });
});

describe('a national cloud', () => {
  it('has its own endpoints, and none of the public cloud', () => {
    assert.doesNotMatch(
      deployment('national-cloud').text,
      /core\.windows\.net|vault\.azure\.net|servicebus\.windows\.net/,
    );
    for (const deployed of DEPLOYMENTS.filter(({ name }) => !WITH_KEYS.includes(name)))
      assert.doesNotMatch(deployed.text, /usgovcloudapi/);
  });
});
