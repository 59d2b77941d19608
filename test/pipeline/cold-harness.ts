import { readFileSync } from 'node:fs';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServer, request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { TableClient } from '@azure/data-tables';
import { type Receivers, startReceivers } from '../../dev/receivers/receivers.ts';
import { type LocalStorage, startStorage } from '../../dev/stack/storage.ts';
import { localStorageCredential } from '../../dev/stack/storage-token.ts';
import { runTimer } from '../../functions/timer.ts';
import { answer } from '../../shared/api/serve-api.ts';
import { type Clock, systemClock } from '../../shared/clock.ts';
import { type App, compose } from '../../shared/compose.ts';
import { respond } from '../../shared/pipeline/on-message.ts';
import { readSettings } from '../../shared/settings/settings.ts';
import {
  atEnd,
  startTestSimulator,
  type TestSimulator,
  testCertificate,
} from '../dev/azure-simulator/harness.ts';
import { type RecordingLog, recordingLog } from './recording-log.ts';

/** The identity library keeps tokens for the whole process, so every tenant of a test must take those of the others. */
const SECRET = 'one-secret-for-all-of-a-process';

export interface Around {
  storage: LocalStorage;
  receivers: Receivers;
  /** Answers 403 to everything, as Azure Storage and Resource Manager do where a role is missing. */
  refusing: string;
  /** Nobody listens here. */
  nobody: string;
  /** Table storage of which the table `readmodel` alone refuses, or breaks the connection. */
  tablesBut: { refusing: string; breaking: string };
  listen(handler: RequestListener): Promise<string>;
}

/** What stands around the app for a whole test file: storage, what receives notices, and what refuses. */
export async function startAround(): Promise<Around> {
  const certificate = await testCertificate();
  const tls = { cert: readFileSync(certificate.certFile), key: readFileSync(certificate.keyFile) };
  const storage = await startStorage({ certificate });
  atEnd(() => storage.stop());
  const receivers = await startReceivers({ cert: tls.cert.toString(), key: tls.key.toString() });
  atEnd(() => receivers.stop());
  const listen = (handler: RequestListener) => listenOver(tls, handler);
  const beside = (handler: RequestListener) =>
    listen((request, response) => {
      if (/readmodel/.test(request.url ?? '')) handler(request, response);
      else forward(request, response, storage.tableEndpoint);
    });
  return {
    storage,
    receivers,
    listen,
    refusing: await listen(refuse),
    // A free port may be taken by a test that runs at the same time; this one is reserved, and nobody listens there.
    nobody: 'https://localhost:2',
    tablesBut: {
      refusing: await beside(refuse),
      breaking: await beside((request) => request.socket.destroy()),
    },
  };
}

async function listenOver(tls: { cert: Buffer; key: Buffer }, handler: RequestListener): Promise<string> {
  const server = createServer(tls, handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(() => server.close());
  return `https://localhost:${(server.address() as AddressInfo).port}`;
}

function refuse(request: IncomingMessage, response: ServerResponse): void {
  const { type, body } = refusalFor(request);
  request.resume().on('end', () => {
    response.writeHead(403, { 'content-type': type, 'x-ms-error-code': CODE });
    response.end(body);
  });
}

function forward(request: IncomingMessage, response: ServerResponse, to: string): void {
  const { host: _here, ...headers } = request.headers;
  const onward = httpsRequest(
    new URL(request.url ?? '/', to),
    { method: request.method, headers },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    },
  );
  onward.on('error', () => response.destroy());
  request.pipe(onward);
}

/** "Common REST API error codes" (Azure Storage): the caller has no role for the operation. */
const CODE = 'AuthorizationPermissionMismatch';

function refusalFor({ headers }: IncomingMessage) {
  if (/xml/.test(headers.accept ?? ''))
    return { type: 'application/xml', body: `<Error><Code>${CODE}</Code><Message>no</Message></Error>` };
  const error = { code: CODE, message: { value: 'no' } };
  return { type: 'application/json', body: JSON.stringify({ error, 'odata.error': error }) };
}

/** One process of the app, begun anew: nothing is known, connected or prepared. */
export interface ColdProcess {
  log: RecordingLog;
  timer(): Promise<unknown>;
  signal(message: string): Promise<unknown>;
  get(path: string): Promise<{ status: number; json: Record<string, unknown> }>;
  app: App;
}

export interface Cold {
  simulator: TestSimulator;
  /** `clock`: of the pipeline, in place of the system's; Azure is still asked, and answers, in real time. */
  process(more?: Record<string, string>, clock?: Clock): ColdProcess;
}

/** Ticks until one sweeps: at the shortest interval, that takes half a second at most. */
async function sweepOfTimer(app: App, log: RecordingLog): Promise<void> {
  const sweeps = () => log.events().filter((event) => event === 'swept').length;
  const before = sweeps();
  for (let tick = 0; tick < 20; tick += 1) {
    await runTimer(app);
    if (sweeps() > before) return;
    await setTimeout(100);
  }
}

/** A tenant of its own over storage in which nothing is yet. */
export async function coldTenant({ storage, receivers }: Around): Promise<Cold> {
  for (const table of ['policies', 'readmodel'])
    await new TableClient(storage.tableEndpoint, table, localStorageCredential()).deleteTable();
  const simulator = await startTestSimulator({ secret: SECRET });
  const identity = { IDENTITY_ENDPOINT: simulator.identity, IDENTITY_HEADER: simulator.identityHeader };
  // The identity library looks at the process itself.
  Object.assign(process.env, identity);
  const usual = {
    ...identity,
    LOCKWATCH_SUBSCRIPTIONS: simulator.subscriptions.join(','),
    LOCKWATCH_CLIENT_ID: simulator.clientId,
    LOCKWATCH_ARM_ENDPOINT: simulator.arm,
    LOCKWATCH_POWER_PLATFORM_ENDPOINT: simulator.powerPlatform,
    LOCKWATCH_POWER_PLATFORM_API_ENDPOINT: simulator.powerPlatformApi,
    LOCKWATCH_GRAPH_ENDPOINT: simulator.graph,
    // Each call of the timer sweeps.
    LOCKWATCH_SWEEP_SECONDS: '1',
    LOCKWATCH_SWEEP_MAX_SECONDS: '1',
    AzureWebJobsStorage__tableServiceUri: storage.tableEndpoint,
    AzureWebJobsStorage__queueServiceUri: storage.queueEndpoint,
    LOCKWATCH_TEAMS_WEBHOOK_URL: receivers.teamsUrl,
    LOCKWATCH_SMTP_URL: receivers.smtpUrl,
    LOCKWATCH_EMAIL_FROM: 'lockwatch@example.com',
    LOCKWATCH_EMAIL_TO: 'admins@example.com',
    LOCKWATCH_WEBHOOK_URL: receivers.webhookUrl,
    LOCKWATCH_WEBHOOK_SECRET: receivers.webhookSecret,
  };
  return {
    simulator,
    process(more = {}, clock = systemClock) {
      const environment = { ...usual, ...more };
      const log = recordingLog();
      const app = { ...compose(readSettings(environment), environment), log, clock };
      const count = app.queues?.unreadable.count;
      const ports = { ...app, unreadableCount: count, eventSources: { event: true, audit: false } };
      return {
        app,
        log,
        timer: () => sweepOfTimer(app, log),
        signal: (message) => respond(message, app),
        async get(path) {
          const answered = await answer({ url: `https://localhost${path}`, ifNoneMatch: null }, ports);
          return { status: answered.status, json: JSON.parse(answered.body) };
        },
      };
    },
  };
}
