import { resourceGroupId } from './ids.ts';
import type { Vault, World } from './world.ts';

/** Where Lockwatch's own resources lie in this tenant, and what they are called there. */
const GROUP = 'rg-lockwatch';
const provider = (subscriptionId: string, name: string) =>
  `${resourceGroupId(subscriptionId, GROUP)}/providers/${name}`;

/** Azure allows one system topic per source, in the source's own subscription ("System topics in Azure Event Grid"). */
export function eventSubscriptionId(subscriptionId: string): string {
  return `${systemTopicId(subscriptionId)}/eventSubscriptions/lockwatch`;
}

export function systemTopicId(subscriptionId: string): string {
  return provider(subscriptionId, 'Microsoft.EventGrid/systemTopics/evgt-lockwatch');
}

/** A vault's topic lies in the vault's own subscription as well. */
export function vaultTopicId(vault: Vault): string {
  return provider(vault.subscriptionId, `Microsoft.EventGrid/systemTopics/evgt-${vault.name}`);
}

export function vaultEventSubscriptionId(vault: Vault): string {
  return `${vaultTopicId(vault)}/eventSubscriptions/lockwatch`;
}

/** Lockwatch's storage account: the embedded storage's only one, which the settings name too (`local/stack.ts`). */
export function storageAccountId(world: World): string {
  return provider(world.subscriptions[0]?.id ?? '', 'Microsoft.Storage/storageAccounts/devstoreaccount1');
}

/** The name stands in the app's settings as well (`local/stack.ts`). */
export function auditNamespaceId(world: World): string {
  return provider(world.subscriptions[0]?.id ?? '', 'Microsoft.EventHub/namespaces/event-hubs');
}

export function auditHubId(world: World): string {
  return `${auditNamespaceId(world)}/eventhubs/lockwatch-audit`;
}

export function diagnosticSettingId(vault: Vault): string {
  return `${vault.id}/providers/Microsoft.Insights/diagnosticSettings/lockwatch`;
}
