import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sweep } from '../../../shared/pipeline/sweep.ts';
import { DRILL_PARTITION, DRILL_POLICY } from '../../../shared/storage/drill-partition.ts';
import { aWorld, type World } from '../../pipeline/a-world.ts';
import { get, locked, look, post, written } from './post.ts';

const told = (world: World) => world.channels.map(({ sent }) => sent.map(({ reason }) => reason));
const ofDrill = (world: World) =>
  world.tables.policies.rows().filter(({ partitionKey }) => partitionKey === DRILL_PARTITION);

async function well(channels = ['teams', 'email']): Promise<World> {
  const world = aWorld(['p1'], channels);
  await look(world, 'p1');
  return world;
}

test('a drill goes through every channel, and says for each whether it got through', async () => {
  const world = await well();
  const { status, json } = await post(world, '/drill', { by: 'Ann' });
  assert.equal(status, 200);
  assert.equal(json.ok, true);
  assert.deepEqual(json.channels, [
    { channel: 'teams', sent: true, detail: 'accepted', milliseconds: 0 },
    { channel: 'email', sent: true, detail: 'accepted', milliseconds: 0 },
  ]);
  assert.deepEqual(told(world), [['drill'], ['drill']]);
  const notice = world.channels[0]?.sent[0];
  const [first] = notice?.incidents ?? [];
  assert.equal(first?.incident.drill, true);
  assert.equal(first?.incident.state, 'revoked');
  assert.equal(first?.policyName, 'DRILL-policy');
  assert.equal(first?.environments.length, 2);
  assert.equal(first?.incident.causes[0]?.trigger, 'key-disabled');
  assert.match(first?.because ?? '', /^someone who says to be Ann asked/);
});

test('what it leaves is a closed incident that only its own address shows', async () => {
  const world = await well();
  const before = {
    status: await get(world, '/status'),
    health: await get(world, '/health'),
    incidents: await get(world, '/incidents'),
    coverage: await get(world, '/coverage'),
    readModel: await world.ports.readModel.read(),
  };
  const { json } = await post(world, '/drill');
  // That a channel works is news; of policies, incidents and visibility there is none.
  const { answeredAt: _a, channels: _c, ...status } = (await get(world, '/status')).json;
  const { answeredAt: _b, channels: _d, ...statusBefore } = before.status.json;
  assert.deepEqual(status, statusBefore);
  assert.equal((await get(world, '/coverage')).headers.etag, before.coverage.headers.etag);
  assert.equal((await get(world, '/incidents')).headers.etag, before.incidents.headers.etag);
  assert.equal((await get(world, '/health')).json.policies, before.health.json.policies);
  assert.deepEqual(await world.ports.readModel.read(), before.readModel);
  const watched = await world.ports.watched(true);
  assert.ok(!watched.policies.includes(DRILL_POLICY));
  const shown = await get(world, `/incidents/${json.incidentId}`);
  assert.deepEqual([shown.json.drill, shown.json.state], [true, 'closed']);
});

test('a sweep does not take it for a policy, nor its notices for news', async () => {
  const world = await well();
  world.channels[0]?.answers.push({ outcome: 'failed', permanent: false, detail: 'not now' });
  await post(world, '/drill');
  world.reads.length = 0;
  const before = told(world);
  for (let n = 0; n < 4; n += 1) {
    await world.clock.advance(3_600_000);
    const swept = await world.clock.drive(sweep(world.ports));
    assert.deepEqual([swept.policies, swept.discovered, swept.noticesTried, swept.reminded], [1, 0, 0, 0]);
  }
  assert.ok(!world.reads.includes(DRILL_POLICY));
  assert.deepEqual(told(world), before);
});

test('a channel that fails is an answer: why, and that not all is well', async () => {
  const world = await well();
  world.channels[0]?.answers.push({ outcome: 'failed', permanent: true, detail: 'Teams answered 410.' });
  const { status, json } = await post(world, '/drill');
  assert.equal(status, 200);
  assert.equal(json.ok, false);
  assert.deepEqual(
    json.channels.map(({ channel, sent, detail }: Record<string, unknown>) => [channel, sent, detail]),
    [
      ['teams', false, 'Teams answered 410.'],
      ['email', true, 'accepted'],
    ],
  );
});

