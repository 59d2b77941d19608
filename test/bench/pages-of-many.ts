import { matchEndpoint } from '../../shared/api/match-endpoint.ts';
import { homePage } from '../../shared/api/pages/home.ts';
import { incidentPage } from '../../shared/api/pages/incident.ts';
import type { Page } from '../../shared/api/pages/page.ts';
import { askEndpoint } from '../../shared/api/serve-api.ts';
import { STATE_ROWS } from '../../shared/storage/keys.ts';
import { aPolicyId } from '../incidents/a-commit.ts';
import { aWorld } from '../pipeline/a-world.ts';
import { type Figure, pairedRatio } from './figure.ts';
import { aLock, onAzurite } from './on-azurite.ts';

const POLICIES = 200;
const OF_EACH = 50;
const MAX_BYTES = 300_000;

/** The home page of the whole tenant, all of it down. Floor: one ranged read of the rows that it is made of. */
export function homePageOfMany(): Promise<Figure> {
  return onAzurite(async ({ store, table }) => {
    for (let n = 0; n < POLICIES; n += 1)
      await store.commit(aLock(aPolicyId(), OF_EACH, n * OF_EACH), undefined, []);
    return measured(
      'The home page, 10,000 environments of 200 policies',
      homePage as Page<unknown>,
      '/status',
      {
        store,
        floor: () => countRows(table, STATE_ROWS),
      },
    );
  });
}

/** The page of one incident of 10,000 environments. Floor: one ranged read of its partition. */
export function incidentPageOfMany(): Promise<Figure> {
  return onAzurite(async ({ store, table }) => {
    const lock = aLock(aPolicyId(), POLICIES * OF_EACH);
    await store.commit(lock, undefined, []);
    if (!lock.incident) throw new Error('A disabled key opened no incident.');
    await store.writeEnvironments(lock.incident, lock.environments);
    const { id } = lock.incident;
    const partition = id.split('-')[0] ?? '';
    return measured(
      'The page of an incident of 10,000 environments',
      incidentPage as Page<unknown>,
      `/incidents/${id}`,
      {
        store,
        floor: () => countRows(table, `PartitionKey eq '${partition}'`),
      },
    );
  });
}

type OnAzurite = Parameters<Parameters<typeof onAzurite>[0]>[0];

async function measured(
  name: string,
  page: Page<unknown>,
  path: string,
  { store, floor }: { store: OnAzurite['store']; floor: () => Promise<number> },
): Promise<Figure> {
  const ports = {
    ...aWorld([]).ports,
    store,
    heartbeat: store.heartbeat,
    eventSources: { event: true, audit: true },
  };
  const match = matchEndpoint('GET', path);
  if (!('endpoint' in match) || match.endpoint.method !== 'GET') throw new Error(`no endpoint ${path}`);
  const asked = { endpoint: match.endpoint, id: match.id };
  let bytes = 0;
  const figure = await pairedRatio(
    async () => {
      const answer = await askEndpoint(asked, new URLSearchParams(), ports);
      const context = { now: ports.clock.now(), path: '/', parameters: new URLSearchParams() };
      const viewer = { name: 'Ada', mayAct: true, mode: 'entra' as const };
      bytes = Buffer.byteLength(String(page.render(answer, { ...context, viewer })));
    },
    async () => {
      await floor();
    },
    { pairs: 61, warmUp: 10 },
  );
  if (bytes > MAX_BYTES) throw new Error(`${name}: ${bytes} bytes`);
  return { name, ...figure, budget: 1.5, detail: `${(bytes / 1000).toFixed(0)} KB, on Azurite, in memory` };
}

async function countRows(table: OnAzurite['table'], filter: string): Promise<number> {
  let rows = 0;
  for await (const _ of table.listEntities({ queryOptions: { filter } })) rows += 1;
  if (rows < POLICIES) throw new Error(`${rows} rows`);
  return rows;
}
