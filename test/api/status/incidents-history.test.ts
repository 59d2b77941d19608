import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policyKey } from '../../../shared/incidents/ids.ts';
import { visibilityRows } from '../../../shared/notices/outbox.ts';
import { sweep } from '../../../shared/pipeline/sweep.ts';
import { aWorld, policyId, VAULT_GONE, type World } from '../../pipeline/a-world.ts';
import { refusal } from '../../simulation/memory-table.ts';
import { get, look, make, post } from '../actions/post.ts';
import { rendered, textOf } from '../pages/page-html.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

interface Listed {
  id: string;
  openedAt: string;
  state: string;
}

/** Loses and gets back the vault so many times; each time the incident ends by itself. */
async function loseAndRestore(world: World, name: string, times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) {
    make(world, name, VAULT_GONE);
    await look(world, name);
    make(world, name, {});
    for (let reading = 0; reading < 3; reading += 1) {
      await world.clock.advance(HOUR);
      await look(world, name);
    }
  }
}

const NAMES = ['p1', 'p2', 'p3'];

/** 80 incidents in the history, then 6 that ended lately and one that is open. */
async function playHistory(): Promise<World> {
  const world = aWorld(NAMES);
  await look(world, 'p1', 'p2', 'p3');
  await loseAndRestore(world, 'p1', 40);
  await loseAndRestore(world, 'p2', 40);
  await world.clock.advance(2 * DAY);
  for (let n = 0; n < 6; n += 1) {
    await world.clock.drive(sweep(world.ports));
    await world.clock.advance(30_000);
  }
  assert.equal(
    world.tables.policies.rows().filter(({ rowKey }) => rowKey?.startsWith('incident|')).length,
    0,
  );
  await loseAndRestore(world, 'p2', 6);
  make(world, 'p3', VAULT_GONE);
  await look(world, 'p3');
  return world;
}

let played: Promise<World> | undefined;

/** The app started anew over a copy of the rows that were played once: to play them takes a second and a half. */
async function withHistory(): Promise<World> {
  played ??= playHistory();
  const { tables, clock } = await played;
  const world = aWorld(NAMES);
  await world.clock.advance(clock.nowMs() - world.clock.nowMs());
  make(world, 'p3', VAULT_GONE);
  for (const name of ['policies', 'readModel', 'history'] as const)
    for (const { etag: _, partitionKey = '', rowKey = '', ...columns } of tables[name].rows())
      await world.tables[name].createEntity({ ...columns, partitionKey, rowKey });
  return world;
}

async function allPages(world: World, path: string): Promise<{ incidents: Listed[]; counts: unknown[] }> {
  const incidents: Listed[] = [];
  const counts: unknown[] = [];
  for (let next: string | null = path; next !== null; ) {
    const { status, json }: Awaited<ReturnType<typeof get>> = await get(world, next.replace('/api', ''));
    assert.equal(status, 200, next);
    assert.ok(json.incidents.length <= 50);
    incidents.push(...json.incidents);
    counts.push(json.counts);
    next = json.next;
  }
  return { incidents, counts };
}

test('the pages of all incidents go on from those that are stored lately into the history, each incident once', async () => {
  const world = await withHistory();
  const { incidents, counts } = await allPages(world, '/incidents');
  assert.equal(incidents.length, 87);
  assert.equal(new Set(incidents.map(({ id }) => id)).size, 87);
  assert.equal(incidents[0]?.state, 'revoked');
  const times = incidents.slice(1).map(({ openedAt }) => openedAt);
  assert.deepEqual(times, times.toSorted().reverse());
  assert.deepEqual(counts, [
    { incidents: null, open: 1 },
    { incidents: null, open: 1 },
  ]);
});

