import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Channel, Notice } from '../../shared/notices/notice.ts';
import { respond } from '../../shared/pipeline/on-message.ts';
import type { Ports } from '../../shared/pipeline/ports.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import type { OutboxRow } from '../../shared/storage/incident-store.ts';
import { environment, known } from '../triggers/a-reading.ts';
import { aWorld, policyId, VAULT_GONE, vaultEvent, type World } from './a-world.ts';

const HOUR = 3_600_000;
/** The longest pause is two of these, and what happens in the story is at one of them. */
const STEP = 450_000;
/** What the email tells of Teams. */
const ABOUT_TEAMS: ReadonlySet<string> = new Set(['undelivered', 'deliveryRestored']);
const SERVICE_DOWN = { outcome: 'failed', permanent: false, detail: 'HTTP 503' } as const;

/** Hours from the first lock: when something happens. */
const STORY: [number, (world: World, ports: Ports) => Promise<unknown>][] = [
  [
    0,
    async (world, ports) => {
      world.observedState.set(policyId('p1').toLowerCase(), VAULT_GONE);
      await respond(vaultEvent({ at: world.clock.now() }), ports);
    },
  ],
  [
    5,
    async (world) => {
      const members = ['p1-1', 'p1-2', 'p1-3'].map((id) => environment(id));
      const environments = known({
        source: 'powerPlatform' as const,
        asOf: world.clock.now(),
        environments: members,
      });
      world.observedState.set(policyId('p1').toLowerCase(), { ...VAULT_GONE, environments });
    },
  ],
  [
    20,
    async (world) => {
      world.observedState.set(policyId('p2').toLowerCase(), VAULT_GONE);
    },
  ],
];

interface Sent {
  at: string;
  notice: Notice;
}

/** 30 hours, swept again and again; Teams answers 503 for `deadHours`, then works. */
async function aDay({ deadHours, restartAt }: { deadHours: number; restartAt?: number }) {
  const world = aWorld(['p1', 'p2']);
  const began = world.clock.nowMs();
  const hours = () => (world.clock.nowMs() - began) / HOUR;
  const tries: number[] = [];
  const sent: Record<'teams' | 'email', Sent[]> = { teams: [], email: [] };
  const channel = (name: 'teams' | 'email', isDead: () => boolean): Channel => ({
    name,
    async send(notice) {
      if (name === 'teams') tries.push(hours());
      if (isDead()) return SERVICE_DOWN;
      sent[name].push({ at: world.clock.now(), notice });
      return { outcome: 'sent', detail: 'accepted' };
    },
  });
  const channels = [channel('teams', () => hours() < deadHours), channel('email', () => false)];
  let ports: Ports = { ...world.ports, channels };
  const story = [...STORY];
  await world.clock.drive(sweep(ports));
  while (hours() < 30) {
    if (restartAt !== undefined && hours() >= restartAt && hours() < restartAt + STEP / HOUR)
      ports = { ...world.restart(), channels };
    const next = story[0];
    if (next && hours() >= next[0]) {
      story.shift();
      await world.clock.drive(next[1](world, ports));
    }
    await world.clock.drive(sweep(ports));
    await world.clock.advance(STEP);
  }
  const rows: OutboxRow[] = [];
  for (const name of ['p1', 'p2']) {
    const incident = (await ports.store.readPolicyState(policyId(name)))?.policyState.incident;
    assert(incident);
    rows.push(...(await ports.store.listNotices(incident)));
  }
  return { tries, sent, rows };
}

