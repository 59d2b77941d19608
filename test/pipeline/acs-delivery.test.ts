import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../shared/clock.ts';
import { createAcsMailChannel } from '../../shared/notices/channels/communication-services/acs-mail.ts';
import type { Channel } from '../../shared/notices/notice.ts';
import { drill } from '../../shared/pipeline/drill.ts';
import { respond } from '../../shared/pipeline/on-message.ts';
import type { Ports } from '../../shared/pipeline/ports.ts';
import { deliverPending, sweep } from '../../shared/pipeline/sweep.ts';
import { SAY } from '../notices/a-notice.ts';
import { aCredential, aServer } from '../notices/a-server.ts';
import { aWorld, policyId, VAULT_GONE, vaultEvent, type World } from './a-world.ts';

/** How a mail goes: what each question about it is answered, the last one for ever; a number is a status. */
type Course = (string | number)[];

/**
 * As Communication Services answers (email docs, "Get send result"; azure-sdk-for-js 27148, 25353): it takes the mail
 * and says `Running`, and says how it ended when it is asked later. The library asks once by itself, at once.
 */
async function aService(context: TestContext, courseOf: (to: string[]) => Course) {
  const mails = new Map<string, { to: string[]; course: Course; asked: number }>();
  const posts: string[][] = [];
  const { origin } = await aServer(
    context,
    ({ method, path, headers, body }, response) => {
      const json = (status: number, value: object, more = {}) =>
        response
          .writeHead(status, { 'content-type': 'application/json', ...more })
          .end(JSON.stringify(value));
      const id = method === 'POST' ? String(headers['operation-id']) : (path.split(/[/?]/)[3] ?? '');
      const state = (mail: { course: Course; asked: number }) => {
        const step = mail.course[Math.min(mail.asked++, mail.course.length - 1)] ?? 'Running';
        if (typeof step === 'number')
          return json(step, { error: { code: 'TooManyRequests' } }, { 'retry-after': '120' });
        const isState = step === 'Running' || step === 'Succeeded';
        return json(200, isState ? { id, status: step } : { id, status: 'Failed', error: { code: step } });
      };
      if (method === 'GET') {
        const mail = mails.get(id);
        return mail ? state(mail) : json(404, { error: { code: 'NotFound' } });
      }
      const to = JSON.parse(body).recipients.to.map(({ address }: { address: string }) => address);
      posts.push(to);
      mails.set(id, { to, course: courseOf(to), asked: 0 });
      json(
        202,
        { id, status: 'Running' },
        { 'operation-location': `https://${headers.host}/emails/operations/${id}?api-version=2023-03-31` },
      );
    },
    { tls: true },
  );
  return { origin, posts };
}

const TO = ['admins@example.com', 'oncall@example.com', 'left@example.com'];

/** A vault that is gone, mail by that service, and another channel. */
async function mailing(context: TestContext, courseOf: (to: string[]) => Course, to = TO) {
  const { origin, posts } = await aService(context, courseOf);
  const world = aWorld(['p1'], ['elsewhere']);
  await world.clock.drive(sweep(world.ports));
  await world.clock.advance(60_000);
  world.observedState.set(policyId('p1').toLowerCase(), VAULT_GONE);
  const channel = () =>
    createAcsMailChannel({
      from: 'lockwatch@example.com',
      to,
      say: SAY,
      endpoint: origin,
      credential: aCredential(),
      timeoutMs: 20_000,
    });
  let ports = portsWith(world, channel());
  const rows = async () => {
    const incident = (await ports.store.readPolicyState(policyId('p1')))?.policyState.incident;
    return (await ports.store.listNotices(incident ?? assert.fail())).filter(
      (one) => one.channel === 'email-acs' && one.reason !== 'undelivered',
    );
  };
  const row = async () => (await rows())[0] ?? assert.fail();
  return {
    posts,
    world,
    row,
    rows,
    ports: () => ports,
    begin: () => respond(vaultEvent({ at: world.clock.now() }), ports),
    /** Waits until the row is due, and tries again. */
    again: async () => {
      await world.clock.advance(Math.max(0, Date.parse((await row()).nextTryAt) - world.clock.nowMs()));
      await deliverPending(ports);
      return row();
    },
    /** A process that knows nothing, over the same storage. */
    crash: () => {
      ports = portsWith({ ...world, ports: world.restart() }, channel());
    },
    told: () => (world.channels[0]?.sent ?? []).flatMap(({ undelivered }) => undelivered ?? []),
  };
}

/** The network takes real time; all else goes by the hand clock. */
function portsWith(world: World, channel: Channel): Ports {
  return {
    ...world.ports,
    channels: [channel, ...world.channels],
    clock: { now: world.clock.now, nowMs: world.clock.nowMs, sleep: systemClock.sleep },
    channelTimeoutMs: 20_000,
  };
}

