import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readActivity } from '../../../shared/api/status/read-activity.ts';
import type { TimelineEntry } from '../../../shared/incidents/incident.ts';
import type { IncidentStore } from '../../../shared/storage/incident-store.ts';
import { aWorld, VAULT_GONE, type World } from '../../pipeline/a-world.ts';
import { get, locked, look, make, post } from '../actions/post.ts';
import { anIncident, aPolicyId, aPolicyState } from './a-head.ts';

interface Entry {
  kind: string;
  at: string;
  what: string;
  text: string;
  incidentId: string | null;
  channel?: string;
}

async function allPages(world: World, path: string): Promise<{ entries: Entry[]; pages: number }> {
  const entries: Entry[] = [];
  let next: string | null = path;
  let pages = 0;
  while (next !== null) {
    const { status, json }: Awaited<ReturnType<typeof get>> = await get(world, next.replace('/api', ''));
    assert.equal(status, 200);
    entries.push(...json.entries);
    next = json.next;
    pages += 1;
    assert.ok(pages < 100);
  }
  return { entries, pages };
}

/** Loses and gets back the vault so many times; each time the incident ends by itself. */
async function loseAndRestore(world: World, name: string, times: number) {
  for (let n = 0; n < times; n += 1) {
    make(world, name, VAULT_GONE);
    await look(world, name);
    await world.clock.advance(3_600_000);
    make(world, name, {});
    for (let reading = 0; reading < 3; reading += 1) {
      await look(world, name);
      await world.clock.advance(3_600_000);
    }
  }
}

test('all that happened and was sent is one list, the newest first, across incidents', async () => {
  const { world, id } = await locked(['p1', 'p2']);
  await post(world, `/incidents/${id}/acknowledge`, { why: 'I call them', by: 'Ann' });
  await loseAndRestore(world, 'p2', 1);
  const { entries } = await allPages(world, '/activity');
  const times = entries.map(({ at }) => Date.parse(at));
  assert.deepEqual(
    times,
    times.toSorted((a, b) => b - a),
  );
  assert.equal(new Set(entries.map(({ incidentId }) => incidentId)).size, 2);
  const whats = entries.map(({ kind, what }) => `${kind} ${what}`);
  for (const what of [
    'change opened',
    'notice opened',
    'change acknowledged',
    'change closed',
    'notice closed',
  ])
    assert.ok(whats.includes(what), `${what} in ${whats}`);
  const { json } = await get(world, `/incidents/${id}`);
  const ofIt = entries.filter(({ incidentId }) => incidentId === id);
  assert.equal(ofIt.length, json.timeline.length + json.notices.length);
});

test('pages hold each entry once, and none is left out', async () => {
  const { world } = await locked(['p1', 'p2', 'p3']);
  await loseAndRestore(world, 'p2', 8);
  await loseAndRestore(world, 'p3', 8);
  const { entries, pages } = await allPages(world, '/activity');
  assert.ok(pages > 1, `${entries.length} entries`);
  assert.equal(new Set(entries.map((entry) => JSON.stringify(entry))).size, entries.length);
  const incidents = (await get(world, '/incidents')).json.incidents as { id: string }[];
  let count = 0;
  for (const { id } of incidents) {
    const { json } = await get(world, `/incidents/${id}`);
    count += json.timeline.length + json.notices.length;
  }
  assert.equal(entries.filter(({ incidentId }) => incidentId !== null).length, count);
});

test('it is filtered by policy, kind, channel and time', async () => {
  const { world, id } = await locked(['p1', 'p2']);
  await loseAndRestore(world, 'p2', 1);
  const ofP1 = await allPages(world, '/activity?policy=p1');
  assert.deepEqual([...new Set(ofP1.entries.map(({ incidentId }) => incidentId))], [id]);
  const sent = await allPages(world, '/activity?kind=NOTICE&channel=teams');
  assert.ok(sent.entries.length > 0);
  assert.ok(sent.entries.every(({ kind, channel }) => kind === 'notice' && channel === 'teams'));
  const all = (await allPages(world, '/activity')).entries;
  const middle = all[Math.floor(all.length / 2)]?.at ?? '';
  const since = (await allPages(world, `/activity?from=${encodeURIComponent(middle)}`)).entries;
  const until = (await allPages(world, `/activity?to=${encodeURIComponent(middle)}`)).entries;
  assert.deepEqual(
    since,
    all.filter(({ at }) => at >= middle),
  );
  assert.deepEqual(
    until,
    all.filter(({ at }) => at <= middle),
  );
  for (const [query, field] of [
    ['policy=p9', undefined],
    ['kind=noise', 'kind'],
    ['from=yesterday', 'from'],
    ['to=2026-02-30', 'to'],
    ['after=here', 'after'],
  ]) {
    const { status, json } = await get(world, `/activity?${query}`);
    assert.deepEqual([status, json.field], [field === undefined ? 404 : 400, field], query);
  }
});

