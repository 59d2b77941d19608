import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EnvironmentFact } from '../../shared/facts/facts.ts';
import { policyKey } from '../../shared/incidents/ids.ts';
import { respond } from '../../shared/pipeline/on-message.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import { DRILL_PARTITION } from '../../shared/storage/drill-partition.ts';
import type { StoredRow } from '../../shared/storage/table-port.ts';
import { get, locked, look, make, post } from '../api/actions/post.ts';
import { type MemoryTable, refusal } from '../simulation/memory-table.ts';
import { DISABLED, environment, known } from '../triggers/a-reading.ts';
import { aWorld, policyId, VAULT_GONE, vaultEvent, type World } from './a-world.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Sweeps, one at the end of each step. */
async function pass(world: World, forMs: number, every = 2 * HOUR): Promise<void> {
  world.ports.config.sweepBounds = { minMs: every, maxMs: every };
  for (let ms = 0; ms < forMs; ms += every) {
    await world.clock.advance(every);
    await world.clock.drive(sweep(world.ports));
  }
}

const tableOf = ({ tables }: World, id: string): string =>
  (['policies', 'history'] as const)
    .filter((name) => tables[name].rows().some(({ rowKey }) => rowKey === `incident|${id}`))
    .join(' and ');

/** Loses and gets back the vault; the incident closes by itself. */
async function loseAndRestore(world: World, name: string, times = 1): Promise<void> {
  for (let n = 0; n < times; n += 1) {
    make(world, name, VAULT_GONE);
    await look(world, name);
    await world.clock.advance(HOUR);
    make(world, name, {});
    for (let reading = 0; reading < 3; reading += 1) {
      await look(world, name);
      await world.clock.advance(HOUR);
    }
  }
}

const MOMENT = /"(answeredAt|asOf|readAt|href)":"[^"]*",?/g;
async function answersAbout(world: World, id: string): Promise<Record<string, string>> {
  const answers: Record<string, string> = {};
  for (const path of [`/incidents/${id}`, `/incidents/${id}/report`, '/incidents', '/activity', '/status'])
    answers[path] = (await get(world, path)).body.replaceAll(MOMENT, '');
  const { days } = JSON.parse((await get(world, '/status')).body);
  answers['/status'] = JSON.stringify(days.filter(({ incidents }: { incidents: number }) => incidents > 0));
  return answers;
}

