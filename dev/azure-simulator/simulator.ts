import { createHmac, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { addSources } from '../expected-deployment/add-sources.ts';
import { contosoDeployment } from '../expected-deployment/contoso.ts';
import type { Deployment } from '../expected-deployment/deployment.ts';
import { ownSourcesSetting } from '../expected-deployment/own-sources.ts';
import { readConfig, type SimulatorConfig, type SimulatorConfigInput } from './config.ts';
import { createAuditLog } from './events/audit-log.ts';
import { createEventGrid, type Destination, webhookDestination } from './events/event-grid.ts';
import { queueDestination } from './events/queue.ts';
import { armHandler } from './http/arm.ts';
import { createAskedList } from './http/asked.ts';
import { controlHandler } from './http/control.ts';
import { createFaults } from './http/faults.ts';
import { graphHandler } from './http/graph.ts';
import { identityHandler } from './http/identity.ts';
import { powerPlatformHandler } from './http/power-platform.ts';
import { powerPlatformApiHandler } from './http/power-platform-api.ts';
import { type Served, serve } from './http/serve.ts';
import { createState } from './state.ts';
import { createTokens, type Tokens } from './tokens.ts';
import { deployInto } from './world/deploy.ts';
import { guidOf } from './world/ids.ts';
import { seedWorld } from './world/seed.ts';
import { withDemoPolicies } from './world/seed-demo.ts';
import { withMore } from './world/seed-more.ts';
import type { World } from './world/world.ts';

/** Its addresses, and Lockwatch's identity in it. Printed as one JSON line by `main.ts`. */
export interface SimulatorEndpoints {
  arm: string;
  /** The admin API. */
  powerPlatform: string;
  /** The Power Platform API. */
  powerPlatformApi: string;
  graph: string;
  /** IDENTITY_ENDPOINT and IDENTITY_HEADER. */
  identity: string;
  identityHeader: string;
  control: string;
  tenantId: string;
  /** The subscriptions that Lockwatch watches and may read. */
  subscriptions: string[];
  /** LOCKWATCH_EVENT_SOURCES for this run's own sources. */
  eventSources: string;
  clientId: string;
}
export interface RunningSimulator extends SimulatorEndpoints {
  stop(): Promise<void>;
}

/**
 * Starts the Azure simulator on 127.0.0.1: Resource Manager and Power Platform over HTTPS, managed identity
 * and the control port over HTTP. Throws, with every fault, on an invalid configuration, and when a port is
 * taken.
 */
export async function startSimulator(
  input: SimulatorConfigInput,
  now: () => number = Date.now,
): Promise<RunningSimulator> {
  const config = readConfig(input);
  const seeded = seedWorld(now());
  const demo = config.demoPolicies ? withDemoPolicies(seeded, now()) : seeded;
  const more = withMore(demo, config, now());
  const deployment = deploymentFor(config, more);
  const world = deployInto(more, deployment, now());
  const secret = config.secret ?? randomBytes(24).toString('hex');
  const tokens = createTokens(world.tenantId, secret, (id) => state.current().app.revokedTokens.includes(id));
  const eventGrid = createEventGrid(destinationsOf(config, tokens), config.retryDelaysMs);
  const auditLog = createAuditLog({
    url: config.auditUrl,
    delayMs: config.auditDelayMs,
    retryDelaysMs: config.retryDelaysMs,
  });
  const state = createState({
    world,
    now,
    eventGrid,
    auditLog,
    propagationDelayMs: config.propagationDelayMs,
    lockDelayMs: config.lockDelayMs,
    listDelayMs: config.listDelayMs,
  });
  const faults = createFaults(now);
  const asked = createAskedList();
  const latency = () => wait(config.latencyMs);
  const identityHeader = createHmac('sha256', secret).update('IDENTITY_HEADER').digest('hex');
  const { pageSize, keyListDetail } = config;
  const tls = { certFile: config.certFile, keyFile: config.keyFile };
  const reads = { state, tokens, faults, latency, pageSize };

  const servers: Served[] = [];
  const listen = async (...args: Parameters<typeof serve>) => {
    const served = await serve(...args);
    servers.push(served);
    return served.port;
  };
  const stop = async () => {
    eventGrid.stop();
    auditLog.stop();
    await Promise.all(servers.map((server) => server.close()));
  };
  try {
    const arm = await listen(armHandler({ ...reads, asked, keyListDetail }), { port: config.armPort, tls });
    const powerPlatform = await listen(
      powerPlatformHandler({ ...reads, nextPageRegion: config.nextPageRegion }),
      { port: config.powerPlatformPort, tls },
    );
    const powerPlatformApi = await listen(
      powerPlatformApiHandler({ ...reads, states: config.platformStates }),
      { port: config.powerPlatformApiPort, tls },
    );
    const graph = await listen(graphHandler({ ...reads, permissions: config.graphPermissions }), {
      port: config.graphPort,
      tls,
    });
    const identity = await listen(identityHandler({ state, tokens, faults, header: identityHeader }), {
      port: config.identityPort,
    });
    const control = await listen(controlHandler({ state, tokens, faults, asked }), {
      port: config.controlPort,
    });
    return {
      arm: `https://localhost:${arm}`,
      powerPlatform: `https://localhost:${powerPlatform}`,
      powerPlatformApi: `https://localhost:${powerPlatformApi}`,
      graph: `https://localhost:${graph}`,
      identity: `http://127.0.0.1:${identity}/msi/token`,
      identityHeader,
      control: `http://127.0.0.1:${control}`,
      tenantId: world.tenantId,
      subscriptions: world.subscriptions.filter((entry) => entry.watched).map((entry) => entry.id),
      eventSources: ownSourcesSetting(deployment),
      clientId: world.app.clientId,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The expected deployment, extended to the resources that this run watches; or the run's own replacement. */
function deploymentFor(config: SimulatorConfig, world: World): Deployment {
  const deployment = config.deployment ?? addSources(contosoDeployment(), world, config.audited);
  const { appActions, operationFilters } = config;
  if (appActions) for (const role of deployment.roles) role.actions = appActions;
  if (operationFilters)
    for (const { eventSubscription } of deployment.sources)
      for (const filter of eventSubscription.properties.filter.advancedFilters)
        filter.values = operationFilters;
  return deployment;
}

/** Event Grid delivers under its own identity, not under the app's. */
function destinationsOf(config: SimulatorConfig, tokens: Tokens): Destination[] {
  const identity = { objectId: guidOf('application event grid'), applicationId: guidOf('client event grid') };
  const destinations: Destination[] = [];
  if (config.queueEndpoint)
    destinations.push(queueDestination({ endpoint: config.queueEndpoint, tokens, identity }));
  if (config.webhookUrl) destinations.push(webhookDestination(config.webhookUrl));
  return destinations;
}

async function wait(latency: SimulatorConfig['latencyMs']): Promise<void> {
  const [least, most] = typeof latency === 'number' ? [latency, latency] : latency;
  const ms = least + Math.random() * Math.max(0, most - least);
  if (ms > 0) await sleep(ms);
}
