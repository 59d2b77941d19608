import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SimulatorEndpoints } from '../azure-simulator/simulator.ts';
import { localStackSettings } from '../expected-deployment/app-settings.ts';
import { contosoDeployment, contosoSnapshot } from '../expected-deployment/contoso.ts';
import { snapshotSettings } from '../expected-deployment/snapshot.ts';
import { copyApp, startApp } from './app-process.ts';
import { type Certificate, makeCertificate } from './certificate.ts';
import { startChild } from './child.ts';
import { cleanEnvironment } from './clean-environment.ts';
import { createClockFile } from './clock-file.ts';
import { freePort } from './free-port.ts';
import { jsonChild } from './json-child.ts';
import type { KeptChild } from './keep-running.ts';
import { type LocalStorage, startStorage } from './storage.ts';

export interface StackOptions {
  /** The folder of certificates, storage and the run's settings. Emptied first. */
  directory: string;
  /** Port of the app. A free one by default. */
  port?: number;
  sweepSeconds?: number;
  /** A certificate that this process trusts already; a new one by default. */
  certificate?: Certificate;
  /** Additional fields of the simulator's configuration. */
  simulator?: Record<string, unknown>;
  /** Additional or different settings of the app. */
  settings?: Record<string, string>;
  /**
   * Groups of functions, one process each, as Azure runs them; by default all in one. HTTP must be in the
   * first.
   */
  processes?: string[][];
  /** CloudEvents go to the webhook receiver as well. Off by default. */
  webhook?: boolean;
  /** The app receives the vaults' audit logs, through the local host's emulated event hub. Off by default. */
  auditLog?: boolean;
  /** The time of all parts can be moved ahead, together. Off by default. */
  movableClock?: boolean;
  onLine?: (from: string, line: string) => void;
  /** Called with a sentence before a host that ended on a fault of its queues is restarted. */
  onRestart?: (restart: string) => void;
  /** Called when one of the processes ends without being asked to. */
  onEnd?: (fault: string) => void;
}

export interface Stack {
  url: string;
  /** The address of each of the app's processes. */
  hostUrls: string[];
  simulator: SimulatorEndpoints;
  receivers: {
    teamsUrl: string;
    smtpUrl: string;
    webhookUrl: string;
    webhookSecret: string;
    readUrl: string;
  };
  storage: LocalStorage;
  certificate: Certificate;
  /** The arguments of the host's processes, so that one can be started by hand in the same place. */
  settings: Record<string, string>;
  startHost(): Promise<void>;
  /** SIGKILL, as when a machine fails: all of the app's processes, or one of them. */
  killHost(index?: number): Promise<void>;
  /** How often one of the app's processes ended on a fault of its queues and was restarted. */
  hostRestarts(): number;
  stopStorage(): Promise<void>;
  startStorage(): Promise<void>;
  /** Moves the time of all parts ahead, where `movableClock` is on. */
  moveAhead?: (ms: number) => Promise<void>;
  stop(): Promise<void>;
}

const AUDIT_FUNCTION = 'auditLog';
const ROOT = join(import.meta.dirname, '../..');

