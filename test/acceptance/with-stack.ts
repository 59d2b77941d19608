import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { QueueClient } from '@azure/storage-queue';
import { observer } from '../../local/demo/observe.ts';
import { type Stack, type StackOptions, startStack } from '../../local/stack.ts';
import { localStorageCredential } from '../../local/storage-token.ts';

/** The whole of it for one test file, ended after its tests. */
export async function withStack(options: Omit<StackOptions, 'directory'>) {
  const directory = await mkdtemp(join(tmpdir(), 'lockwatch-accept-'));
  const certFile = process.env.LOCKWATCH_LOCAL_TEST_CERT;
  const keyFile = process.env.LOCKWATCH_LOCAL_TEST_KEY;
  if (!certFile || !keyFile) throw new Error('Run the acceptance tests with: npm run accept');
  const lines: string[] = [];
  const stack = await startStack({
    ...options,
    directory,
    certificate: { certFile, keyFile },
    onLine: (from, line) => lines.push(`[${from}] ${line}`),
  });
  after(async () => {
    await stack.stop();
    await rm(directory, { recursive: true, force: true });
  });
  const queue = (name: string) =>
    new QueueClient(`${stack.storage.queueEndpoint}/${name}`, localStorageCredential());
  return { stack, lines, queue, seen: observer(stack) };
}

export async function fail(stack: Stack, mode: { teams?: string; email?: string }): Promise<void> {
  const answer = await fetch(`${stack.sinks.readUrl}/mode`, { method: 'POST', body: JSON.stringify(mode) });
  if (!answer.ok) throw new Error(`The sinks did not take the mode: ${answer.status}`);
}

export async function countOf(queue: QueueClient): Promise<number> {
  return (await queue.getProperties()).approximateMessagesCount ?? 0;
}