test('a silence of a policy without an incident is among them', async () => {
  const world = aWorld();
  await look(world, 'p1');
  await post(world, '/policies/p1/silence', { until: '4h', why: 'we test the lock' });
  const { entries } = await allPages(world, '/activity');
  assert.ok(entries.length > 0);
  assert.ok(entries.every(({ what, incidentId }) => what === 'silenced' && incidentId === null));
});

test('the report says how long each step took, and all that happened in its order', async () => {
  const { world, id } = await locked();
  await post(world, `/incidents/${id}/acknowledge`, { by: 'Ann' });
  await world.clock.advance(3_600_000);
  make(world, 'p1', {});
  for (let n = 0; n < 3; n += 1) {
    await look(world, 'p1');
    await world.clock.advance(3_600_000);
  }
  const { json } = await get(world, `/incidents/${id}/report`);
  const { times } = json;
  assert.equal(json.incident.state, 'closed');
  assert.deepEqual([times.toDetectSeconds, times.toAcknowledgeSeconds], [null, 30]);
  assert.ok(times.toNotifySeconds <= 30 && times.toRestoreSeconds >= 3_600, JSON.stringify(times));
  assert.ok(times.toCloseSeconds >= times.toRestoreSeconds);
  const order = json.chronology.map(({ at }: Entry) => at);
  assert.deepEqual(order, order.toSorted());
  assert.equal(json.chronology.length, json.incident.timeline.length + json.incident.notices.length);
  assert.deepEqual(
    json.deliveries.map(({ channel, givenUp }: { channel: string; givenUp: number }) => [channel, givenUp]),
    [
      ['email', 0],
      ['teams', 0],
    ],
  );
  assert.equal((await get(world, '/incidents/none-1/report')).status, 404);
});

test('incidents are chosen by the time at which they opened', async () => {
  const { world, id } = await locked(['p1', 'p2']);
  await world.clock.advance(2 * 86_400_000);
  make(world, 'p2', VAULT_GONE);
  await look(world, 'p2');
  const ids = async (query: string) =>
    (await get(world, `/incidents?${query}`)).json.incidents.map((one: { id: string }) => one.id);
  assert.equal((await ids('from=2026-11-20')).length, 2);
  assert.deepEqual(await ids('to=2026-11-21'), [id]);
  assert.ok(!(await ids('from=2026-11-21T00:00:00%2B01:00')).includes(id));
  assert.deepEqual(await ids('from=2026-11-23'), []);
  assert.equal((await get(world, '/incidents?from=21.11.2026')).json.field, 'from');
});

test('an incident that ended lately is read before a page is full of older entries, and one long over is not', async () => {
  const DAY_MS = 86_400_000;
  const at = (day: number) => new Date(Date.parse('2026-11-01T00:00:00.000Z') + day * DAY_MS).toISOString();
  const open = Array.from({ length: 8 }, (_, n) => {
    const policyId = aPolicyId(`open-${n}`);
    return aPolicyState(`open-${n}`, {
      incident: anIncident(policyId, { id: `open-${n}`, openedAt: at(10) }),
    });
  });
  const ended = (name: string, day: number) =>
    aPolicyState(name, { endedIncidents: [{ id: name, openedAt: at(day), endedAt: at(day) }] });
  const recent = Array.from({ length: 8 }, (_, n) => ended(`lately-${n}`, 15));
  const read: string[] = [];
  const days: Record<string, number> = {
    long: 1,
    ...Object.fromEntries(recent.map((_, n) => [`lately-${n}`, 15])),
  };
  const store = {
    async listTimeline({ id }: { id: string }): Promise<TimelineEntry[]> {
      read.push(id);
      const entry = { at: at(days[id] ?? 10), what: 'signal' as const, text: id };
      return Array.from({ length: 20 }, (_, n) => ({ ...entry, text: `${id} ${n}` }));
    },
    listNotices: async () => [],
    listOwnNotices: async () => [],
  } as unknown as IncidentStore;
  const { entries } = await readActivity(
    [ended('long', 1), ...recent, ...open],
    { from: 0, to: Number.MAX_SAFE_INTEGER },
    { isOfPolicy: false, fits: () => true, wanted: 101 },
    { store, now: Date.parse(at(20)) },
  );
  assert.equal(entries.filter(({ incidentId }) => incidentId?.startsWith('lately')).length, 160);
  assert.ok(!read.includes('long'), read.join());
});