test('a mail that fails at the third poll was never sent: the row ends given up, and the other channel is told', async (context) => {
  const { begin, row, again, told, posts } = await mailing(
    context,
    () => ['Running', 'Running', 'Running', 'EmailDropped'],
    ['admins@example.com'],
  );
  await begin();
  const first = await row();
  assert.equal(first.state, 'pending', first.lastError);
  assert.match(first.lastError ?? '', /Accepted by .*, which has not finished yet/);
  assert.deepEqual(told(), []);
  assert.equal((await again()).state, 'pending');
  assert.equal((await again()).state, 'pending');
  const last = await again();
  assert.equal(last.state, 'givenUp');
  assert.match(last.lastError ?? '', /admins@example\.com \(could not be sent: EmailDropped\)/);
  assert.equal(posts.length, 1, 'it was handed over once');
  assert.equal(told().length, 1);
  assert.match(told()[0]?.because ?? '', /EmailDropped/);
});

test('a mail that succeeds later is sent then, after a minute, two and four at the earliest', async (context) => {
  const { begin, row, again, posts, told, world } = await mailing(context, () => [
    'Running',
    'Running',
    'Running',
    'Succeeded',
  ]);
  await begin();
  const waits: number[] = [];
  for (let polls = 0; polls < 3; polls += 1) {
    waits.push(Math.round((Date.parse((await row()).nextTryAt) - world.clock.nowMs()) / 1000));
    await again();
  }
  assert.deepEqual(waits, [60, 120, 240]);
  const last = await row();
  assert.deepEqual([last.state, last.lastError], ['sent', undefined]);
  assert.deepEqual(posts, [TO]);
  assert.deepEqual(told(), []);
});

test('every recipient is suppressed, as a poll says: given up, with each of them by name', async (context) => {
  const { begin, again, told, posts } = await mailing(context, () => [
    'Running',
    'EmailDroppedAllRecipientsSuppressed',
  ]);
  await begin();
  const row = await again();
  assert.equal(row.state, 'givenUp');
  for (const address of TO) assert(told()[0]?.because.includes(address), told()[0]?.because);
  assert.equal(posts.length, 1, 'nobody is left to send it to');
});

test('a mail that fails as a whole is sent to each alone: one address costs the others nothing', async (context) => {
  const { begin, again, told, posts } = await mailing(context, (to) => {
    if (to.length > 1) return ['Running', 'EmailDropped'];
    return to[0] === 'left@example.com' ? ['EmailDropped'] : ['Succeeded'];
  });
  await begin();
  const row = await again();
  assert.equal(row.state, 'sent', row.lastError);
  assert.match(row.lastError ?? '', /^Refused for left@example\.com \(could not be sent: EmailDropped\)/);
  assert.deepEqual(posts, [TO, ...TO.map((one) => [one])]);
  assert.deepEqual(told()[0]?.recipients, ['left@example.com']);
});

for (const when of [
  'between two polls',
  'right after the mail was taken, before anything was recorded',
] as const)
  test(`a crash ${when}: the mail is asked about, and not sent again`, async (context) => {
    const { begin, row, again, posts, crash, ports } = await mailing(context, () => [
      'Running',
      'Running',
      'Running',
      'Succeeded',
    ]);
    if (when === 'between two polls') {
      await begin();
      await again();
    } else {
      const { store } = ports();
      const write = store.updateNotice;
      // The process dies with the answer in its hands.
      store.updateNotice = async () => Promise.reject(new Error('the process is gone'));
      await assert.rejects(begin());
      store.updateNotice = write;
      assert.deepEqual([(await row()).attempts, (await row()).progress], [0, undefined]);
    }
    crash();
    for (let polls = 0; polls < 4 && (await row()).state === 'pending'; polls += 1) await again();
    assert.equal((await row()).state, 'sent');
    assert.deepEqual(posts, [TO]);
  });

test('a poll that is refused for now says nothing of the channel: new mails go at once', async (context) => {
  const { begin, again, row, ports, world } = await mailing(context, () => [
    'Running',
    429,
    429,
    'Succeeded',
  ]);
  await begin();
  const refused = await again();
  assert.equal(refused.state, 'pending');
  const health = (await ports().store.channelHealth.readAll()).find(({ channel }) => channel === 'email-acs');
  assert.deepEqual([health?.failures, health?.openUntil], [0, undefined]);
  assert.ok(Date.parse(refused.nextTryAt) - world.clock.nowMs() >= 120_000, 'not before it asked for');
  await again();
  await again();
  assert.equal((await row()).state, 'sent');
});

test('a drill waits for the end of its mail, as far as a person waits for the drill', async (context) => {
  const { ports, world } = await mailing(context, () => ['Running', 'Running', 'Succeeded']);
  const quick: Ports = {
    ...ports(),
    clock: {
      ...ports().clock,
      sleep: (ms, abort) => (ms === 5_000 ? Promise.resolve() : systemClock.sleep(ms, abort)),
    },
  };
  const [mail, other] = (await drill(quick, quick.channels, 'Ann')).channels;
  assert.deepEqual([mail?.sent, other?.sent], [true, true], mail?.detail);
  assert.equal(world.channels[0]?.sent.length, 1);
});
