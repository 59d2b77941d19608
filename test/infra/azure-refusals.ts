import { assignmentPlace, PRINCIPAL } from '../../dev/expected-deployment/role-assignment.ts';
import { at, type Deployment, listAt, type SnapshotResource, textAt } from './deployment.ts';
import { flexRefusal } from './flex-consumption.ts';
import { moduleOrder } from './module-order.ts';

/** All that a refusal can be seen from: an expected deployment, and the text of main.bicep. */
export interface Planned {
  deployed: Pick<Deployment, 'of' | 'resources'>;
  main: string;
}

/** Something that Azure refuses while it deploys. */
export interface AzureRefusal {
  refusal: string;
  /** Who says so: the service's document, or a report that quotes its answer. */
  source: string;
  /** Azure's answers to this deployment, in its own words where they are published; none where it is accepted. */
  answersTo(planned: Planned): string[];
}

const RULES = 'Microsoft.Insights/scheduledQueryRules';
const ASSIGNMENTS = 'Microsoft.Authorization/roleAssignments';
/** hashicorp/terraform-provider-azurerm, monitor_scheduled_query_rules_alert_v2_resource.go: what the service takes. */
const DURATIONS = ['PT1M', 'PT5M', 'PT10M', 'PT15M', 'PT30M', 'PT45M', 'PT1H', 'PT2H', 'PT3H', 'PT4H', 'PT5H']
  .concat(['PT6H', 'P1D', 'P2D'])
  .map((text, index) => ({ text, index }));
const lengthOf = (duration: unknown) => DURATIONS.find(({ text }) => text === duration)?.index ?? -1;

/** The answer for each resource of a type that gets one. */
const each =
  (type: string, answer: (resource: SnapshotResource) => string | false | undefined) =>
  ({ deployed }: Planned): string[] =>
    deployed.of(type).flatMap((resource) => answer(resource) || []);

