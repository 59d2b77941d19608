import { respond } from '../../shared/pipeline/on-message.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import { look, make } from '../api/actions/post.ts';
import { aWorld, VAULT_GONE, vaultEvent, type World } from '../pipeline/a-world.ts';
import { type Figure, pairedRatio } from './figure.ts';

const HOUR = 3_600_000;
const POLICIES = Array.from({ length: 20 }, (_, n) => `p${n}`);

/**
 * A signal that opens an incident for each of the 20 policies of a vault, and a sweep, with so many closed incidents
 * stored. Floor: the same with none. On tables in memory, which go through every row of what a query scans.
 */
export async function longHistory(incidents: number): Promise<Figure> {
  const [long, none] = await Promise.all([aWorldThatKnowsAnEnd(), aWorldThatKnowsAnEnd()]);
  await storeMany(long, incidents);
  none.tables.history.deleteTable();
  await none.tables.history.createTable();
  const measured = await pairedRatio(
    () => signalAndSweep(long),
    () => signalAndSweep(none),
    { pairs: 15, warmUp: 3 },
  );
  const rows = long.tables.history.rows().length;
  return {
    name: `a signal and a sweep with ${incidents.toLocaleString('en')} closed incidents stored`,
    ...measured,
    budget: 1.1,
    detail: `${rows.toLocaleString('en')} rows in the history, in memory`,
  };
}

/** One incident of each policy has ended and moved to the history. */
async function aWorldThatKnowsAnEnd(): Promise<World> {
  const world = aWorld(POLICIES);
  await look(world, ...POLICIES);
  await signalAndSweep(world);
  await world.clock.advance(25 * HOUR);
  await world.clock.drive(sweep(world.ports));
  return world;
}

async function signalAndSweep(world: World): Promise<void> {
  const { clock, ports } = world;
  for (const name of POLICIES) make(world, name, VAULT_GONE);
  await clock.drive(respond(vaultEvent({ at: clock.now(), id: clock.now() }), ports));
  await clock.drive(sweep(ports));
  for (const name of POLICIES) make(world, name, {});
  for (let reading = 0; reading < 3; reading += 1) {
    await clock.advance(HOUR);
    await look(world, ...POLICIES);
  }
}

/** Copies of those that moved, each under an id and a time of its own. */
async function storeMany({ tables: { history } }: World, incidents: number): Promise<void> {
  const moved = history.rows();
  const ids = moved.flatMap(({ rowKey }) => /^incident\|(.+)$/.exec(rowKey ?? '')?.[1] ?? []);
  if (ids.length === 0) throw new Error('No incident moved to the history.');
  const rowsOf = new Map(
    ids.map((id) => [id, moved.filter(({ rowKey }) => rowKey?.split('|').includes(id))] as const),
  );
  for (let n = 0; n < incidents; n += 1) {
    const id = ids[n % ids.length] ?? '';
    const copy = `${id.slice(0, 20)}-${n + 1000}`;
    for (const { etag: _, partitionKey = '', rowKey = '', ...columns } of rowsOf.get(id) ?? []) {
      const at = rowKey.startsWith('ended|')
        ? rowKey.replace(/\d{13}/, String(8_000_000_000_000 + n))
        : rowKey;
      await history.createEntity({ ...columns, partitionKey, rowKey: at.replaceAll(id, copy) });
    }
  }
}
