import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyApp } from '../../dev/stack/app-process.ts';
import { startChild } from '../../dev/stack/child.ts';
import { ensureBuilt } from '../../dev/stack/ensure-built.ts';
import type { TableStore } from '../../shared/storage/table-store.ts';
import { aBigWorld, learn, policyStatesOf } from '../pipeline/a-big-world.ts';
import { startAcceptingTeams } from './accepting-teams.ts';
import { auditMessages } from './audit-batch.ts';
import type { BigAzure } from './big-azure.ts';
import { unwatchedEvents } from './events-of-nobody.ts';
import type { Figure } from './figure.ts';
import { onAzurite } from './on-azurite.ts';
import { bundleForBench, startUnderMeasure } from './under-measure.ts';

const MB = 1_000_000;
const ENVIRONMENTS = 10_000;
/** How many messages of a queue the host hands over at once (host.json, `queues.batchSize` and `newBatchThreshold`). */
const AT_ONCE = 24;

/**
 * The most that the app's own process ever has resident while it goes through all that the other figures measure, on
 * one tenant: sweeps of 1,000 policies, events and audit records of nobody, 10,000 environments going down at once, and
 * the status of all of them.
 */
export function memory(): Promise<Figure> {
  return onAzurite(async ({ store, endpoints, certificate }) => {
    await ensureBuilt({ quiet: true });
    await rememberAll(store);
    const directory = await mkdtemp(join(tmpdir(), 'lockwatch-bench-'));
    const teams = await startAcceptingTeams(certificate);
    let told: BigAzure | undefined;
    const azure = await startChild(
      [join(import.meta.dirname, 'big-azure.ts'), certificate.certFile, certificate.keyFile],
      {
        name: 'The big tenant',
        ready(line) {
          if (line.startsWith('{')) told = JSON.parse(line);
          return told !== undefined;
        },
      },
    );
    if (!told) throw new Error('The big tenant printed no addresses.');
    const { driver } = await bundleForBench(directory);
    const appDirectory = join(directory, 'app');
    await copyApp(appDirectory);
    const app = await startUnderMeasure(driver, appDirectory, {
      NODE_EXTRA_CA_CERTS: certificate.certFile,
      IDENTITY_ENDPOINT: told.identity,
      IDENTITY_HEADER: 'local',
      AzureWebJobsStorage__queueServiceUri: endpoints.queue,
      AzureWebJobsStorage__tableServiceUri: endpoints.table,
      LOCKWATCH_SUBSCRIPTIONS: told.subscriptions.join(),
      LOCKWATCH_ARM_ENDPOINT: told.azure,
      LOCKWATCH_POWER_PLATFORM_ENDPOINT: told.azure,
      LOCKWATCH_POWER_PLATFORM_API_ENDPOINT: told.azure,
      LOCKWATCH_AUDIT_HUB: 'lockwatch-audit',
      LOCKWATCH_AUDIT__fullyQualifiedNamespace: 'event-hubs.invalid',
      LOCKWATCH_TEAMS_WEBHOOK_URL: teams.url,
      LOCKWATCH_SECRET_VAULTS: 'none',
      LOCKWATCH_ACCESS: 'none',
      // Each call of the timer sweeps.
      LOCKWATCH_SWEEP_SECONDS: '1',
      LOCKWATCH_SWEEP_MAX_SECONDS: '1',
    });
    try {
      const sweep = () => app.call('timer', [{ json: '{}' }]);
      const incidents = async () =>
        (await store.listPolicyStates()).flatMap(({ policyState }) => policyState.incident ?? []);
      await sweep();
      await app.call(
        'storageQueue',
        unwatchedEvents(2000).map((string) => ({ string })),
        AT_ONCE,
      );
      const batches = Array.from({ length: 10 }, () => ({ collectionBytes: { bytes: auditMessages(10) } }));
      await app.call('auditLog', batches);
      await fetch(told.vaultsGone, { method: 'POST' });
      const down = async () => (await incidents()).reduce((sum, one) => sum + one.environmentCount, 0);
      for (let n = 0; n < 12 && (await down()) < ENVIRONMENTS; n += 1) await sweep();
      if ((await down()) < ENVIRONMENTS) throw new Error(`Only ${await down()} environments went down.`);
      const http = {
        method: 'GET',
        url: 'http://localhost/api/status',
        nullableParams: { path: { value: 'api/status' } },
      };
      const { peakBytes } = await app.call(
        'status',
        Array.from({ length: 20 }, () => ({ http })),
        4,
      );
      return {
        name: 'memory of the app’s own process, under all of these',
        ratio: peakBytes / MB,
        unit: 'MB',
        budget: 400,
        detail: 'the most it ever had resident',
      };
    } finally {
      await app.stop();
      await azure.stop();
      await teams.stop();
      await rm(directory, { recursive: true, force: true });
    }
  });
}

/** As after the first minutes: every policy known. Learnt on a clock turned by hand, since Azure's budget takes minutes. */
async function rememberAll(store: TableStore): Promise<void> {
  const big = aBigWorld({ policies: 1000, vaults: 200, subscriptions: 10 });
  await learn(big);
  for (const policyState of await policyStatesOf(big.world))
    await store.commit(
      { kind: 'none', policyState, timeline: [], environments: [], notices: [] },
      undefined,
      [],
    );
}