test('a channel that hangs, and one that throws, hold back neither the others nor the answer', async () => {
  const world = await well(['teams', 'email', 'webhook']);
  world.channels[0]?.answers.push('hang');
  world.channels[1]?.answers.push(new Error('https://hooks.example.com/?sig=SECRET'));
  const { json, body } = await post(world, '/drill');
  assert.deepEqual(
    json.channels.map(({ sent }: { sent: boolean }) => sent),
    [false, false, true],
  );
  assert.match(json.channels[0].detail, /10 s/);
  assert.doesNotMatch(body, /SECRET/);
  assert.ok(ofDrill(world).every(({ state }) => state !== 'pending'));
});

test('one channel is named; one that is not there is refused with those that are', async () => {
  const world = await well();
  const { json } = await post(world, '/drill?channel=Email');
  assert.deepEqual(
    json.channels.map(({ channel }: { channel: string }) => channel),
    ['email'],
  );
  assert.deepEqual(told(world), [[], ['drill']]);
  const unknown = await post(world, '/drill?channel=pager');
  assert.deepEqual([unknown.status, unknown.json.field], [400, 'channel']);
  assert.match(unknown.json.detail, /teams, email/);
  assert.equal((await post(world, '/drill?chanel=email')).status, 400);
  assert.equal((await post(world, '/drill', { channel: 'email' })).status, 400);
  const none = await post(await well([]), '/drill');
  assert.equal(none.status, 409);
});

test('routes that send a drill elsewhere do not keep it from a channel', async () => {
  const world = await well();
  const routes = { drill: ['email'] };
  const { json } = await post(world, '/drill', undefined, { ports: { ...world.ports, routes } });
  assert.equal(json.ok, true);
  assert.deepEqual(told(world), [['drill'], ['drill']]);
});

test('one drill at a time: the second asks to wait, and tells nobody', async () => {
  const world = await well();
  const [one, other] = await Promise.all([post(world, '/drill'), post(world, '/drill')]);
  assert.deepEqual([one.status, other.status].sort(), [200, 409]);
  assert.deepEqual(told(world), [['drill'], ['drill']]);
  assert.equal((await post(world, '/drill')).status, 200);
});

test('each drill is the first one: many within an hour, and none is silent', async () => {
  const world = await well();
  const ids = new Set<string>();
  for (let n = 1; n <= 7; n += 1) {
    const { json } = await post(world, '/drill');
    assert.equal(json.ok, true);
    ids.add(json.incidentId);
    const { timeline } = (await get(world, `/incidents/${json.incidentId}`)).json;
    assert.deepEqual(timeline.map(({ what }: { what: string }) => what).sort(), [
      'accessRestored',
      'closed',
      'opened',
    ]);
    assert.deepEqual(
      world.channels.map(({ sent }) => sent.length),
      [n, n],
    );
    await world.clock.advance(60_000);
  }
  assert.equal(ids.size, 7);
});

test('a drill that died anywhere leaves the stage free after two minutes, and nothing behind', async () => {
  for (let dies = 1; dies < 40; dies += 1) {
    const world = await well();
    let calls = 0;
    world.tables.policies.before = ({ operation }) => {
      if (operation === 'listEntities' || operation === 'getEntity') return;
      calls += 1;
      if (calls >= dies) throw Object.assign(new Error('away'), { name: 'RestError', statusCode: 503 });
    };
    const died = await post(world, '/drill');
    world.tables.policies.before = undefined;
    const hasDied = calls >= dies;
    await world.clock.advance(130_000);
    const before = told(world);
    await world.clock.drive(sweep(world.ports));
    assert.deepEqual(told(world), before, 'a sweep told of a drill that had died');
    const next = await post(world, '/drill');
    assert.equal(next.status, 200, `${dies}: ${died.body} ${next.body}`);
    const [first] = world.channels[0]?.sent.at(-1)?.incidents ?? [];
    assert.equal(first?.environments.length, 2);
    assert.equal(Date.parse(world.clock.now()) - Date.parse(first?.incident.openedAt ?? ''), 0);
    const { json } = await get(world, `/incidents/${next.json.incidentId}`);
    assert.equal(json.state, 'closed');
    const open = ofDrill(world).filter(
      ({ rowKey, state }) => rowKey?.startsWith('incident|') && state !== 'closed',
    );
    assert.deepEqual(open, []);
    if (!hasDied) return;
  }
  assert.fail('It never lived.');
});

test('a real incident is not touched by a drill', async () => {
  const { world, id } = await locked();
  const rows = (world: World) =>
    written(world).filter((row) => !row.startsWith(DRILL_PARTITION) && row.startsWith(id.slice(0, 20)));
  const before = rows(world);
  await post(world, '/drill');
  assert.deepEqual(rows(world), before);
  assert.equal((await get(world, `/incidents/${id}`)).json.state, 'revoked');
});
