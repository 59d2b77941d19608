import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { TableClient } from '@azure/data-tables';
import { QueueClient } from '@azure/storage-queue';
import { observer } from '../../dev/demo/observe.ts';
import { ensureBuilt } from '../../dev/stack/ensure-built.ts';
import { startStack } from '../../dev/stack/stack.ts';
import { localStorageCredential } from '../../dev/stack/storage-token.ts';
import { startAcceptingTeams } from './accepting-teams.ts';
import { asItWas } from './as-it-was.ts';
import { bundleForBench, startUnderMeasure, type UnderMeasure } from './under-measure.ts';

/** Azure's reads take as long as this, all of them. */
export const READ_MS = 30;
/** A card that is not there when the app is done is not coming. */
const PATIENCE_MS = 2000;
const POLICY = 'ep-permissions-revoked';
const VAULT = 'kv-permissions-revoked';

/** The built app and the relay, each in processes of its own, around the same storage, tenant and Teams. */
export interface RealRun {
  /** A process of the app as it is deployed, or of the relay; the app in it is loaded by its first signal. */
  start(which: 'ours' | 'relay'): Promise<UnderMeasure>;
  /** From here to Teams' acceptance of what this process makes of the signal, in milliseconds. */
  toTeams(process: UnderMeasure): Promise<number>;
  /** What a new process has loaded when its first notice has been accepted. */
  modulesOfFirstNotice(): Promise<{ count: number; bytes: number }>;
  stop(): Promise<void>;
}

/**
 * Starts what stands around the app, lets the app learn the healthy tenant, and takes a policy's permission away: the
 * event that tells of it is the signal that is measured. `environments`: so many of them hang on that policy.
 */
export async function startRealRun({ environments }: { environments: number }): Promise<RealRun> {
  const { LOCKWATCH_LOCAL_TEST_CERT: certFile, LOCKWATCH_LOCAL_TEST_KEY: keyFile } = process.env;
  if (!certFile || !keyFile)
    throw new Error('Run it by "npm run bench": that makes the certificate of what stands around the app.');
  await ensureBuilt({ quiet: true });
  const directory = await mkdtemp(join(tmpdir(), 'lockwatch-bench-'));
  const ending: (() => Promise<void>)[] = [() => rm(directory, { recursive: true, force: true })];
  const stop = async () => {
    for (const end of ending.splice(0).reverse()) await end();
  };
  try {
    const certificate = { certFile, keyFile };
    const teams = await startAcceptingTeams(certificate);
    ending.push(teams.stop);
    const stack = await startStack({
      directory: join(directory, 'stack'),
      certificate,
      processes: [],
      simulator: {
        demoPolicies: true,
        latencyMs: READ_MS,
        pageSize: 1000,
        manyEnvironments: { policy: POLICY, count: environments },
      },
    });
    ending.push(stack.stop);
    const { driver, relay } = await bundleForBench(directory);
    const { LOCKWATCH_SMTP_URL, LOCKWATCH_EMAIL_FROM, LOCKWATCH_EMAIL_TO, ...settings } = stack.settings;
    const ours = {
      ...settings,
      LOCKWATCH_TEAMS_WEBHOOK_URL: teams.url,
      // No sweep comes between.
      LOCKWATCH_SWEEP_SECONDS: '1800',
      LOCKWATCH_SWEEP_MAX_SECONDS: '1800',
    };
    const policyId = await learn(() => startUnderMeasure(driver, join(directory, 'stack/app'), ours), stack);
    const restore = await asItWas(stack.storage.tableEndpoint, policyId);
    const text = await signalOf(stack);
    const relays = {
      ...settings,
      RELAY_ARM: stack.simulator.arm,
      RELAY_VAULT: `${policyId.split('/providers/')[0]}/providers/Microsoft.KeyVault/vaults/${VAULT}`,
      RELAY_TABLES: stack.storage.tableEndpoint,
      RELAY_CLIENT_ID: stack.simulator.clientId,
      RELAY_TEAMS: teams.url,
    };
    await new TableClient(stack.storage.tableEndpoint, 'relay', localStorageCredential()).createTable();
    const notified = async (process: UnderMeasure) => {
      await restore();
      const accepted = teams.next();
      const told = await process.call('storageQueue', [{ string: text }]);
      const at = await Promise.race([accepted, setTimeout(PATIENCE_MS, undefined, { ref: false })]);
      if (at === undefined) throw new Error('The signal led to no card.');
      return { tookMs: at - told.beganAt, modules: told.modules };
    };
    const startOurs = (more = {}) =>
      startUnderMeasure(driver, join(directory, 'stack/app'), { ...ours, ...more });
    return {
      start: (which) => (which === 'ours' ? startOurs() : startUnderMeasure(driver, relay, relays)),
      toTeams: async (process) => (await notified(process)).tookMs,
      async modulesOfFirstNotice() {
        const process = await startOurs({ BENCH_COUNT_MODULES: '1' });
        try {
          return (await notified(process)).modules;
        } finally {
          await process.stop();
        }
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Stack = Awaited<ReturnType<typeof startStack>>;

/** As after a deployment: the tables made, every policy read and remembered. Gives the id of the policy. */
async function learn(start: () => Promise<UnderMeasure>, stack: Stack): Promise<string> {
  const app = await start();
  try {
    for (let n = 0; n < 3; n += 1) await app.call('timer', [{ json: '{}' }]);
  } finally {
    await app.stop();
  }
  const policyStates = new TableClient(stack.storage.tableEndpoint, 'readmodel', localStorageCredential());
  for await (const row of policyStates.listEntities()) {
    const id = /[^"]+\/enterprisePolicies\/ep-permissions-revoked(?=")/i.exec(JSON.stringify(row))?.[0];
    if (id) return id.replaceAll('\\', '');
  }
  throw new Error(`The app did not learn of ${POLICY}.`);
}

/** The event as Event Grid delivers it to the queue. */
async function signalOf(stack: Stack): Promise<string> {
  await observer(stack).scenario('permissions-revoked', { policy: POLICY });
  const queue = new QueueClient(`${stack.storage.queueEndpoint}/lockwatch-signals`, localStorageCredential());
  for (let n = 0; n < 50; n += 1) {
    const { peekedMessageItems } = await queue.peekMessages({ numberOfMessages: 32 });
    const texts = peekedMessageItems.map(({ messageText }) => Buffer.from(messageText, 'base64').toString());
    const event = texts.find((text) => /roleAssignments\/delete/i.test(text));
    if (event) return event;
    await setTimeout(100);
  }
  throw new Error('The event did not reach the queue.');
}