describe('an incident that closed moves to the history', () => {
  it('a day after its end, and every answer shows it as before', async () => {
    const { world, id } = await locked(['p1', 'p2']);
    make(world, 'p1', {});
    await pass(world, 6 * HOUR);
    const closedAt = (await get(world, `/incidents/${id}`)).json.closedAt;
    assert.ok(closedAt !== null);
    await pass(world, 16 * HOUR);
    assert.equal(tableOf(world, id), 'policies');
    const before = await answersAbout(world, id);
    await pass(world, 12 * HOUR);
    assert.equal(tableOf(world, id), 'history');
    assert.deepEqual(await answersAbout(world, id), before);
    const ofIt = world.tables.policies.rows().filter(({ rowKey }) => rowKey?.includes(id));
    assert.deepEqual(
      ofIt.map(({ rowKey }) => rowKey),
      [],
    );
  });

  it('and a drill, which no list shows', async () => {
    const world = aWorld(['p1']);
    await look(world, 'p1');
    await post(world, '/drill', { by: 'Ann' });
    const rows = () =>
      world.tables.policies.rows().filter(({ partitionKey }) => partitionKey === DRILL_PARTITION);
    const [incident] = rows().filter(({ rowKey }) => rowKey?.startsWith('incident|'));
    const id = incident?.rowKey?.slice('incident|'.length) ?? '';
    await pass(world, 2 * DAY);
    assert.equal(tableOf(world, id), 'history');
    assert.deepEqual(
      rows().map(({ rowKey }) => rowKey?.split('|')[0]),
      ['state', 'state'],
    );
    assert.equal((await get(world, `/incidents/${id}`)).json.drill, true);
    assert.deepEqual((await get(world, '/incidents')).json.incidents, []);
  });

  it('a bounded number in each sweep, the oldest first', async () => {
    const world = aWorld(['p1', 'p2']);
    await look(world, 'p1', 'p2');
    await loseAndRestore(world, 'p1', 18);
    await loseAndRestore(world, 'p2', 18);
    await world.clock.advance(2 * DAY);
    const moved = () =>
      world.tables.history.rows().filter(({ rowKey }) => rowKey?.startsWith('incident|')).length;
    const ofFirst = async () => {
      await world.clock.drive(sweep(world.ports));
      await world.clock.advance(30_000);
      return moved();
    };
    assert.deepEqual([await ofFirst(), await ofFirst(), await ofFirst()], [20, 36, 36]);
  });

  it('not while a person has closed it and its cause stands, nor while an environment of it is disabled', async () => {
    const { world, id } = await locked();
    await post(world, `/incidents/${id}/close`, { why: 'we know' });
    await pass(world, 4 * DAY, 6 * HOUR);
    assert.equal(tableOf(world, id), 'policies');
    const environments = (state: Partial<EnvironmentFact>) =>
      known({
        source: 'powerPlatform' as const,
        asOf: world.clock.now(),
        environments: [environment('p1-1', state), environment('p1-2', { sku: 'Sandbox' })],
      });
    make(world, 'p1', { environments: environments(DISABLED) });
    await pass(world, 2 * DAY, 6 * HOUR);
    assert.equal(tableOf(world, id), 'policies');
    make(world, 'p1', {});
    await pass(world, DAY, 6 * HOUR);
    assert.equal(tableOf(world, id), 'history');
  });

  it('not while one of its rows can not be read; the others move, and the row is named', async () => {
    const { world, id } = await locked(['p1', 'p2']);
    make(world, 'p1', {});
    await pass(world, 6 * HOUR);
    await loseAndRestore(world, 'p2');
    const other = `${policyKey(policyId('p2'))}-1`;
    const [row] = world.tables.policies.rows().filter(({ rowKey }) => rowKey?.startsWith(`timeline|${id}`));
    assert.ok(row);
    row.json = '{"cut';
    await pass(world, 3 * DAY, 6 * HOUR);
    assert.deepEqual([tableOf(world, id), tableOf(world, other)], ['policies', 'history']);
    const { unreadableRows } = (await get(world, '/health')).json;
    assert.ok(unreadableRows.some(({ rowKey }: StoredRow) => rowKey === row.rowKey));
    assert.equal((await get(world, `/incidents/${id}`)).json.id, id);
  });

  it('not while its table refuses: sweeps go on, what is open is answered, and health says why', async () => {
    const { world, id } = await locked(['p1', 'p2']);
    make(world, 'p1', {});
    await pass(world, 6 * HOUR);
    const logged: string[] = [];
    world.ports.log = { ...world.ports.log, warn: (name) => void logged.push(name) };
    world.tables.history.before = () => {
      throw refusal(403, 'AuthorizationPermissionMismatch');
    };
    await pass(world, 2 * DAY);
    assert.equal(tableOf(world, id), 'policies');
    assert.ok(logged.includes('history-not-written'));
    make(world, 'p2', VAULT_GONE);
    await look(world, 'p2');
    assert.equal(world.channels[0]?.sent.at(-1)?.reason, 'opened');
    assert.equal((await get(world, '/incidents?state=open')).json.incidents.length, 1);
    const { status, dependencies } = (await get(world, '/health')).json;
    const tables = dependencies.find(({ name }: { name: string }) => name === 'tableStorage');
    assert.deepEqual([status, tables.state], ['degraded', 'partly']);
    assert.match(tables.detail, /history.*Storage Table Data Contributor/);
    delete world.tables.history.before;
    await pass(world, 4 * HOUR);
    assert.equal(tableOf(world, id), 'history');
  });
});

it('an incident whose row does not say when it ended moves by the time at which it closed', async () => {
  const { world, id } = await locked(['p1']);
  make(world, 'p1', {});
  await pass(world, 6 * HOUR);
  const [row] = world.tables.policies.rows().filter(({ rowKey }) => rowKey === `incident|${id}`);
  assert.ok(row?.endedAt);
  const { endedAt } = row;
  delete row.endedAt;
  await pass(world, 12 * HOUR);
  assert.equal(tableOf(world, id), 'policies');
  await pass(world, 14 * HOUR);
  assert.equal(tableOf(world, id), 'history');
  const indexes = world.tables.history.rows().filter(({ rowKey }) => rowKey?.startsWith('ended|'));
  assert.deepEqual(
    indexes.map((one) => one.endedAt),
    [endedAt, endedAt],
  );
});

for (const when of ['is started anew', 'runs for an hour'] as const)
  it(`a notice that nothing marks as pending is sent once the app ${when}`, async () => {
    const { world, id } = await locked(['p1', 'p2']);
    const [teams] = world.channels;
    assert.ok(teams);
    await pass(world, 60_000, 30_000);
    teams.answers.push({ outcome: 'failed', permanent: false, detail: '503' });
    make(world, 'p2', VAULT_GONE);
    await look(world, 'p2');
    const sent = teams.sent.length;
    const beside = () => world.tables.policies.rows().filter(({ rowKey }) => rowKey?.startsWith('pending|'));
    assert.ok(beside().length > 0);
    for (const { partitionKey = '', rowKey = '' } of beside())
      world.tables.policies.deleteRow(partitionKey, rowKey);
    await pass(world, 5 * 60_000, 60_000);
    // `worsened`: within a quarter of an hour it goes out as an addition to the other policy's notice.
    const first = () => teams.sent.slice(sent).filter(({ reason }) => /^(opened|worsened)$/.test(reason));
    assert.deepEqual(first(), []);
    if (when === 'is started anew') world.ports = world.restart();
    else await world.clock.advance(HOUR);
    await pass(world, 3 * 60_000, 60_000);
    assert.deepEqual(
      first().map(({ incidents }) => incidents.map(({ incident }) => incident.policyId)),
      [[policyId('p2')]],
    );
    assert.deepEqual(beside(), []);
    assert.equal(tableOf(world, id), 'policies');
  });