test('a filter by policy, state or time is one of the history, too, and what fits on a page is counted', async () => {
  const world = await withHistory();
  const ofP2 = await allPages(world, '/incidents?policy=p2');
  assert.equal(ofP2.incidents.length, 46);
  assert.ok(ofP2.incidents.every(({ id }) => id.startsWith(policyKey(policyId('p2')))));
  assert.deepEqual(ofP2.counts, [{ incidents: 46, open: 0 }]);
  assert.equal((await allPages(world, '/incidents?state=closed')).incidents.length, 86);
  assert.deepEqual((await allPages(world, '/incidents?state=dismissed')).incidents, []);
  assert.equal((await allPages(world, '/incidents?state=open')).incidents.length, 1);
  assert.deepEqual((await allPages(world, '/incidents?policy=p9')).incidents, []);
  const all = (await allPages(world, '/incidents')).incidents;
  const [later, earlier] = [all[30]?.openedAt ?? '', all[40]?.openedAt ?? ''];
  const range = `from=${encodeURIComponent(earlier)}&to=${encodeURIComponent(later)}`;
  assert.deepEqual(
    (await allPages(world, `/incidents?${range}`)).incidents.map(({ id }) => id),
    all.slice(31, 41).map(({ id }) => id),
  );
});

test('pages up to the time at which an incident opened, or a moment beside it, leave none of the older ones out', async () => {
  const world = await withHistory();
  const all = (await allPages(world, '/incidents')).incidents;
  for (const n of [1, 20, 86])
    for (const besideMs of [-1, 0, 1]) {
      const toMs = Date.parse(all[n]?.openedAt ?? '') + besideMs;
      const to = encodeURIComponent(new Date(toMs).toISOString());
      assert.deepEqual(
        (await allPages(world, `/incidents?to=${to}`)).incidents.map(({ id }) => id),
        all.filter(({ openedAt }) => Date.parse(openedAt) < toMs).map(({ id }) => id),
        `${n} ${besideMs}`,
      );
    }
});

test('a row of the history that can not be read is named, and hides no older incident', async () => {
  const world = await withHistory();
  const recent = (await allPages(world, '/incidents')).incidents[6];
  // From here on, each page has only incidents of the history.
  const path = `/incidents?to=${encodeURIComponent(recent?.openedAt ?? '')}`;
  const all = (await allPages(world, path)).incidents.map(({ id }) => id);
  assert.equal(all.length, 80);
  for (const broken of [all[10], all[40], all[60]]) {
    const [row] = world.tables.history
      .rows()
      .filter((one) => one.partitionKey === 'ended' && one.rowKey?.endsWith(`|${broken}`));
    assert.ok(row);
    row.state = 'lost';
    const listed = (await allPages(world, path)).incidents.map(({ id }) => id);
    assert.deepEqual(
      listed,
      all.filter((id) => id !== broken),
    );
    const { unreadableRows } = (await get(world, path)).json;
    const isIts = ({ rowKey }: { rowKey: string }) => rowKey === row.rowKey;
    assert.equal(unreadableRows.some(isIts), broken !== all[60], `${broken}`);
    row.state = 'closed';
  }
});

test('an incident that is just being moved is listed once, wherever a page ends', async () => {
  const world = await withHistory();
  const whole = (await allPages(world, '/incidents')).incidents.map(({ id }) => id);
  // A crash left these in both tables.
  for (const row of world.tables.history.rows())
    if (/-(7|13|20|39)$/.test(row.rowKey ?? '') && row.rowKey?.startsWith('incident|')) {
      const { etag: _, partitionKey = '', rowKey = '', ...columns } = row;
      await world.tables.policies.createEntity({ ...columns, partitionKey, rowKey });
    }
  assert.deepEqual(
    (await allPages(world, '/incidents')).incidents.map(({ id }) => id),
    whole,
  );
});

