import { armIdParts } from '../../shared/azure/arm-id.ts';
import { CLOUDS } from '../../shared/azure/cloud.ts';
import { SUBSCRIPTION_EVENT, VAULT_EVENT, WATCHED_OPERATIONS } from '../../shared/signals/operation-names.ts';
import { shellQuote } from '../../shared/triggers/az-command.ts';
import { assignRole, readingCommands } from './grants.ts';
import type { OwnerTasks } from './owner-tasks.ts';

type Source = OwnerTasks['sources'][number];

/**
 * What the people around a deployment with separate duties run, subscription by subscription. Each command may be
 * repeated: it changes nothing the second time. Names and properties are those of the deployment
 * (infra/modules/); test/tools/doctor/owner-tasks.test.ts applies both to the simulator and compares. Pure.
 */
export function ownerCommands(identity: string, tasks: OwnerTasks): string {
  const ids = [
    ...tasks.subscriptions,
    ...[...tasks.sources, ...tasks.audit].map(({ id }) => armIdParts(id).subscriptionId ?? ''),
  ];
  const subscriptions = [...new Set(ids.map((id) => id.toLowerCase()))];
  return [
    '# Each command may be repeated. In bash, zsh, or Cloud Shell with either shell. PowerShell on Windows takes the',
    '# quotation marks out of JSON: put a JSON text into a file there, and write "@file" in its place.',
    '',
    ...subscriptions.flatMap((subscription) => ofSubscription(identity, tasks, subscription)),
    '# Check it, ten minutes later: npm run doctor -- --identity ' + identity,
    '',
  ].join('\n');
}

function ofSubscription(identity: string, tasks: OwnerTasks, subscription: string): string[] {
  const isHere = ({ id }: { id: string }) => armIdParts(id).subscriptionId?.toLowerCase() === subscription;
  const sources = tasks.sources.filter(isHere);
  const isWatched = tasks.subscriptions.some((id) => id.toLowerCase() === subscription);
  return [
    `# === The subscription ${subscription} ===`,
    '# 1. Its owner runs:',
    ...(sources.length > 0 ? [register('Microsoft.EventGrid', subscription)] : []),
    ...(isWatched ? reading(identity, tasks, subscription) : []),
    ...topics(tasks, subscription, sources),
    '',
    ...(sources.length > 0
      ? [
          '# 2. The owner of the app’s resource group runs this, and needs Reader on the topics. Whoever has no right',
          '# there replaces $(…) by the principal id, which the owner of the subscription gets by the command in it:',
          ...sources.flatMap((source) => deliveryRights(tasks, source)),
          '',
        ]
      : []),
    '# 3. Ten minutes later, when these rights are effective: the owner of the subscription, with Contributor on the',
    '# app’s resource group as well, because Azure asks for write access to the storage account, the workspace and the',
    '# event hub that events and logs go to ("Authorizing access to Event Grid resources"):',
    ...sources.flatMap((source) => delivery(tasks, source)),
    ...tasks.audit.filter(isHere).map((one) => auditLog(tasks, one)),
    '',
  ];
}

function register(namespace: string, subscription: string): string {
  return `az provider register --namespace ${namespace} --subscription ${subscription} --wait`;
}

function reading(identity: string, tasks: OwnerTasks, subscription: string): string[] {
  const { readingRole, environmentName, cloud } = tasks;
  if (readingRole === 'managementGroup')
    return ['# The right to read comes from the management group: docs/deploy.md, "Several subscriptions".'];
  if (readingRole === 'Reader')
    return [assignRole(identity, 'acdd72a7-3385-48ef-bd42-f606fba81ae7', `/subscriptions/${subscription}`)];
  return [
    register('Microsoft.PowerPlatform', subscription),
    ...readingCommands({ identity, environmentName, cloud }, subscription),
  ];
}

