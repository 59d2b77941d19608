import { UNREADABLE_QUEUE } from '../../shared/storage/storage-queues.ts';
import { type AzureReader, failedRead } from './azure-reader.ts';
import { deployAgain, grantStorage } from './remediation.ts';
import type { Check } from './report.ts';

/**
 * The queues and tables that the app depends on: whether they exist and can be reached, and how many messages
 * wait.
 */
export async function storageAccess(azure: AzureReader): Promise<Check[]> {
  const { settings, firstLook } = azure;
  if (firstLook)
    return [note('storage', 'Not looked at: the settings of the app were not given, only subscriptions.')];
  const queues = settings.queueEndpoint;
  const checks = await Promise.all([
    ...(queues === undefined
      ? [note('queues', 'No queue is set: events do not come in by a queue, and nothing unreadable is kept.')]
      : [settings.queue, `${settings.queue}-poison`, UNREADABLE_QUEUE].map((name) =>
          ofQueue(azure, queues, name),
        )),
    ...['policies', 'history', 'readmodel'].map((name) => ofTable(azure, settings.tableEndpoint, name)),
  ]);
  return checks;
}

/**
 * The account of an endpoint: the host's first label or, with embedded storage, the first part of the path.
 */
export function accountOf(endpoint: string): string {
  const { hostname, pathname } = new URL(endpoint);
  const isBare = /^(localhost|[\d.]+|\[.*\])$/.test(hostname);
  return (isBare ? pathname.split('/')[1] : hostname.split('.')[0]) ?? '';
}

/** Queue Service REST: Get Queue Metadata, which returns the approximate number of waiting messages. */
async function ofQueue(azure: AzureReader, endpoint: string, name: string): Promise<Check> {
  const outcome = await azure.storage(endpoint)(`${pathOf(endpoint)}/${name}?comp=metadata`, azure.deadline);
  if (outcome.kind !== 'answered') return notReached(azure, endpoint, { kind: 'Queue', name }, outcome);
  const waiting = Number(outcome.value.header('x-ms-approximate-messages-count') ?? 0);
  const held = name !== azure.settings.queue && waiting > 0;
  const says = held
    ? `About ${waiting} message(s) lie in it for a person to look at (docs/operations.md).`
    : `reached; about ${waiting} message(s)`;
  return { about: 'storage', id: name, state: held ? 'note' : 'ok', says };
}

/** Table Service REST: Query Entities. One row at most; its content is not read. */
async function ofTable(azure: AzureReader, endpoint: string, name: string): Promise<Check> {
  const target = `${pathOf(endpoint)}/${name}()?$top=1&$select=PartitionKey`;
  const outcome = await azure.storage(endpoint)(target, azure.deadline);
  if (outcome.kind !== 'answered') return notReached(azure, endpoint, { kind: 'Table', name }, outcome);
  return { about: 'storage', id: name, state: 'ok', says: 'reached' };
}

function notReached(
  azure: AzureReader,
  endpoint: string,
  { kind, name }: { kind: 'Queue' | 'Table'; name: string },
  outcome: Parameters<typeof failedRead>[0],
): Check {
  const base = { about: 'storage' as const, id: name };
  if (outcome.kind === 'refused' && outcome.status === 404)
    return {
      ...base,
      state: 'missing',
      says: `The ${kind.toLowerCase()} ${name} is not there.`,
      remediation: deployAgain('Deploy again, or let the app run once: it makes what is missing.'),
    };
  const account = accountOf(endpoint);
  const failure = failedRead(outcome, `Storage ${kind} Data Reader on the storage account ${account}`);
  if (failure.state !== 'missing') return { ...base, ...failure };
  return {
    ...base,
    ...failure,
    rights: [`Storage ${kind} Data Reader`],
    remediation: grantStorage(azure.who, kind, account),
  };
}

function pathOf(endpoint: string): string {
  return new URL(endpoint).pathname.replace(/\/+$/, '');
}

function note(id: string, says: string): Check {
  return { about: 'storage', id, state: 'note', says };
}
