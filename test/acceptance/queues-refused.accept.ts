import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { until } from '../../dev/demo/observe.ts';
import { withStack } from './with-stack.ts';

// A queue service that refuses the app's identity from its first start on, as Azure does where a role is missing.
const server = createServer(
  {
    cert: readFileSync(process.env.LOCKWATCH_LOCAL_TEST_CERT ?? ''),
    key: readFileSync(process.env.LOCKWATCH_LOCAL_TEST_KEY ?? ''),
  },
  (request, response) => {
    const code = 'AuthorizationPermissionMismatch';
    request.resume().on('end', () => {
      response.writeHead(403, { 'content-type': 'application/xml', 'x-ms-error-code': code });
      response.end(`<Error><Code>${code}</Code><Message>no</Message></Error>`);
    });
  },
);
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
after(() => server.close());

const { stack, lines, seen } = await withStack({
  sweepSeconds: 5,
  simulator: { demoPolicies: true },
  // As in Azure, where HTTP and the timer have processes of their own; whatever listens to the queue gets nothing.
  processes: [['status', 'actions'], ['timer']],
  settings: {
    AzureWebJobsStorage__queueServiceUri: `https://localhost:${(server.address() as AddressInfo).port}/devstoreaccount1`,
  },
});

interface Health {
  status: string;
  dependencies: { name: string; state: string; detail?: string }[];
}

test('with every queue refused, a vault deleted is reported by the sweep, on every channel', async () => {
  const policy = 'ep-vault-deleted';
  await until(`${policy} is clear`, 60_000, async () =>
    (await seen.status(policy))?.verdict === 'clear' ? true : undefined,
  );
  await seen.scenario('vault-deleted', { policy });
  const incident = await until(
    'an incident',
    30_000,
    async () => (await seen.status(policy))?.incident ?? undefined,
  );
  const notices = await until('every notice delivered', 30_000, async () => {
    const { notices: all } = await seen.incident(incident.id);
    return all.length >= 2 && all.every(({ state }) => state === 'sent') ? all : undefined;
  });
  assert.deepEqual(notices.map(({ channel }) => channel).sort(), ['email', 'teams']);
});

test('the log and health name each queue and the role that is missing', async () => {
  const logged = lines.filter((line) => line.includes('"event":"queue-unavailable"')).join('\n');
  for (const queue of ['lockwatch-signals', 'lockwatch-signals-poison', 'lockwatch-unreadable'])
    assert.equal(logged.split(`"queue":"${queue}"`).length - 1, 1, `${queue}: ${logged}`);
  assert.match(logged, /Storage Queue Data Message Processor/);
  assert(lines.some((line) => /heartbeat-message-failed.*Storage Queue Data Message Sender/.test(line)));
  const health = (await (await fetch(`${stack.url}/api/health`)).json()) as Health;
  const queue = health.dependencies.find(({ name }) => name === 'queueStorage');
  assert.deepEqual([health.status, queue?.state], ['degraded', 'failing']);
  assert.match(queue?.detail ?? '', /Storage Queue Data Reader/);
});
