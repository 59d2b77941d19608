import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  parseSnapshot,
  type Snapshot,
  type SnapshotResource,
} from '../../dev/expected-deployment/snapshot.ts';
import { AZURE_REFUSALS, type Planned } from './azure-refusals.ts';
import { at, DEPLOYMENTS, deployment } from './deployment.ts';
import { MAIN_BICEP } from './module-order.ts';

/** One fault of the template: what is changed in an expected deployment, or in main.bicep. */
interface PlantedFault {
  fault: string;
  /** Part of Azure's answer to it. */
  message: RegExp;
  inResources?(of: Snapshot['of']): void;
  inMain?(text: string): string;
}

const SITE = 'Microsoft.Web/sites';
const RULES = 'Microsoft.Insights/scheduledQueryRules';
const LINKS = 'Microsoft.Network/privateDnsZones/virtualNetworkLinks';
const ASSIGNMENTS = 'Microsoft.Authorization/roleAssignments';
const scaleOf = (of: Snapshot['of']) =>
  at(of(SITE)[0]?.properties, 'functionAppConfig', 'scaleAndConcurrency') as Record<string, unknown>;
const first = (resources: SnapshotResource[]) => resources[0] ?? assert.fail('there is none');
const alert = (of: Snapshot['of'], name: string) =>
  of(RULES).find((one) => one.name.endsWith(name)) ?? assert.fail(`there is no alert ${name}`);
const subnetOf = (of: Snapshot['of']) =>
  at(first(of('Microsoft.Network/virtualNetworks')).properties, 'subnets', 0);
const put = (value: unknown, more: object) => Object.assign(value as object, more);

