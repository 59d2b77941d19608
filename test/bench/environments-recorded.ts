import type { TransactionAction } from '@azure/data-tables';
import type { Incident } from '../../shared/incidents/incident.ts';
import { environmentsToRows } from '../../shared/storage/rows.ts';
import { aPolicyId } from '../incidents/a-commit.ts';
import { type Figure, pairedRatio } from './figure.ts';
import { aLock, onAzurite } from './on-azurite.ts';

const ENVIRONMENTS = 10_000;
const ROWS_AT_ONCE = 100;

/** All environments of one incident, from the decision to the last row. Floor: bare batched upserts of those rows. */
export function environmentsRecorded(): Promise<Figure> {
  return onAzurite(async ({ store, table }) => {
    let latest: Incident | undefined;
    const measured = await pairedRatio(
      async () => {
        const transition = aLock(aPolicyId(), ENVIRONMENTS);
        await store.commit(transition, undefined, []);
        if (!transition.incident) throw new Error('A disabled key opened no incident.');
        await store.writeEnvironments(transition.incident, transition.environments);
        latest = transition.incident;
      },
      async () => {
        const { incident, environments } = aLock(aPolicyId(), ENVIRONMENTS);
        const rows = incident ? environmentsToRows(incident, environments) : [];
        for (let n = 0; n < rows.length; n += ROWS_AT_ONCE)
          await table.submitTransaction(
            rows.slice(n, n + ROWS_AT_ONCE).map((row): TransactionAction => ['upsert', row, 'Replace']),
          );
      },
      { pairs: 15, warmUp: 2 },
    );
    const recorded = latest ? (await store.listEnvironments(latest)).length : 0;
    if (recorded !== ENVIRONMENTS)
      throw new Error(`${recorded} of ${ENVIRONMENTS} environments were recorded.`);
    return {
      name: '10,000 environments of one incident recorded',
      ...measured,
      budget: 1.2,
      detail: 'on Azurite, in memory',
    };
  });
}
