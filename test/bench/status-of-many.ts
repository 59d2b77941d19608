import { answer } from '../../shared/api/serve-api.ts';
import { STATE_ROWS } from '../../shared/storage/keys.ts';
import { aPolicyId } from '../incidents/a-commit.ts';
import { aWorld } from '../pipeline/a-world.ts';
import { type Figure, pairedRatio } from './figure.ts';
import { aLock, onAzurite } from './on-azurite.ts';

const POLICIES = 200;
const OF_EACH = 50;

/** `GET /api/status` of the whole tenant, all of it down. Floor: one ranged read of the rows that it is made of. */
export function statusOfMany(): Promise<Figure> {
  return onAzurite(async ({ store, table }) => {
    for (let n = 0; n < POLICIES; n += 1)
      await store.commit(aLock(aPolicyId(), OF_EACH, n * OF_EACH), undefined, []);
    const ports = {
      ...aWorld([]).ports,
      store,
      heartbeat: store.heartbeat,
      eventSources: { event: true, audit: true },
    };
    let bytes = 0;
    let told = 0;
    const measured = await pairedRatio(
      async () => {
        const { body } = await answer({ url: 'http://localhost/api/status', ifNoneMatch: null }, ports);
        bytes = body.length;
        told = body.split('"displayName"').length - 1;
      },
      async () => {
        const rows: unknown[] = [];
        for await (const row of table.listEntities({ queryOptions: { filter: STATE_ROWS } })) rows.push(row);
        if (rows.length < POLICIES) throw new Error(`${rows.length} rows of ${POLICIES} policies.`);
      },
      { pairs: 61, warmUp: 10 },
    );
    if (told < POLICIES * OF_EACH) throw new Error(`The status tells of ${told} environments.`);
    return {
      name: 'GET /api/status, 10,000 environments of 200 policies',
      ...measured,
      budget: 1.5,
      detail: `${(bytes / 1e6).toFixed(1)} MB, on Azurite, in memory`,
    };
  });
}