function topics(tasks: OwnerTasks, subscription: string, sources: readonly Source[]): string[] {
  const tags = tagsOf(tasks);
  const isNew = sources.some(({ reused }) => !reused);
  const group = `az group create --name ${quoted(tasks.eventsGroup)} --location ${quoted(tasks.location)} --subscription ${subscription}${tags}`;
  return [
    ...(isNew ? [group] : []),
    ...sources.map(({ id, location, topicId, reused }) =>
      reused
        ? `az eventgrid system-topic update --ids ${quoted(topicId)} --mi-system-assigned`
        : `az eventgrid system-topic create --name ${armIdParts(topicId).name} --resource-group ${quoted(tasks.eventsGroup)} --subscription ${subscription} --location ${quoted(location)} --topic-type ${isVault(id) ? 'Microsoft.KeyVault.vaults' : 'Microsoft.Resources.Subscriptions'} --source ${quoted(id)} --mi-system-assigned${tags}`,
    ),
    ...(isNew
      ? [
          '# Azure allows one system topic for each source. If it refuses a second one, hand the id of the first to whoever',
          '# deploys, for LOCKWATCH_EXISTING_TOPICS: az eventgrid system-topic list --subscription ' +
            subscription,
        ]
      : []),
  ];
}

/** A tag that no shell takes safely is left out; that of the deployment, by which it knows its topics, is safe. */
function tagsOf({ tags }: OwnerTasks): string {
  const pairs = Object.entries(tags).flatMap(([name, value]) => shellQuote(`${name}=${value}`) ?? []);
  return pairs.length === 0 ? '' : ` --tags ${pairs.join(' ')}`;
}

function isVault(id: string): boolean {
  return id.split('/').length > 3;
}

/** "Azure built-in roles", as infra/roles.bicep has them. */
const MESSAGE_SENDER = 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a';
const BLOB_CONTRIBUTOR = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe';

function deliveryRights({ storageId, queue, deadLetters }: OwnerTasks, { topicId }: Source): string[] {
  const principal = `$(az eventgrid system-topic show --ids ${quoted(topicId)} --query identity.principalId --output tsv)`;
  return [
    assignRole(principal, MESSAGE_SENDER, `${storageId}/queueServices/default/queues/${queue}`),
    assignRole(principal, BLOB_CONTRIBUTOR, `${storageId}/blobServices/default/containers/${deadLetters}`),
  ];
}

/**
 * By REST, because `az eventgrid system-topic event-subscription create` has no option for a delivery identity
 * (Azure/azure-cli#26910, #28762).
 */
function delivery(tasks: OwnerTasks, { id, topicId }: Source): string[] {
  const { armEndpoint } = CLOUDS[tasks.cloud];
  const identity = { type: 'SystemAssigned' };
  const properties = {
    eventDeliverySchema: 'EventGridSchema',
    filter: {
      includedEventTypes: Object.values(isVault(id) ? VAULT_EVENT : SUBSCRIPTION_EVENT),
      advancedFilters: isVault(id)
        ? []
        : [{ operatorType: 'StringBeginsWith', key: 'data.operationName', values: WATCHED_OPERATIONS }],
    },
    retryPolicy: { eventTimeToLiveInMinutes: 1440, maxDeliveryAttempts: 30 },
    deliveryWithResourceIdentity: {
      identity,
      destination: {
        endpointType: 'StorageQueue',
        properties: {
          resourceId: tasks.storageId,
          queueName: tasks.queue,
          queueMessageTimeToLiveInSeconds: -1,
        },
      },
    },
    deadLetterWithResourceIdentity: {
      identity,
      deadLetterDestination: {
        endpointType: 'StorageBlob',
        properties: { resourceId: tasks.storageId, blobContainerName: tasks.deadLetters },
      },
    },
  };
  return [
    `az rest --method put --url "${armEndpoint}${topicId}/eventSubscriptions/${tasks.name}?api-version=2025-02-15" --body '${JSON.stringify({ properties })}'`,
    `az monitor diagnostic-settings create --name ${tasks.name} --resource ${quoted(topicId)} --workspace ${quoted(tasks.workspaceId)} --logs '[{"category":"DeliveryFailures","enabled":true}]' --metrics '[{"category":"AllMetrics","enabled":true}]'`,
  ];
}

function auditLog({ name }: OwnerTasks, { id, ruleId, hub }: OwnerTasks['audit'][number]): string {
  return `az monitor diagnostic-settings create --name ${name} --resource ${quoted(id)} --event-hub ${hub} --event-hub-rule ${quoted(ruleId)} --logs '[{"category":"AuditEvent","enabled":true}]'`;
}

function quoted(text: string): string {
  return shellQuote(text) ?? '';
}
