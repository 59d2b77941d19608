import { createHttpHeaders, type HttpClient } from '@azure/core-rest-pipeline';
import { createAuditLog } from '../../dev/azure-simulator/events/audit-log.ts';
import { createEventGrid } from '../../dev/azure-simulator/events/event-grid.ts';
import { armHandler } from '../../dev/azure-simulator/http/arm.ts';
import { createAskedList } from '../../dev/azure-simulator/http/asked.ts';
import { createFaults } from '../../dev/azure-simulator/http/faults.ts';
import { createState } from '../../dev/azure-simulator/state.ts';
import { guidOf } from '../../dev/azure-simulator/world/ids.ts';
import { READER } from '../../dev/azure-simulator/world/roles.ts';
import type { World } from '../../dev/azure-simulator/world/world.ts';
import { normalId } from '../../shared/azure/arm-id.ts';
import type { Clock } from '../../shared/clock.ts';
import { createFactsReader } from '../../shared/facts/azure-facts-reader.ts';
import type { EnvironmentSource } from '../../shared/facts/environments.ts';
import type { Facts } from '../../shared/facts/facts.ts';
import { withOtherModel } from '../../shared/facts/other-model.ts';
import type { ReadHints } from '../../shared/facts/reader.ts';
import { chainIds, chainOfReading, type PreviewChain } from '../../shared/preview/chain.ts';
import { environment } from '../triggers/a-reading.ts';

const ARM = 'https://management.azure.com';
const AN_HOUR_MS = 3_600_000;

/**
 * The simulator's Resource Manager without its sockets: a reading takes milliseconds, so that hundreds of worlds are
 * read in a test. Environments lock an hour after a change.
 */
export function azureInProcess(seeded: World, startMs: number) {
  let nowMs = startMs;
  const clock: Clock = {
    now: () => new Date(nowMs).toISOString(),
    nowMs: () => nowMs,
    // No deadline is reached while a request is answered.
    sleep: (_ms, abort) => new Promise((resolve) => abort?.addEventListener('abort', () => resolve())),
  };
  const state = createState({
    world: withReader(seeded, startMs),
    now: clock.nowMs,
    eventGrid: createEventGrid([], []),
    auditLog: createAuditLog({ url: undefined, delayMs: 0, retryDelaysMs: [] }),
    propagationDelayMs: 0,
    lockDelayMs: AN_HOUR_MS,
    listDelayMs: 0,
  });
  const caller = { objectId: seeded.app.objectId, applicationId: seeded.app.clientId };
  const answer = armHandler({
    state,
    tokens: { check: () => ({ caller }), issue: () => ({ token: '', expiresOn: 0, id: '' }) },
    faults: createFaults(clock.nowMs),
    asked: createAskedList(),
    latency: async () => {},
    pageSize: 100,
    keyListDetail: 'summary',
  });
  const httpClient: HttpClient = {
    async sendRequest(request) {
      const reply = await answer({
        method: request.method,
        url: new URL(request.url),
        headers: {},
        body: '',
      });
      if (typeof reply === 'string') throw new Error(`The simulator has no fault: ${reply}`);
      const bodyAsText = reply.body === undefined ? '' : JSON.stringify(reply.body);
      return { status: reply.status, headers: createHttpHeaders(reply.headers), bodyAsText, request };
    },
  };
  const environments: EnvironmentSource = {
    begin: () => ({
      forPolicy: async () => {
        const value = { source: 'powerPlatform' as const, asOf: clock.now(), environments: TWO_RUNNING };
        return { state: 'known', readAt: clock.now(), value };
      },
    }),
  };
  const reader = createFactsReader({
    armEndpoint: ARM,
    armScope: `${ARM}/.default`,
    subscriptions: seeded.subscriptions.map(({ id }) => id),
    credential: { getToken: async () => ({ token: 't', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) },
    clock,
    environments,
    httpClient,
    bucket: { capacity: 1e9, perSecond: 1e9 },
  });
  const read = async (policyId: string, hints?: ReadHints): Promise<Facts> => {
    const session = reader.begin(60_000, { protection: true });
    if (!session.arm) throw new Error('The session reads nothing from Resource Manager.');
    return withOtherModel(session.arm, await session.read(normalId(policyId), hints));
  };
  return {
    state,
    now: clock.now,
    advance(ms: number) {
      nowMs += ms;
    },
    chain: async (policyId: string): Promise<PreviewChain> => chainOfReading(await read(policyId), undefined),
    /** The same chain again: what its first reading showed helps to find what is gone since. */
    readAgain(chain: PreviewChain): Promise<Facts> {
      const { vault, policyId } = chain.facts;
      const place = vault.state === 'known' ? { vaultLocation: vault.value.location } : {};
      return read(policyId, { ...chainIds(chain), ...place });
    },
  };
}

/** Whatever is asked: what locks them comes later than the reading after a change. */
const TWO_RUNNING = [environment('e1'), environment('e2')];

/** Lockwatch's identity may read everything. */
function withReader(world: World, createdAt: number): World {
  const { app, managementGroupId: scope } = world;
  const principalType = 'ServicePrincipal';
  const id = guidOf('reader of the test');
  return {
    ...world,
    roleAssignments: [
      ...world.roleAssignments,
      { id, scope, principalId: app.objectId, principalType, roleId: READER, createdAt },
    ],
  };
}
