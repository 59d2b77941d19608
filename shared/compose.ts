import type { TokenCredential } from '@azure/core-auth';
import { normalId } from './azure/arm-id.ts';
import { CLOUDS, type Cloud } from './azure/cloud.ts';
import { graphNames } from './azure/graph-names.ts';
import { appIdentity } from './azure/identity-endpoint.ts';
import { refusedTokenPolicy } from './azure/refused-token.ts';
import { systemClock } from './clock.ts';
import { createFactsReader } from './facts/azure-facts-reader.ts';
import type { EnvironmentSource } from './facts/environments.ts';
import { inventoryEnvironments } from './facts/inventory.ts';
import { environmentApis } from './facts/power-platform/addresses.ts';
import { powerPlatformEnvironments } from './facts/power-platform/environment-source.ts';
import { createChannels } from './notices/channels/create-channels.ts';
import { withAlertEnds } from './notices/routes.ts';
import type { PipelineConfig } from './pipeline/config.ts';
import type { Ports, Watched } from './pipeline/ports.ts';
import { hintsOf } from './pipeline/read-and-commit.ts';
import { deploymentIn } from './settings/deployment.ts';
import { docsBase } from './settings/docs-base.ts';
import type { Settings } from './settings/settings.ts';
import { makeWatchList } from './signals/watch-list.ts';
import { entryOf, type ReadModelEntry } from './storage/read-model.ts';
import type { SessionStore } from './storage/sessions.ts';
import { createStorageQueues, type StorageQueues } from './storage/storage-queues.ts';
import { createTableStore, type TableStore } from './storage/table-store.ts';
import { countingClient } from './telemetry/counting-client.ts';
import { telemetryOf } from './telemetry/from-environment.ts';
import { errorFields, jsonLog, type Log, type LogWriter } from './telemetry/log.ts';
import { record } from './telemetry/trace.ts';

/** The age at which the watch list is read again. Other processes discover policies too. */
const WATCHED_FOR_MS = 30_000;
const CHANNEL_TIMEOUT_MS = 10_000;
/** The scope that the client libraries of storage ask for by themselves. */
const STORAGE_SCOPE = 'https://storage.azure.com/.default';
/**
 * Later rechecks, in seconds after the signal, are useful only where the sweep would come later than they do.
 */
const LATER_RECHECKS = [30, 120, 600];

export interface App extends Ports {
  settings: Settings;
  queues: StorageQueues | undefined;
  /** Of the access mode `keys`; loaded with the first page. */
  sessions(): Promise<SessionStore>;
  /** App Service sets its name ("Environment variables and app settings in Azure App Service"). */
  isInAzure: boolean;
  /**
   * Creates the missing tables, once per process. Not on the path from a signal to its notice. Never throws:
   * a refusal is logged, and existing tables can still be used.
   */
  prepareTables(to: Log): Promise<void>;
  /**
   * The same for queues, separately: reading, deciding and sending need none. A queue's fault is logged once.
   */
  prepareQueues(to: Log): Promise<void>;
  /**
   * One invocation: the work gets the same app, whose log lines go to this invocation's log and, where
   * Application Insights is configured, are recorded as its trace. The exporter is loaded after the first
   * answer, so no answer waits for it.
   */
  run<T>(name: string, context: LogWriter, work: (app: App) => Promise<T>): Promise<T>;
}

