import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { SimulatorConfigInput } from '../../../dev/azure-simulator/config.ts';
import { examine } from '../../../tools/doctor/examine.ts';
import type { Report } from '../../../tools/doctor/report.ts';
import {
  atEnd,
  startTestSimulator,
  type TestSimulator,
  testCertificate,
} from '../../dev/azure-simulator/harness.ts';

/** A tenant, storage that answers as Azure Storage does, and the app's own settings for both. */
export interface Patient {
  simulator: TestSimulator;
  settings: Record<string, string>;
  /** Storage answers so from now on; by default 200. */
  storageAnswers(answer: (path: string) => number): void;
  examine(more?: Partial<Parameters<typeof examine>[0]>): Promise<Report>;
}

/** The identity library keeps tokens for the whole process, so every tenant of a test must take those of the others. */
const SECRET = 'one-secret-for-all-of-a-process';

export async function patient(config: Partial<SimulatorConfigInput> = {}): Promise<Patient> {
  const simulator = await startTestSimulator({ secret: SECRET, ...config });
  let answer: (path: string) => number = () => 200;
  const storage = await fakeStorage((path) => answer(path));
  const settings = {
    ...identityOf(simulator),
    LOCKWATCH_SUBSCRIPTIONS: simulator.subscriptions.join(','),
    LOCKWATCH_CLIENT_ID: simulator.clientId,
    LOCKWATCH_ARM_ENDPOINT: simulator.arm,
    LOCKWATCH_POWER_PLATFORM_ENDPOINT: simulator.powerPlatform,
    LOCKWATCH_POWER_PLATFORM_API_ENDPOINT: simulator.powerPlatformApi,
    AzureWebJobsStorage__tableServiceUri: `${storage}/devstoreaccount1`,
    AzureWebJobsStorage__queueServiceUri: `${storage}/devstoreaccount1`,
    LOCKWATCH_AUDIT_HUB: 'lockwatch-audit',
    LOCKWATCH_AUDIT__fullyQualifiedNamespace: 'event-hubs.invalid',
    LOCKWATCH_TEAMS_WEBHOOK_URL: 'https://teams.invalid/workflows/1?sig=top-secret',
    LOCKWATCH_WEBHOOK_URL: 'https://events.invalid/hook?sig=top-secret',
    LOCKWATCH_ACCESS: 'entra',
  };
  return {
    simulator,
    settings,
    storageAnswers(next) {
      answer = next;
    },
    examine: (more = {}) =>
      asIdentity(simulator, () => examine({ environment: settings, seconds: 110, ...more })),
  };
}

function identityOf(simulator: TestSimulator) {
  return { IDENTITY_ENDPOINT: simulator.identity, IDENTITY_HEADER: simulator.identityHeader };
}

/** The identity library looks at the process itself. */
async function asIdentity<T>(simulator: TestSimulator, work: () => Promise<T>): Promise<T> {
  Object.assign(process.env, identityOf(simulator));
  return work();
}
atEnd(() => {
  delete process.env.IDENTITY_ENDPOINT;
  delete process.env.IDENTITY_HEADER;
});

/** Queue Service REST and Table Service REST, as far as the doctor asks. */
async function fakeStorage(answer: (path: string) => number): Promise<string> {
  const { certFile, keyFile } = await testCertificate();
  const server: Server = createServer(
    { cert: readFileSync(certFile), key: readFileSync(keyFile) },
    (request, response) => {
      const path = new URL(request.url ?? '/', 'https://localhost').pathname;
      const isAsked = request.headers.authorization?.startsWith('Bearer ') && request.headers['x-ms-version'];
      const status = isAsked ? answer(path) : 401;
      response.writeHead(status, {
        'content-type': 'application/json',
        'x-ms-approximate-messages-count': path.endsWith('lockwatch-unreadable') ? '2' : '0',
        ...(status === 429 ? { 'retry-after': '600' } : {}),
      });
      response.end(status === 200 ? '{"value":[]}' : '');
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(() => server.close());
  return `https://localhost:${(server.address() as AddressInfo).port}`;
}
