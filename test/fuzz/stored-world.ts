import { sweep } from '../../shared/pipeline/sweep.ts';
import type { StoredRow } from '../../shared/storage/table-port.ts';
import { locked, post } from '../api/actions/post.ts';
import { aWorld, type World } from '../pipeline/a-world.ts';

interface Stored {
  policies: StoredRow[];
  readModel: StoredRow[];
  id: string;
}

let stored: Promise<Stored> | undefined;

/** What is stored while one of two policies is locked, a silence is planned and a sweep has run. Made once. */
export function storedRows(): Promise<Stored> {
  stored ??= (async () => {
    const { world, id } = await locked(['p1', 'p2']);
    await post(world, '/policies/p2/silence', { from: '1d', until: '2d', why: 'rotation' });
    await world.clock.drive(sweep(world.ports));
    return { policies: world.tables.policies.rows(), readModel: world.tables.readModel.rows(), id };
  })();
  return stored;
}

/** A world over these rows, shortly after they were written. */
export async function worldOver({ policies, readModel }: Omit<Stored, 'id'>): Promise<World> {
  const world = aWorld(['p1', 'p2']);
  await world.clock.advance(60_000);
  for (const [table, rows] of [
    [world.tables.policies, policies],
    [world.tables.readModel, readModel],
  ] as const)
    for (const { etag: _etag, timestamp: _timestamp, ...row } of rows)
      await table.createEntity({ ...row, partitionKey: row.partitionKey ?? '', rowKey: row.rowKey ?? '' });
  return world;
}