/** Assembles the real ports. Nothing connects until it is used. `environment`: the process's variables. */
export function compose(settings: Settings, environment: Record<string, string | undefined>): App {
  const clock = systemClock;
  const log = jsonLog(console);
  const cloud = CLOUDS[settings.cloud];
  const credential = appIdentity({ clientId: settings.clientId, environment }, clock);
  const store = createTableStore({
    endpoint: settings.tableEndpoint,
    credential,
    clientOptions: {
      additionalPolicies: [{ policy: refusedTokenPolicy(credential, STORAGE_SCOPE), position: 'perRetry' }],
    },
  });
  const queues =
    settings.queueEndpoint === undefined
      ? undefined
      : createStorageQueues({ endpoint: settings.queueEndpoint, queue: settings.queue, credential });
  const telemetry = telemetryOf(environment, credential, log);
  const facts = createFactsReader({
    armEndpoint: settings.armEndpoint ?? cloud.armEndpoint,
    armScope: cloud.armScope,
    subscriptions: settings.subscriptions,
    credential,
    clock,
    environments: environmentSource(settings, credential, cloud),
    ...(telemetry ? { httpClient: countingClient(telemetry) } : {}),
  });
  const deployment = deploymentIn(settings, environment);
  const docsUrl = docsBase(settings);
  const channels = createChannels(settings, { cloud, credential, deployment, docsUrl });
  const { admin, platform } = environmentApis(settings, cloud);
  const listScopes = platform ? [admin.scope, platform.scope] : [admin.scope];
  const readScopes = [cloud.armScope, ...(settings.environmentsFrom === 'inventory' ? [] : listScopes)];
  let cached: { watched: Watched; at: number } | undefined;
  let hasTables = false;
  const logged = new Set<string>();
  const app: App = {
    settings,
    config: { ...configOf(settings), deployment, docsUrl },
    clock,
    log,
    facts,
    store,
    readModel: { write: store.writeReadModel, read: store.readReadModel },
    queues,
    sessions: async () => (await import('./storage/sessions.ts')).sessionStore(store.readModelTable),
    // Once a day for each policy: whoever takes signals does not load it.
    countPrincipals: async (...asked) =>
      (await import('./pipeline/count-locking-principals.ts')).countLockingPrincipals(...asked),
    isInAzure: Boolean(environment.WEBSITE_SITE_NAME),
    channels,
    rechecks: queues
      ? {
          send: queues.rechecks.send,
          async sendHeartbeat(text, delaySeconds) {
            // The first message of a new deployment: its queue may not have been created yet.
            await queues.prepare();
            await queues.rechecks.sendHeartbeat(text, delaySeconds);
          },
        }
      : {
          send: async () => log.warn('recheck-not-scheduled', { because: 'no queue is set' }),
          sendHeartbeat: async () => log.info('no-heartbeat-message', { because: 'no queue is set' }),
        },
    queueFaults: () => (queues?.faults() ?? []).map(({ message }) => message),
    heartbeat: store.heartbeat,
    visibility: store.visibility,
    actorNames:
      settings.actorNames === 'graph'
        ? graphNames({
            endpoint: settings.graphEndpoint ?? cloud.graphUrl,
            scope: `${cloud.graphUrl}/.default`,
            credential,
            clock,
            log,
          })
        : undefined,
    unreadable: queues?.unreadable ?? {
      keep: async (item) =>
        log.warn('unreadable-not-kept', { sha256: item.sha256, because: 'no queue is set' }),
    },
    publicUrl:
      settings.publicUrl ?? (environment.WEBSITE_HOSTNAME && `https://${environment.WEBSITE_HOSTNAME}`),
    channelTimeoutMs: CHANNEL_TIMEOUT_MS,
    routes: withAlertEnds(settings.routes, channels),
    async watched(from) {
      const isOld = !cached || clock.nowMs() - cached.at >= WATCHED_FOR_MS;
      if (from === undefined && cached && !isOld) return cached.watched;
      // A cold process needs these next. If one is not available, the reading itself reports the reason. This
      // logs nothing, so no line is lost when the invocation has already answered.
      if (isOld) void Promise.allSettled(readScopes.map((scope) => credential.getToken(scope)));
      const watched = watchedFrom(Array.isArray(from) ? from.map(entryOf) : await readEntries(store, log));
      cached = { watched, at: clock.nowMs() };
      return watched;
    },
    async prepareTables(to) {
      if (hasTables) return;
      try {
        await store.ensureTables();
        hasTables = true;
      } catch (error) {
        to.error('tables-not-prepared', errorFields(error));
      }
    },
    async prepareQueues(to) {
      const faults = (await queues?.prepare()) ?? [];
      for (const fault of faults.filter(({ message }) => !logged.has(message)))
        to.error('queue-unavailable', { queue: fault.queue, role: fault.role, ...errorFields(fault) });
      logged.clear();
      for (const { message } of faults) logged.add(message);
    },
    async run(name, context, work) {
      const lines = jsonLog(context);
      if (!telemetry) return work({ ...app, log: lines });
      const recording = record(name, lines, clock, telemetry);
      try {
        const answer = await work({ ...app, log: recording.log });
        recording.end();
        return answer;
      } catch (error) {
        recording.end(error);
        throw error;
      } finally {
        setImmediate(telemetry.start);
      }
    },
  };
  return app;
}

function configOf(settings: Settings): PipelineConfig {
  return {
    sweepBounds: { minMs: settings.sweepSeconds * 1000, maxMs: settings.sweepMaxSeconds * 1000 },
    environmentListMs: settings.environmentListSeconds * 1000,
    readBudgetMs: settings.readBudgetSeconds * 1000,
    networkReading: settings.networkReading,
    recheckSeconds: [
      settings.recheckSeconds,
      ...LATER_RECHECKS.filter(
        (recheck) => recheck > settings.recheckSeconds && recheck < settings.sweepMaxSeconds,
      ),
    ],
    closeAfterMs: settings.closeAfterSeconds * 1000,
    visibilityAlertMs: settings.visibilityAlertSeconds * 1000,
    watchedSubscriptions: settings.subscriptions,
    auditNamespaces: Object.values(settings.auditNamespace).map((host) => host.split('.')[0] ?? host),
    eventSources: settings.eventSources,
    secretVaults: settings.secretVaults,
    maxEnvironmentsPerPolicy: settings.maxEnvironmentsPerPolicy,
  };
}

function environmentSource(settings: Settings, credential: TokenCredential, cloud: Cloud): EnvironmentSource {
  const common = { credential, clock: systemClock };
  if (settings.environmentsFrom === 'inventory' && settings.inventory !== undefined)
    return inventoryEnvironments({ location: settings.inventory, ...common });
  return powerPlatformEnvironments({
    ...environmentApis(settings, cloud),
    ...common,
    reuseForMs: settings.environmentListSeconds * 1000,
  });
}

/**
 * The read model may have been deleted, not been created yet, or be refused: the `state` rows are
 * authoritative.
 */
async function readEntries(store: TableStore, log: Log): Promise<ReadModelEntry[]> {
  const [entries] = await Promise.allSettled([store.readReadModel()]);
  if (entries.status === 'fulfilled' && entries.value.length > 0) return entries.value;
  if (entries.status === 'rejected') log.warn('read-model-unreadable', errorFields(entries.reason));
  return (await store.listPolicyStates()).map(({ policyState }) => entryOf(policyState));
}

function watchedFrom(entries: readonly ReadModelEntry[]): Watched {
  return {
    list: makeWatchList(entries),
    policies: entries.map(({ policyId }) => policyId),
    hints: new Map(entries.map((entry) => [normalId(entry.policyId), hintsOf(entry)])),
  };
}
