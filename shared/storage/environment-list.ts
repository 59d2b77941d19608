import type { TransactionAction } from '@azure/data-tables';
import { policyKey } from '../incidents/ids.ts';
import type { AffectedEnvironment, Incident } from '../incidents/incident.ts';
import { inBatches } from './batches.ts';
import { PROGRESS_ROW } from './keys.ts';
import { environmentsToRows, progressToRow } from './rows.ts';
import { ask, etagOf } from './storage-errors.ts';
import type { TableLike } from './table-port.ts';

/**
 * Writes the long list of an incident's environments, as many in a transaction as Table Storage accepts. Each
 * batch includes the progress row under its ETag, so only the writer of the newest committed transition
 * succeeds: a slower one stops, and an older list never overwrites a newer one. A list that a crash leaves
 * incomplete stays marked, and the next decision writes the whole list again.
 */
export async function writeEnvironmentList(
  table: TableLike,
  incident: Incident,
  environments: readonly AffectedEnvironment[],
): Promise<void> {
  const partition = policyKey(incident.policyId);
  const got = await ask(
    'read how far a list is written',
    () => table.getEntity(partition, PROGRESS_ROW),
    [404],
  );
  let etag = got.value?.etag;
  if (got.value && !isOurs(got.value, incident)) return;

  const batches = inBatches(environmentsToRows(incident, environments), 1);
  for (const [n, rows] of batches.entries()) {
    const progress = progressToRow(incident, n === batches.length - 1);
    const actions: TransactionAction[] = [
      etag === undefined ? ['create', progress] : ['update', progress, 'Replace', { etag }],
      ...rows.map((row): TransactionAction => ['upsert', row, 'Replace']),
    ];
    const answer = await ask('write environments', () => table.submitTransaction(actions), [404, 409, 412]);
    // Another process has committed a newer transition since, and writes the list itself.
    if (!answer.value) return;
    etag = etagOf(answer.value.subResponses[0]?.etag);
  }
}

/** False if a newer transition has the list, or if the commit itself contained all of it. */
function isOurs(progress: Record<string, unknown>, incident: Incident): boolean {
  const writtenAt = (typeof progress.readAt === 'string' && Date.parse(progress.readAt)) || 0;
  const ours = Date.parse(incident.readAt);
  return writtenAt < ours || (writtenAt === ours && progress.done !== true);
}