it('a notice of the end that is tried again while the history refuses names the environments', async () => {
  const { world } = await locked(['p1']);
  const [teams] = world.channels;
  assert.ok(teams);
  const { send } = teams;
  let tries = 0;
  teams.send = async (notice, abort) => {
    if (notice.reason === 'closed') tries += 1;
    const answer = await send(notice, abort);
    return tries === 1 ? { outcome: 'failed', permanent: false, detail: '503' } : answer;
  };
  make(world, 'p1', {});
  world.tables.history.before = () => {
    throw refusal(403, 'AuthorizationPermissionMismatch');
  };
  await pass(world, 8 * HOUR);
  const closed = teams.sent.filter(({ reason }) => reason === 'closed');
  assert.equal(closed.length, 2);
  for (const { incidents } of closed) assert.equal(incidents[0]?.environments.length, 2);
});

/** Every row that a table gives, in whatever call. */
function countingRows(table: MemoryTable) {
  const counted = { rows: [] as StoredRow[], filters: [] as string[], calls: 0 };
  const { listEntities, getEntity } = table;
  table.getEntity = async (...keys) => {
    counted.calls += 1;
    return getEntity(...keys);
  };
  table.listEntities = (options) => {
    counted.calls += 1;
    counted.filters.push(options.queryOptions.filter);
    const listed = listEntities(options);
    return {
      byPage: (settings) => listed.byPage(settings),
      async *[Symbol.asyncIterator]() {
        for await (const row of listed) {
          counted.rows.push(row);
          yield row;
        }
      },
    };
  };
  return counted;
}

describe('what happened before costs nothing now', () => {
  it('a signal and a sweep read the same rows, with 24 incidents in the history or with 2', async () => {
    const cost = async (incidents: number) => {
      const world = aWorld(['p1', 'p2']);
      await look(world, 'p1', 'p2');
      await loseAndRestore(world, 'p2', incidents);
      await pass(world, 3 * DAY, HOUR);
      const stored = world.tables.policies.rows().length;
      const counts = [countingRows(world.tables.policies), countingRows(world.tables.history)];
      await world.clock.drive(sweep(world.ports));
      const ofSweep = counts.map(({ rows, calls }) => [rows.length, calls]);
      make(world, 'p1', VAULT_GONE);
      await world.clock.drive(respond(vaultEvent({ at: world.clock.now() }), world.ports));
      assert.equal(world.channels[0]?.sent.at(-1)?.reason, 'opened');
      return { stored, ofSweep, ofBoth: counts.map(({ rows, calls }) => [rows.length, calls]) };
    };
    assert.deepEqual(await cost(24), await cost(2));
  });

  it('a signal about a vault of 20 policies reads no notice that was sent', async () => {
    const names = Array.from({ length: 20 }, (_, n) => `p${n}`);
    const { world } = await locked(names.slice(0, 1));
    for (const name of names) world.observedState.set(policyId(name).toLowerCase(), {});
    await pass(world, 4 * HOUR, HOUR);
    for (const name of names) make(world, name, VAULT_GONE);
    await world.clock.drive(respond(vaultEvent({ at: world.clock.now() }), world.ports));
    await pass(world, 2 * DAY, 6 * HOUR);
    for (const name of names) make(world, name, {});
    await pass(world, 6 * HOUR, HOUR);
    const sent = world.tables.policies.rows().filter(({ rowKey }) => rowKey?.startsWith('notice|'));
    assert.ok(sent.length >= 100, `${sent.length} notices`);
    const counted = countingRows(world.tables.policies);
    for (const name of names) make(world, name, VAULT_GONE);
    await world.clock.drive(respond(vaultEvent({ at: world.clock.now(), id: 'event-2' }), world.ports));
    assert.equal(world.channels[0]?.sent.at(-1)?.incidents.length, 20);
    const read = counted.rows.filter(
      ({ rowKey, state }) => rowKey?.startsWith('notice|') && state === 'sent',
    );
    assert.deepEqual(read, []);
    // Nor does storage go through them.
    const all = counted.filters.filter((filter) => filter.includes("RowKey ge 'notice|'"));
    assert.deepEqual(all, []);
  });
});