const PLANTED: Readonly<Record<string, readonly PlantedFault[]>> = {
  'another principal under the name of an old role assignment': [
    {
      fault: 'the name is made of scope, the identity’s name and role',
      message: /RoleAssignmentUpdateNotPermitted/,
      inResources(of) {
        const one = first(of(ASSIGNMENTS));
        one.name = 'eda1f6ea-38c8-5a17-a296-8118dbd33391';
      },
    },
  ],
  'a role for a principal that is not replicated yet': [
    {
      fault: 'the kind of principal is not said',
      message: /PrincipalNotFound/,
      inResources: (of) => delete first(of(ASSIGNMENTS)).properties.principalType,
    },
  ],
  'an event subscription whose topic was given its rights a moment ago': [
    {
      fault: 'the event subscription follows its topic at once',
      message: /Managed Identity Authorization Error/,
      inMain: (text) => text.replace(/( {6}sourceTopics\n)(?: {6}\w+\n)+/, '$1'),
    },
    {
      fault: 'the topic waits for the app, too',
      message: /Managed Identity Authorization Error/,
      inMain: (text) =>
        text.replace('      eventGroups\n      storage\n', '      eventGroups\n      storage\n      app\n'),
    },
  ],
  'an alert that is muted and resolves by itself': [
    {
      fault: 'both at once',
      message: /^Auto mitigation must be disabled/,
      inResources: (of) => put(alert(of, 'incident-opened').properties, { autoMitigate: true }),
    },
    {
      fault: 'muted, and nothing said of resolving, which is then on',
      message: /^Auto mitigation must be disabled/,
      inResources: (of) => delete alert(of, 'dead-letters').properties.autoMitigate,
    },
  ],
  'an alert that is muted for less than the time between two evaluations': [
    {
      fault: 'evaluated every quarter of an hour, muted for five minutes',
      message: /^EvaluationFrequency cannot be greater/,
      inResources: (of) => put(alert(of, 'dead-letters').properties, { muteActionsDuration: 'PT5M' }),
    },
  ],
  'an alert with a duration that Azure Monitor does not offer': [
    {
      fault: 'an hour in minutes',
      message: /Invalid value for windowSize/,
      inResources: (of) => put(alert(of, 'dead-letters').properties, { windowSize: 'PT60M' }),
    },
    {
      fault: 'muted for half a day',
      message: /Invalid value for muteActionsDuration/,
      inResources: (of) => put(alert(of, 'dead-letters').properties, { muteActionsDuration: 'PT12H' }),
    },
    {
      fault: 'muted for a minute',
      message: /Invalid value for muteActionsDuration/,
      inResources: (of) => put(alert(of, 'incident-opened').properties, { muteActionsDuration: 'PT1M' }),
    },
  ],
  'a site property that Flex Consumption does not have': [
    {
      fault: 'FTP is turned off, which the plan does not have',
      message: /Site\.SiteConfig\.FtpsState/,
      inResources: (of) => put(at(first(of(SITE)).properties, 'siteConfig'), { ftpsState: 'Disabled' }),
    },
    {
      fault: 'an app setting of the platform',
      message: /Site\.SiteConfig\.AppSettings\.WEBSITE_TIME_ZONE/,
      inResources(of) {
        const settings = at(first(of(SITE)).properties, 'siteConfig', 'appSettings') as unknown[];
        settings.push({ name: 'WEBSITE_TIME_ZONE', value: 'Europe/Berlin' });
      },
    },
  ],
  'a scale that Flex Consumption does not offer': [
    {
      fault: 'an instance of 1 GB',
      message: /scaleAndConcurrency/,
      inResources: (of) => put(scaleOf(of), { instanceMemoryMB: 1024 }),
    },
    {
      fault: 'more instances always ready than there may be',
      message: /scaleAndConcurrency/,
      inResources: (of) => put(scaleOf(of), { alwaysReady: [{ name: 'http', instanceCount: 41 }] }),
    },
  ],
  'a resource in a region that has no such type': [
    {
      fault: 'the people who are notified, in a region',
      message: /LocationNotAvailableForResourceType/,
      inResources: (of) => put(first(of('Microsoft.Insights/actionGroups')), { location: 'westeurope' }),
    },
    {
      fault: 'a subscription’s topic, in a region',
      message: /LocationNotAvailableForResourceType/,
      inResources: (of) => put(first(of('Microsoft.EventGrid/systemTopics')), { location: 'westeurope' }),
    },
  ],
  'a resource group or resource without the tags that a policy of the organisation demands': [
    {
      fault: 'the group of topics',
      message: /RequestDisallowedByPolicy: .*-events/,
      inResources(of) {
        const group = of('Microsoft.Resources/resourceGroups').find(({ id }) => id.endsWith('-events'));
        delete group?.tags;
      },
    },
  ],
  'an app in a subnet that is not made for Flex Consumption': [
    {
      fault: 'delegated to App Service, as other plans ask for',
      message: /subnets\/app can't be used/,
      inResources: (of) =>
        put(at(subnetOf(of), 'properties', 'delegations', 0, 'properties'), {
          serviceName: 'Microsoft.Web/serverFarms',
        }),
    },
    {
      fault: 'an underscore in its name',
      message: /subnets\/app_subnet can't be used/,
      inResources: (of) => put(subnetOf(of), { name: 'app_subnet' }),
    },
  ],
  'two DNS zones of one name for one network': [
    {
      fault: 'a zone of our own, seen from a network that is there already',
      message: /overlapping namespaces/,
      inResources: (of) =>
        put(at(first(of(LINKS)).properties, 'virtualNetwork'), {
          id: '/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/vnet-spoke',
        }),
    },
  ],
  'a private endpoint in another subscription than its network': [
    {
      fault: 'the subnet of a hub',
      message: /another subscription/,
      inResources: (of) =>
        put(at(first(of('Microsoft.Network/privateEndpoints')).properties, 'subnet'), {
          id: '/subscriptions/hub/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/e',
        }),
    },
  ],
  'a NAT gateway with an address of another kind': [
    {
      fault: 'an address that changes',
      message: /NAT gateway/,
      inResources: (of) =>
        put(first(of('Microsoft.Network/publicIPAddresses')).properties, {
          publicIPAllocationMethod: 'Dynamic',
        }),
    },
  ],
  'a workspace that keeps its log for too short or too long': [
    {
      fault: 'a week',
      message: /retentionInDays/,
      inResources: (of) =>
        put(first(of('Microsoft.OperationalInsights/workspaces')).properties, { retentionInDays: 7 }),
    },
  ],
};

function planned(fault: PlantedFault): Planned {
  const deployed = parseSnapshot('everything', deployment('everything').text);
  fault.inResources?.(deployed.of);
  const main = fault.inMain?.(MAIN_BICEP) ?? MAIN_BICEP;
  assert.ok(fault.inResources !== undefined || main !== MAIN_BICEP, 'the fault is planted');
  return { deployed, main };
}

describe('what Azure refuses', () => {
  it('is a rule with its source, and a fault for each', () => {
    assert.deepEqual(
      AZURE_REFUSALS.map(({ refusal }) => refusal),
      Object.keys(PLANTED),
    );
    for (const { refusal, source } of AZURE_REFUSALS) assert.match(source, /"|#\d|Azure\//, refusal);
  });

  for (const { refusal, source, answersTo } of AZURE_REFUSALS) {
    for (const fault of PLANTED[refusal] ?? [])
      it(`${refusal}: ${fault.fault} (${source})`, () => {
        const answers = answersTo(planned(fault));
        assert.ok(answers.length > 0, 'it passes');
        for (const answer of answers) assert.match(answer, fault.message);
      });

    it(`${refusal}: is in no scenario`, () => {
      for (const deployed of DEPLOYMENTS)
        assert.deepEqual(answersTo({ deployed, main: MAIN_BICEP }), [], deployed.name);
    });
  }
});
