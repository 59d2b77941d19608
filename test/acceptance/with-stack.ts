import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { QueueClient } from '@azure/storage-queue';
import type { AskedOperation } from '../../dev/azure-simulator/http/asked.ts';
import { observer } from '../../dev/demo/observe.ts';
import { contosoDeployment } from '../../dev/expected-deployment/contoso.ts';
import type { DroppedLines } from '../../dev/functions-host/app-log.ts';
import { type Stack, type StackOptions, startStack } from '../../dev/stack/stack.ts';
import { localStorageCredential } from '../../dev/stack/storage-token.ts';
import { undescribed } from '../api/described.ts';

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
  const notDescribed = compareAnswers(stack);
  after(async () => {
    const beyondRole = await askedOutsideTheRole(stack);
    await stack.stop();
    await rm(directory, { recursive: true, force: true });
    assert.deepEqual(beyondRole, [], 'the app asked Azure for what its role does not hold');
    assert.deepEqual(await notDescribed(), [], 'answers that the OpenAPI document does not describe');
  });
  const queue = (name: string) =>
    new QueueClient(`${stack.storage.queueEndpoint}/${name}`, localStorageCredential());
  return { stack, lines, queue, seen: observer(stack), droppedLines: () => droppedLines(stack) };
}

/** Compares every answer of the API that a test gets with the OpenAPI document. Returns the faults so far. */
function compareAnswers({ hostUrls }: Stack): () => Promise<string[]> {
  const asked = globalThis.fetch;
  const origins = hostUrls.map((url) => new URL(url).origin);
  const faults: Promise<string[]>[] = [];
  globalThis.fetch = async (input, init) => {
    const response = await asked(input, init);
    const { origin, pathname } = new URL(input instanceof Request ? input.url : String(input));
    const contentType = response.headers.get('content-type');
    // The platform itself answers where a key is missing, or the app does not run.
    if (origins.includes(origin) && /^\/api\//i.test(pathname) && /json/.test(contentType ?? '')) {
      const { status } = response;
      const method = init?.method ?? 'GET';
      const compare = (body: string) => undescribed({ method, pathname, status, contentType, body });
      faults.push(response.clone().text().then(compare));
    }
    return response;
  };
  after(() => {
    globalThis.fetch = asked;
  });
  return async () => [...new Set((await Promise.all(faults)).flat())];
}

/** What the app's processes logged for invocations that had answered: in Azure nobody would ever read it. */
async function droppedLines({ hostUrls }: Stack): Promise<DroppedLines['lines']> {
  const all = await Promise.all(
    hostUrls.map(async (url) => (await (await fetch(`${url}/local/dropped-lines`)).json()) as DroppedLines),
  );
  return all.flatMap(({ lines }) => lines);
}

/** Whatever a whole run asked of Azure must be an operation of the role that Bicep predicts. */
async function askedOutsideTheRole({ simulator }: Stack): Promise<AskedOperation[]> {
  const asked = (await (await fetch(`${simulator.control}/asked`)).json()) as AskedOperation[];
  const granted = contosoDeployment().roles.flatMap(({ actions }) =>
    actions.map((action) => action.toLowerCase()),
  );
  return asked.filter(({ action }) => !granted.includes(action.toLowerCase()));
}

export async function fail(stack: Stack, mode: { teams?: string; email?: string }): Promise<void> {
  const answer = await fetch(`${stack.receivers.readUrl}/mode`, {
    method: 'POST',
    body: JSON.stringify(mode),
  });
  if (!answer.ok) throw new Error(`The receivers did not take the mode: ${answer.status}`);
}

export async function countOf(queue: QueueClient): Promise<number> {
  return (await queue.getProperties()).approximateMessagesCount ?? 0;
}
