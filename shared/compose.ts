import type { TokenCredential } from '@azure/core-auth';
import { systemClock } from './clock.ts';
import { hintsOf } from './commit-readings.ts';
import { normalId } from './facts/arm-id.ts';
import { createFactsReader } from './facts/azure-facts-reader.ts';
import { CLOUDS, type Cloud } from './facts/cloud.ts';
import { appCredential, cachingCredential } from './facts/credential.ts';
import type { EnvironmentSource } from './facts/environments.ts';
import { graphNames } from './facts/graph-names.ts';
import { inventoryEnvironments } from './facts/inventory.ts';
import { powerPlatformEnvironments } from './facts/power-platform.ts';
import { entryOf, type OverviewEntry } from './incidents/overview.ts';
import { createTableStore } from './incidents/table-store.ts';
import { createChannels } from './notices/channels/channels.ts';
import type { Ports, Watched } from './ports.ts';
import type { Settings } from './settings.ts';
import { makeWatchList } from './signals/watch-list.ts';
import { createStorageQueues, type StorageQueues } from './storage-queues.ts';
import { countingClient } from './telemetry/counting-client.ts';
import { telemetryOf } from './telemetry/from-environment.ts';
import { record } from './telemetry/trace.ts';
import { jsonLog, type LogWriter } from './telemetry.ts';

/** How old the watch list may be before it is read again. Other processes discover policies too. */
const WATCHED_FOR_MS = 30_000;
const CHANNEL_TIMEOUT_MS = 10_000;
/** Later looks, in seconds after the signal, count only where the sweep would come later than they. */
const LATER_LOOKS = [30, 120, 600];

export interface App extends Ports {
  settings: Settings;
  queues: StorageQueues | undefined;
  /** Makes the tables and queues that are missing, once per process. Not on the way from a signal to its notice. */
  prepare(): Promise<void>;
  /**
   * One invocation: the work is given the same app, whose lines go to this invocation's log and, where Application
   * Insights is set, are recorded as its trace. The exporter is loaded after the first answer, which waits for nothing.
   */
  run<T>(name: string, context: LogWriter, work: (app: App) => Promise<T>): Promise<T>;
}

/** Puts the real ports together. Nothing is connected until it is used. `environment`: the process's variables. */
export function compose(settings: Settings, environment: Record<string, string | undefined>): App {
  const clock = systemClock;
  const log = jsonLog(console);
  const cloud = CLOUDS[settings.cloud];
  const credential = cachingCredential(appCredential({ clientId: settings.clientId, environment }), clock);
  const store = createTableStore({ endpoint: settings.tableEndpoint, credential });
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
  const channels = createChannels(settings, { cloud, credential });
  const readScopes = [
    cloud.armScope,
    ...(settings.environmentsFrom === 'inventory' ? [] : [cloud.powerPlatformScope]),
  ];
  let cached: { watched: Watched; at: number } | undefined;
  let prepared: Promise<void> | undefined;
  const app: App = {
    settings,
    clock,
    log,
    facts,
    store,
    overview: { write: store.writeOverview, read: store.readOverview },
    queues,
    channels,
    looks: queues?.looks ?? {
      send: async () => log.warn('no-second-look', { because: 'no queue is set' }),
      sendHeartbeat: async () => log.info('no-heartbeat-message', { because: 'no queue is set' }),
    },
    heartbeat: store.heartbeat,
    sight: store.sight,
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
    blindAfterMs: settings.blindAfterSeconds * 1000,
    watchedSubscriptions: settings.subscriptions,
    auditNamespaces: Object.values(settings.auditNamespace).map((host) => host.split('.')[0] ?? host),
    sweepIntervalMs: settings.sweepSeconds * 1000,
    unreadable: queues?.unreadable ?? {
      keep: async (item) =>
        log.warn('unreadable-not-kept', { sha256: item.sha256, because: 'no queue is set' }),
    },
    publicUrl:
      settings.publicUrl ?? (environment.WEBSITE_HOSTNAME && `https://${environment.WEBSITE_HOSTNAME}`),
    channelTimeoutMs: CHANNEL_TIMEOUT_MS,
    routes: settings.routes,
    readBudgetMs: settings.readBudgetSeconds * 1000,
    networkReading: settings.networkReading,
    secretVaults: settings.secretVaults,
    secondLooks: [
      settings.secondLookSeconds,
      ...LATER_LOOKS.filter((look) => look > settings.secondLookSeconds && look < settings.sweepSeconds),
    ],
    async watched(fresh = false) {
      if (!fresh && cached && clock.nowMs() - cached.at < WATCHED_FOR_MS) return cached.watched;
      // A cold process needs these next. Where one can't be had, the reading itself tells why.
      void Promise.allSettled(readScopes.map((scope) => credential.getToken(scope)));
      // The read model may have been deleted, or not been made yet: the heads are the truth.
      const entries = await store.readOverview();
      const watched = watchedFrom(
        entries.length > 0 ? entries : (await store.listHeads()).map(({ head }) => entryOf(head)),
      );
      cached = { watched, at: clock.nowMs() };
      return watched;
    },
    prepare() {
      prepared ??= Promise.all([store.ensureTables(), queues?.ensureQueues()]).then(
        () => undefined,
        (error) => {
          prepared = undefined;
          throw error;
        },
      );
      return prepared;
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

function environmentSource(settings: Settings, credential: TokenCredential, cloud: Cloud): EnvironmentSource {
  const common = { credential, clock: systemClock };
  if (settings.environmentsFrom === 'inventory' && settings.inventory !== undefined)
    return inventoryEnvironments({ location: settings.inventory, ...common });
  return powerPlatformEnvironments({
    endpoint: settings.powerPlatformEndpoint ?? cloud.powerPlatformEndpoint,
    scope: cloud.powerPlatformScope,
    ...common,
  });
}

function watchedFrom(entries: readonly OverviewEntry[]): Watched {
  return {
    list: makeWatchList(entries),
    policies: entries.map(({ policyId }) => policyId),
    hints: new Map(entries.map((entry) => [normalId(entry.policyId), hintsOf(entry)])),
  };
}