export const AZURE_REFUSALS: readonly AzureRefusal[] = [
  {
    refusal: 'another principal under the name of an old role assignment',
    source: '"Create key vault, managed identity, and role assignment" (Azure quickstart), Deletion behavior',
    answersTo: each(ASSIGNMENTS, (assignment) => {
      const isKnown = !textAt(assignment.properties, 'principalId').startsWith('[');
      const isSafe = isKnown || assignmentPlace(assignment).name.includes(PRINCIPAL);
      return (
        !isSafe &&
        'RoleAssignmentUpdateNotPermitted: Tenant ID, application ID, principal ID, and scope are not allowed to be updated.'
      );
    }),
  },
  {
    refusal: 'a role for a principal that is not replicated yet',
    source: '"Troubleshoot Azure RBAC", about new principals',
    answersTo: each(ASSIGNMENTS, ({ properties }) => {
      const isNew = textAt(properties, 'principalId').startsWith('[');
      return isNew && properties.principalType === undefined && 'PrincipalNotFound';
    }),
  },
  {
    refusal: 'an event subscription whose topic was given its rights a moment ago',
    source: 'Azure/bicep-registry-modules#5205',
    answersTo({ main }) {
      const order = moduleOrder(main);
      const [rights, delivery] = [order.get('sourceTopics'), order.get('eventSubscriptions')];
      const isLate = delivery?.has('sourceTopics') && delivery.has('app') && !rights?.has('app');
      return isLate
        ? []
        : [
            'Managed Identity Authorization Error: Managed identity for event subscription does not have authorization to deliver to the endpoint.',
          ];
    },
  },
  {
    refusal: 'an alert that is muted and resolves by itself',
    source: 'Azure/azure-powershell#22583',
    answersTo: each(RULES, ({ properties }) => {
      const isMuted = properties.muteActionsDuration !== undefined;
      return (
        isMuted &&
        properties.autoMitigate !== false &&
        'Auto mitigation must be disabled when action suppression is set'
      );
    }),
  },
  {
    refusal: 'an alert that is muted for less than the time between two evaluations',
    source: 'Azure/azure-cli#26581',
    answersTo: each(RULES, ({ properties: { muteActionsDuration: mute, evaluationFrequency } }) => {
      const isShorter = mute !== undefined && lengthOf(mute) < lengthOf(evaluationFrequency);
      return isShorter && 'EvaluationFrequency cannot be greater than MuteActionsDuration';
    }),
  },
  {
    refusal: 'an alert with a duration that Azure Monitor does not offer',
    source: 'Azure/azure-resource-manager-schemas#1753; hashicorp/terraform-provider-azurerm#18960',
    answersTo: each(RULES, ({ properties }) => {
      const wrong = ['windowSize', 'evaluationFrequency', 'muteActionsDuration'].filter((name) => {
        const value = properties[name];
        return value !== undefined && (lengthOf(value) < 0 || (name.startsWith('mute') && value === 'PT1M'));
      });
      return wrong.length > 0 && `BadRequest: Invalid value for ${wrong.join(', ')}`;
    }),
  },
  {
    refusal: 'a site property that Flex Consumption does not have',
    source: 'microsoft/azure-pipelines-tasks#21032; Azure/azure-functions-host#10643',
    answersTo: each('Microsoft.Web/sites', ({ properties }) => flexRefusal(properties)),
  },
  {
    refusal: 'a scale that Flex Consumption does not offer',
    source:
      'Azure/azure-rest-api-specs, Microsoft.Web FunctionsScaleAndConcurrency; "Flex Consumption plan hosting"',
    answersTo: each('Microsoft.Web/sites', ({ properties }) => {
      const scale = at(properties, 'functionAppConfig', 'scaleAndConcurrency');
      const most = Number(at(scale, 'maximumInstanceCount'));
      const ready = listAt(scale, 'alwaysReady').reduce<number>(
        (sum, one) => sum + Number(at(one, 'instanceCount')),
        0,
      );
      const isOffered =
        [512, 2048, 4096].includes(Number(at(scale, 'instanceMemoryMB'))) && most >= 40 && most <= 1000;
      return !(isOffered && ready <= most) && 'BadRequest: scaleAndConcurrency is invalid';
    }),
  },
  {
    refusal: 'a resource in a region that has no such type',
    source: '"Resolve errors for resource provider locations": LocationNotAvailableForResourceType',
    answersTo: ({ deployed }) =>
      deployed.resources.flatMap(({ id, type, location, properties }) => {
        if (location === undefined) return [];
        const isGlobal =
          GLOBAL.includes(type) || textAt(properties, 'topicType') === 'Microsoft.Resources.Subscriptions';
        return isGlobal === (location === 'global') ? [] : [`LocationNotAvailableForResourceType: ${id}`];
      }),
  },
  {
    refusal: 'a resource group or resource without the tags that a policy of the organisation demands',
    source: '"Tutorial: Manage tag governance" (Azure Policy): RequestDisallowedByPolicy',
    answersTo: ({ deployed }) =>
      deployed.resources.flatMap((one) =>
        one.location !== undefined && at(one, 'tags', 'azd-env-name') === undefined
          ? [`RequestDisallowedByPolicy: ${one.id} has no tags`]
          : [],
      ),
  },
  {
    refusal: 'an app in a subnet that is not made for Flex Consumption',
    source:
      '"Flex Consumption plan hosting", Considerations: subnet delegation; Virtual network integration: names',
    answersTo: each('Microsoft.Network/virtualNetworks', ({ id, properties }) =>
      listAt(properties, 'subnets')
        .filter((subnet) => textAt(subnet, 'name') === 'app' || textAt(subnet, 'name').includes('_'))
        .filter((subnet) => {
          const service = textAt(subnet, 'properties', 'delegations', 0, 'properties', 'serviceName');
          return textAt(subnet, 'name').includes('_') || service !== 'Microsoft.App/environments';
        })
        .map(
          (subnet) =>
            `BadRequest: ${id}/subnets/${textAt(subnet, 'name')} can't be used for virtual network integration`,
        )
        .at(0),
    ),
  },
  {
    refusal: 'two DNS zones of one name for one network',
    source: 'microsoft-foundry/foundry-samples#214; MicrosoftDocs/azure-aks-docs#212',
    answersTo({ deployed }) {
      const made = deployed.of('Microsoft.Network/virtualNetworks').map(({ id }) => id);
      const seen = new Set<string>();
      return deployed.of('Microsoft.Network/privateDnsZones/virtualNetworkLinks').flatMap((link) => {
        const network = textAt(link.properties, 'virtualNetwork', 'id');
        const zone = link.id.split('/').at(-3) ?? '';
        const isSecond = seen.has(`${network} ${zone}`) || !made.includes(network);
        seen.add(`${network} ${zone}`);
        return isSecond
          ? ['BadRequest: A virtual network cannot be linked to multiple zones with overlapping namespaces.']
          : [];
      });
    },
  },
  {
    refusal: 'a private endpoint in another subscription than its network',
    source: '"What is a private endpoint?", table of properties',
    answersTo: each('Microsoft.Network/privateEndpoints', ({ id, properties }) => {
      const subnet = textAt(properties, 'subnet', 'id');
      return id.split('/')[2] !== subnet.split('/')[2] && `BadRequest: ${subnet} is in another subscription`;
    }),
  },
  {
    refusal: 'a NAT gateway with an address of another kind',
    source: '"Azure NAT Gateway resource": Standard public IP addresses only',
    answersTo: each('Microsoft.Network/publicIPAddresses', ({ id, sku, properties }) => {
      const isRight = textAt(sku, 'name') === 'Standard' && properties.publicIPAllocationMethod === 'Static';
      return !isRight && `BadRequest: ${id} can't be used by a NAT gateway`;
    }),
  },
  {
    refusal: 'a workspace that keeps its log for too short or too long',
    source: '"Manage data retention in a Log Analytics workspace": 30 to 730 days',
    answersTo: each('Microsoft.OperationalInsights/workspaces', ({ properties: { retentionInDays } }) => {
      const days = Number(retentionInDays);
      return !(days >= 30 && days <= 730) && 'InvalidParameter: retentionInDays';
    }),
  },
];

/** Types that Azure keeps in no region. */
const GLOBAL = [
  'Microsoft.Insights/actionGroups',
  'Microsoft.Network/privateDnsZones',
  'Microsoft.Network/privateDnsZones/virtualNetworkLinks',
  'Microsoft.Communication/communicationServices',
  'Microsoft.Communication/emailServices',
  'Microsoft.Communication/emailServices/domains',
];
