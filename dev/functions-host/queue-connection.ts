import { type QueueClient, QueueServiceClient } from '@azure/storage-queue';
import type { AppSettings } from './app-settings.ts';
import { HostError } from './host-error.ts';
import type { HostQueue } from './queue-port.ts';

/**
 * Retries of one call, as the runtime's .NET SDK makes them: five, with pauses of 0.8, 1.6, … 12.8 s, 24.8 s
 * in all. This SDK pauses 0, 1, 3, 7 and 15 times its delay, so the delay is 24.8 s / 26.
 * Sources: azure-sdk-for-net, Azure.Storage.Common/src/Shared/StorageClientOptions.cs and Constants.cs
 * (MaxReliabilityRetries), Azure.Core RetryOptions; @azure/storage-common, StorageRetryPolicyV2.
 */
const RETRIES = { maxTries: 6, retryDelayInMs: 954, maxRetryDelayInMs: 60_000, tryTimeoutInMs: 100_000 };

export interface QueueOpener {
  /** Throws HostError where the connection has no settings. */
  open(connection: string, queueName: string, functionName: string): Promise<HostQueue>;
}

/**
 * Opens queues by the name of their connection: a connection string in `<name>`, or an identity with
 * `<name>__queueServiceUri` (or `__serviceUri`, `__accountName`), `__credential` and `__clientId`; each also
 * with the prefix `AzureWebJobs`. One client, and so one token, for each connection.
 * Source: "Developer's guide", section "Connections - Common properties for identity-based connections".
 */
export function createQueueOpener(settings: AppSettings): QueueOpener {
  const services = new Map<string, Promise<QueueServiceClient>>();
  return {
    async open(connection, queueName, functionName) {
      const name = connection || 'AzureWebJobsStorage';
      const service = services.get(name) ?? connect(name, settings, functionName);
      services.set(name, service);
      return toHostQueue((await service).getQueueClient(queueName));
    },
  };
}

function toHostQueue(queue: QueueClient): HostQueue {
  return {
    name: queue.name,
    exists: () => queue.exists(),
    async create() {
      await queue.createIfNotExists();
    },
    async receive(most, hiddenSeconds) {
      const answer = await queue.receiveMessages({
        numberOfMessages: most,
        visibilityTimeout: hiddenSeconds,
      });
      return answer.receivedMessageItems;
    },
    async hide(messageId, popReceipt, seconds) {
      return (await queue.updateMessage(messageId, popReceipt, undefined, seconds)).popReceipt ?? popReceipt;
    },
    async delete(messageId, popReceipt) {
      await queue.deleteMessage(messageId, popReceipt);
    },
    async send(text) {
      await queue.sendMessage(text);
    },
  };
}

/** The account of a connection, without any secret: keeps data of one account apart from that of another. */
export function connectionAddress(connection: string, settings: AppSettings): string | undefined {
  for (const name of spellings(connection)) {
    const account = /(?:AccountName|QueueEndpoint)=([^;]+)/i.exec(settings[name] ?? '')?.[1];
    const address = account ?? settings[name] ?? serviceUri(name, settings);
    if (address) return address;
  }
  return undefined;
}

async function connect(
  connection: string,
  settings: AppSettings,
  functionName: string,
): Promise<QueueServiceClient> {
  const retryOptions = RETRIES;
  for (const name of spellings(connection)) {
    const connectionString = settings[name];
    if (connectionString) return fromConnectionString(connectionString, name, retryOptions);
    const uri = serviceUri(name, settings);
    if (uri) return new QueueServiceClient(uri, await credential(name, settings), { retryOptions });
  }
  throw new HostError(
    `Function '${functionName}' needs the connection '${connection}': set ${connection}__queueServiceUri, or ${connection} to a connection string.`,
  );
}

function fromConnectionString(text: string, name: string, retryOptions: typeof RETRIES): QueueServiceClient {
  try {
    return QueueServiceClient.fromConnectionString(text, { retryOptions });
  } catch {
    // The SDK's error may quote the string, which holds a key.
    throw new HostError(`The setting ${name} is not a valid connection string.`);
  }
}

function spellings(connection: string): string[] {
  return connection.startsWith('AzureWebJobs') ? [connection] : [`AzureWebJobs${connection}`, connection];
}

function serviceUri(name: string, settings: AppSettings): string | undefined {
  const account = settings[`${name}__accountName`];
  return (
    settings[`${name}__queueServiceUri`] ??
    settings[`${name}__serviceUri`] ??
    (account ? `https://${account}.queue.core.windows.net` : undefined)
  );
}

/**
 * The managed identity where there is one. Elsewhere, as in the local stack, the signed-in developer: Azure
 * has no managed identity to offer there, whatever `__credential` says.
 */
async function credential(name: string, settings: AppSettings) {
  const { DefaultAzureCredential, ManagedIdentityCredential } = await import('@azure/identity');
  const clientId = settings[`${name}__clientId`];
  if (settings.IDENTITY_ENDPOINT)
    return clientId ? new ManagedIdentityCredential({ clientId }) : new ManagedIdentityCredential();
  return new DefaultAzureCredential(clientId ? { managedIdentityClientId: clientId } : {});
}