describe('a day with a dead channel', () => {
  let healthy: Awaited<ReturnType<typeof aDay>>;
  let dead: Awaited<ReturnType<typeof aDay>>;
  before(async () => {
    healthy = await aDay({ deadHours: 0 });
    dead = await aDay({ deadHours: 26 });
  });
  const told = ({ at, notice }: Sent) => [
    at,
    notice.reason,
    notice.incidents.map(({ policyName }) => policyName),
  ];

  it('is a story worth telling', () => {
    const reasons = new Set(healthy.sent.email.map(({ notice }) => notice.reason));
    for (const reason of ['opened', 'worsened', 'reminder'] as const) assert(reasons.has(reason), reason);
    assert(healthy.rows.every(({ state }) => state === 'sent'));
    assert(!reasons.has('undelivered'));
  });

  it('changes nothing of when the healthy channel tells what', () => {
    const emails = dead.sent.email.filter(({ notice }) => !ABOUT_TEAMS.has(notice.reason));
    assert.deepEqual(emails.map(told), healthy.sent.email.map(told));
  });

  it('ends with every notice delivered, or given up with its reason', () => {
    const states = Object.groupBy(dead.rows, ({ state }) => state);
    assert.equal(states.pending?.length ?? 0, 0);
    assert(states.givenUp && states.givenUp.length > 0);
    for (const row of states.givenUp) assert.deepEqual([row.channel, row.lastError], ['teams', 'HTTP 503']);
    assert.equal(healthy.rows.length, dead.rows.filter(({ reason }) => reason !== 'undelivered').length);
  });

  it('is reported on the other channel for each notice that was given up, a day after it was called for', () => {
    const gone = dead.rows.filter(({ state }) => state === 'givenUp');
    const news = dead.rows.filter(({ reason }) => reason === 'undelivered');
    assert.deepEqual(
      news.map(({ channel, state }) => [channel, state]),
      gone.map(() => ['email', 'sent']),
    );
    assert.deepEqual(
      news.map(({ undelivered }) => [undelivered?.channel, undelivered?.reason, undelivered?.since]).sort(),
      gone.map(({ channel, reason, createdAt }) => [channel, reason, createdAt]).sort(),
    );
    const emails = dead.sent.email.filter(({ notice }) => notice.reason === 'undelivered');
    assert.equal(emails[0]?.notice.undelivered?.because, 'HTTP 503');
    const late = Date.parse(emails[0]?.at ?? '') - Date.parse(gone[0]?.createdAt ?? '') - 24 * HOUR;
    assert(late >= 0 && late <= 15 * 60_000 + STEP, `${late} ms`);
  });

  it('reports what it still can within one pause of the channel’s return, the oldest first, all of it once', () => {
    const [first] = dead.sent.teams;
    assert(first);
    assert((dead.tries.find((at) => at >= 26) ?? 99) - 26 <= 0.25 + STEP / HOUR);
    const waited = dead.rows.filter(({ channel, sentAt }) => channel === 'teams' && sentAt === first.at);
    const reasons = new Set(waited.map(({ reason }) => reason));
    assert.deepEqual(reasons, new Set(['opened', 'worsened', 'reminder']), 'all that waited goes at once');
    const created = waited.map(({ createdAt }) => createdAt).sort();
    const probe = waited.filter(({ messageId }) => messageId === first.notice.messageId);
    assert(
      probe.some(({ createdAt }) => createdAt === created[0]),
      'the oldest is the probe',
    );
    const ids = dead.sent.teams.map(({ notice }) => notice.messageId);
    assert.equal(new Set(ids).size, ids.length);
    assert(dead.sent.teams.every(({ notice }) => notice.reason !== 'undelivered'));
  });

  it('tells an incident once in one message, as it was at the last of its notices', () => {
    for (const { notice } of dead.sent.teams) {
      const ids = notice.incidents.map(({ incident }) => incident.id);
      assert.equal(new Set(ids).size, ids.length);
    }
    assert.equal(dead.sent.teams[0]?.notice.incidents[0]?.incident.readAt, '2026-11-21T10:00:00.000Z');
  });

  it('costs few tries', () => {
    const inVain = dead.tries.filter((at) => at < 26).length;
    // Five and the growing pauses, then one in 15 min; and the first tries of the two alarms that came later.
    assert(inVain <= 5 + 5 + 26 * 4 + 2, `${inVain}`);
    assert(inVain >= 80, `${inVain}`);
  });

  it('is the same where the process starts anew in the midst of it', async () => {
    const again = await aDay({ deadHours: 26, restartAt: 13 });
    assert.deepEqual(again.tries, dead.tries);
    assert.deepEqual(again.sent.email.map(told), dead.sent.email.map(told));
    assert.deepEqual(again.sent.teams.map(told), dead.sent.teams.map(told));
    const ends = ({ noticeId, channel, state, attempts }: OutboxRow) => [noticeId, channel, state, attempts];
    assert.deepEqual(again.rows.map(ends), dead.rows.map(ends));
  });
});
