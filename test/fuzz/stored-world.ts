import assert from 'node:assert/strict';
import { sweep } from '../../shared/pipeline/sweep.ts';
import type { StoredRow } from '../../shared/storage/table-port.ts';
import { locked, look, make, post } from '../api/actions/post.ts';
import { aWorld, VAULT_GONE, type World } from '../pipeline/a-world.ts';

interface Stored {
  policies: StoredRow[];
  readModel: StoredRow[];
  history: StoredRow[];
  /** The incident that is open, and one of the other policy that has moved to the history. */
  id: string;
  endedId: string;
}

let stored: Promise<Stored> | undefined;

/**
 * What is stored while one of two policies is locked, a silence is planned, a sweep has run and an incident of the
 * other policy is in the history. Made once.
 */
export function storedRows(): Promise<Stored> {
  stored ??= (async () => {
    const { world, id: endedId } = await locked(['p2', 'p1']);
    assert.equal((await post(world, `/incidents/${endedId}/close`, { why: 'planned' })).status, 200);
    make(world, 'p2', {});
    await look(world, 'p2');
    make(world, 'p1', VAULT_GONE);
    const [first] = await look(world, 'p1', 'p2');
    const id = first?.transition.incident?.id ?? assert.fail();
    await world.clock.advance(30_000);
    await post(world, '/policies/p2/silence', { from: '1d', until: '2d', why: 'rotation' });
    await world.clock.drive(sweep(world.ports));
    assert.equal(await world.ports.store.moveToHistory(endedId), 'moved');
    const { policies, readModel, history } = world.tables;
    const rows = { policies: policies.rows(), readModel: readModel.rows(), history: history.rows() };
    return { ...rows, id, endedId };
  })();
  return stored;
}

/** A world over these rows, shortly after they were written. */
export async function worldOver({
  policies,
  readModel,
  history,
}: Omit<Stored, 'id' | 'endedId'>): Promise<World> {
  const world = aWorld(['p1', 'p2']);
  await world.clock.advance(90_000);
  for (const [table, rows] of [
    [world.tables.policies, policies],
    [world.tables.readModel, readModel],
    [world.tables.history, history],
  ] as const)
    for (const { etag: _etag, timestamp: _timestamp, ...row } of rows)
      await table.createEntity({ ...row, partitionKey: row.partitionKey ?? '', rowKey: row.rowKey ?? '' });
  return world;
}