for (const [status, code] of [
  [403, 'AuthorizationFailure'],
  [409, 'TableBeingDeleted'],
  [503, 'ServerBusy'],
] as const)
  test(`where the table of the history answers ${code}, what is open and what ended lately is answered, and what is missing is said`, async () => {
    const world = await withHistory();
    const known = (await get(world, '/incidents')).json.incidents.slice(0, 7);
    let asked = 0;
    world.tables.history.before = () => {
      asked += 1;
      throw refusal(status, code);
    };
    for (const query of ['', '?state=open', '?state=revoked', '?state=closed', '?policy=p3', '?policy=p2']) {
      const { status: answered, json } = await get(world, `/incidents${query}`);
      assert.equal(answered, 200, query);
      const fits = ({ id, state: is }: Listed) =>
        query.startsWith('?policy')
          ? id.startsWith(policyKey(policyId(query.slice(-2))))
          : query === '' || (query === '?state=closed' ? is === 'closed' : is === 'revoked');
      assert.deepEqual(json.incidents, known.filter(fits), query);
      const needsHistory = query !== '?state=open' && query !== '?state=revoked';
      assert.equal(json.historyFault !== null, needsHistory, query);
      assert.equal(json.counts.incidents === null, needsHistory, query);
      assert.equal(json.next, null);
    }
    asked = 0;
    const { status: answered, json } = await get(world, '/activity');
    assert.equal(answered, 200);
    assert.match(json.historyFault, new RegExp(code));
    assert.ok(asked <= 16, `${asked} questions to a table that does not answer`);
    const ids = new Set(json.entries.map(({ incidentId }: { incidentId: string }) => incidentId));
    assert.deepEqual(
      known.filter(({ id }: Listed) => !ids.has(id)),
      [],
    );
    for (const { id } of known)
      for (const path of [`/incidents/${id}`, `/incidents/${id}/report`])
        assert.equal((await get(world, path)).status, 200, path);
    const page = async (path: '/incidents' | '/activity') =>
      textOf(await rendered(path, (await get(world, path)).json, { now: world.clock.now(), path }));
    assert.match(await page('/incidents'), /1 incident open.*Ended incidents can't be read just now/s);
    assert.match(await page('/activity'), /Ended incidents can't be read just now/);
    delete world.tables.history.before;
    for (const path of ['/incidents', '/activity'] as const) {
      assert.equal((await get(world, path)).json.historyFault, null);
      assert.doesNotMatch(await page(path), /can't be read/);
    }
  });

test('a list without the history does not say that there has been no incident', async () => {
  const world = aWorld(['p1']);
  await look(world, 'p1');
  world.tables.history.before = () => {
    throw refusal(403, 'AuthorizationFailure');
  };
  const { json } = await get(world, '/incidents');
  const text = textOf(await rendered('/incidents', json, { now: world.clock.now(), path: '/incidents' }));
  assert.doesNotMatch(text, /There has been no incident/);
  assert.match(text, /missing here\. Open incidents are not affected\./);
});

test('a page of activity reads about a page of the notices about Lockwatch itself, not all of them', async () => {
  const world = aWorld(['p1'], ['teams']);
  await look(world, 'p1');
  const { visibility: store } = world.ports;
  const began = world.clock.nowMs();
  for (let n = 0; n < 1200; n += 1) {
    const at = new Date(began + n * HOUR).toISOString();
    const notice = { id: `visibility-${Date.parse(at)}`, reason: 'visibilityLost' as const, at, gaps: [] };
    const { visibility, etag } = await store.read();
    const rows = visibilityRows([{ ...notice, remainingGaps: 0 }], [{ name: 'teams' }], at);
    await store.commit(
      visibility,
      etag,
      rows.map((row) => ({ ...row, state: 'sent' })),
    );
  }
  await world.clock.advance(1200 * HOUR);
  await post(world, '/policies/p1/silence', { until: '4h', why: 'we test the lock' });
  const seen: string[] = [];
  let read = 0;
  const { listEntities } = world.tables.policies;
  world.tables.policies.listEntities = (options) => {
    const listed = listEntities(options);
    return {
      byPage: (settings) => listed.byPage(settings),
      async *[Symbol.asyncIterator]() {
        for await (const row of listed) {
          if (row.rowKey?.startsWith('notice|')) read += 1;
          yield row;
        }
      },
    };
  };
  const reads: number[] = [];
  for (let next: string | null = '/activity'; next !== null; ) {
    read = 0;
    const { json }: Awaited<ReturnType<typeof get>> = await get(world, next.replace('/api', ''));
    seen.push(...json.entries.map(({ at, what }: { at: string; what: string }) => `${at} ${what}`));
    reads.push(read);
    next = json.next;
  }
  assert.match(seen[0] ?? '', /silenced$/);
  assert.equal(seen.filter((one) => one.endsWith('visibilityLost')).length, 1200);
  assert.equal(new Set(seen).size, seen.length);
  assert.deepEqual(seen, seen.toSorted().reverse());
  for (const rows of reads.slice(0, 3)) assert.ok(rows <= 300, `${rows} rows for a page of 100`);
});
