import { join } from 'node:path';
import { TableClient } from '@azure/data-tables';
import { QueueClient } from '@azure/storage-queue';
import { startChild } from '../../dev/stack/child.ts';
import { cleanEnvironment } from '../../dev/stack/clean-environment.ts';
import { ensureBuilt } from '../../dev/stack/ensure-built.ts';
import { startStack } from '../../dev/stack/stack.ts';
import { localStorageCredential } from '../../dev/stack/storage-token.ts';
import { createTableStore } from '../../shared/storage/table-store.ts';
import type { LoadSize } from './sizes.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Everything around the app; the app itself starts later, so that messages can be queued before. */
export async function startAroundApp(size: LoadSize, directory: string) {
  const { LOCKWATCH_LOCAL_TEST_CERT: certFile, LOCKWATCH_LOCAL_TEST_KEY: keyFile } = process.env;
  if (!certFile || !keyFile) throw new Error('Run it by "npm run load": that makes the certificate.');
  await ensureBuilt({ quiet: true });
  const ended: string[] = [];
  const stack = await startStack({
    directory: join(directory, 'stack'),
    certificate: { certFile, keyFile },
    processes: [],
    sweepSeconds: size.sweepSeconds,
    simulator: {
      pageSize: 1000,
      thirdSubscription: size.matter,
      sharedVault: { policies: size.policies, environments: size.environments },
    },
    settings: { LOCKWATCH_PUSH: 'true' },
    onEnd: (fault) => ended.push(fault),
  });
  const credential = localStorageCredential();
  const queue = (name: string) => new QueueClient(`${stack.storage.queueEndpoint}/${name}`, credential);
  return {
    stack,
    /** The sentences of processes that ended unasked. */
    ended,
    signals: queue('lockwatch-signals'),
    poison: queue('lockwatch-signals-poison'),
    unreadable: queue('lockwatch-unreadable'),
    store: createTableStore({ endpoint: stack.storage.tableEndpoint, credential }),
    policies: new TableClient(stack.storage.tableEndpoint, 'policies', credential),
    /** Starts the built app in the local Functions host, all functions in one process. */
    startApp: (onLine: (line: string) => void) =>
      startChild(
        [
          'dev/functions-host/main.ts',
          ...['--port', new URL(stack.url).port, '--directory', join(directory, 'stack/app')],
        ],
        {
          name: 'The app',
          cwd: ROOT,
          env: { ...cleanEnvironment(process.env), ...stack.settings },
          ready: (line) => /ready: http/i.test(line),
          onLine,
          onEnd: (fault) => ended.push(fault),
        },
      ),
  };
}

export type AroundApp = Awaited<ReturnType<typeof startAroundApp>>;

/** Hidden messages are counted, too. */
export async function messagesIn(queue: QueueClient): Promise<number> {
  return (await queue.getProperties()).approximateMessagesCount ?? 0;
}

/** So many at a time, in order. Throws the first error. */
export async function severalAtOnce<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const left = items.values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const item of left) await work(item);
    }),
  );
}