/**
 * Starts everything around the app and the app itself, each in a process of its own: storage, the Azure
 * simulator, the receivers, and the built app in the local Functions host. Queues, tables, settings, rights
 * and events are those of the scenario infra/scenarios/local-stack.bicepparam, from its snapshot. If the start
 * fails, the processes already started are ended.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  await stat(join(ROOT, 'dist/app.mjs')).catch((cause) => {
    throw new Error('The app is not built. Run: npm run build', { cause });
  });
  await rm(options.directory, { recursive: true, force: true });
  await mkdir(options.directory, { recursive: true });
  const certificate = options.certificate ?? (await makeCertificate(join(options.directory, 'certificate')));
  const trusting = { ...cleanEnvironment(process.env), NODE_EXTRA_CA_CERTS: certificate.certFile };
  const clock = options.movableClock ? await createClockFile(options.directory) : undefined;
  const nodeArgs = clock?.args ?? [];
  const ports = { blob: await freePort(), queue: await freePort(), table: await freePort() };
  const ending: (() => Promise<void>)[] = [];
  let hosts: KeptChild[] = [];
  let restarts = 0;

  const stop = async () => {
    await Promise.all(hosts.map((host) => host.stop()));
    for (const end of ending.reverse()) await end();
  };
  try {
    const openStorage = () =>
      startStorage({
        certificate,
        nodeArgs,
        directory: join(options.directory, 'storage'),
        ports,
        onEnd: options.onEnd,
      });
    let storage: LocalStorage | undefined = await openStorage();
    ending.push(async () => storage?.stop());
    await makeStorage(storage, trusting);

    const receivers = await jsonChild<Stack['receivers']>(
      'The receivers',
      [...nodeArgs, 'dev/receivers/main.ts', certificate.certFile, certificate.keyFile],
      trusting,
      ending,
      options,
    );
    const processes = options.processes ?? [[]];
    const port = options.port ?? (await freePort());
    const hostPorts = await Promise.all(processes.map((_, index) => (index === 0 ? port : freePort())));
    const auditPort = hostPorts[processes.findIndex((only) => only.includes(AUDIT_FUNCTION))] ?? port;
    const configFile = join(options.directory, 'tenant.json');
    const config = {
      certFile: certificate.certFile,
      keyFile: certificate.keyFile,
      queueEndpoint: storage.queueEndpoint,
      ...(options.auditLog
        ? { auditUrl: `http://127.0.0.1:${auditPort}/local/event-hubs/${AUDIT_FUNCTION}` }
        : {}),
      ...options.simulator,
    };
    await writeFile(configFile, JSON.stringify(config, null, 2));
    const simulator = await jsonChild<SimulatorEndpoints>(
      'The Azure simulator',
      [...nodeArgs, 'dev/azure-simulator/main.ts', '--config', configFile],
      trusting,
      ending,
      options,
    );

    const appDirectory = join(options.directory, 'app');
    await copyApp(appDirectory);
    const settings = {
      ...localStackSettings({
        expected: snapshotSettings(contosoSnapshot()),
        deployment: contosoDeployment(),
        replaced: {
          AzureWebJobsStorage__blobServiceUri: storage.blobEndpoint,
          AzureWebJobsStorage__queueServiceUri: storage.queueEndpoint,
          AzureWebJobsStorage__tableServiceUri: storage.tableEndpoint,
          AzureWebJobsStorage__clientId: simulator.clientId,
          LOCKWATCH_CLIENT_ID: simulator.clientId,
          LOCKWATCH_SUBSCRIPTIONS: simulator.subscriptions.join(','),
          LOCKWATCH_EVENT_SOURCES: simulator.eventSources,
          LOCKWATCH_ACCESS: 'none',
          // No event hub of this name exists; the local host receives its messages at an address of its own.
          LOCKWATCH_AUDIT__fullyQualifiedNamespace: 'event-hubs.invalid',
          LOCKWATCH_AUDIT__clientId: simulator.clientId,
        },
        added: {
          NODE_EXTRA_CA_CERTS: certificate.certFile,
          IDENTITY_ENDPOINT: simulator.identity,
          IDENTITY_HEADER: simulator.identityHeader,
          LOCKWATCH_ARM_ENDPOINT: simulator.arm,
          LOCKWATCH_POWER_PLATFORM_ENDPOINT: simulator.powerPlatform,
          LOCKWATCH_POWER_PLATFORM_API_ENDPOINT: simulator.powerPlatformApi,
          LOCKWATCH_GRAPH_ENDPOINT: simulator.graph,
          LOCKWATCH_SWEEP_SECONDS: `${options.sweepSeconds ?? 30}`,
          LOCKWATCH_SWEEP_MAX_SECONDS: `${options.sweepSeconds ?? 30}`,
          LOCKWATCH_ENVIRONMENT_LIST_SECONDS: '0',
          LOCKWATCH_CLOSE_AFTER_SECONDS: '5',
          LOCKWATCH_PUBLIC_URL: `http://127.0.0.1:${port}`,
        },
        secrets: {
          'lockwatch-teams-webhook-url': receivers.teamsUrl,
          'lockwatch-smtp-url': receivers.smtpUrl,
          'lockwatch-webhook-url': receivers.webhookUrl,
          'lockwatch-webhook-secret': receivers.webhookSecret,
        },
        without: [
          ...(options.auditLog ? [] : (['auditLog'] as const)),
          ...(options.webhook ? [] : (['webhook'] as const)),
        ],
      }),
      ...options.settings,
    };
    const startHost = async () => {
      hosts = await Promise.all(
        processes.map((only, index) =>
          startApp({
            directory: appDirectory,
            nodeArgs,
            port: hostPorts[index] ?? port,
            only,
            settings,
            onLine: options.onLine,
            onRestart(restart) {
              restarts += 1;
              options.onRestart?.(restart);
            },
            onEnd: options.onEnd,
          }),
        ),
      );
    };
    await startHost();
    return {
      url: `http://127.0.0.1:${port}`,
      hostUrls: hostPorts.map((hostPort) => `http://127.0.0.1:${hostPort}`),
      simulator,
      receivers,
      storage,
      certificate,
      settings,
      startHost,
      async killHost(index) {
        const dying = index === undefined ? hosts : hosts.slice(index, index + 1);
        await Promise.all(dying.map((host) => host.kill()));
        hosts = hosts.filter((host) => !dying.includes(host));
      },
      hostRestarts: () => restarts,
      async stopStorage() {
        await storage?.stop();
        storage = undefined;
      },
      async startStorage() {
        storage = await openStorage();
      },
      moveAhead: clock?.moveAhead,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Creates the expected queues and tables. In a process of its own, which trusts the new certificate. */
async function makeStorage(storage: LocalStorage, env: NodeJS.ProcessEnv): Promise<void> {
  const args = ['dev/stack/make-storage.ts', storage.queueEndpoint, storage.tableEndpoint];
  const ready = (line: string) => line === 'made';
  const child = await startChild(args, { name: 'Making queues and tables', cwd: ROOT, env, ready });
  await child.stop();
}
