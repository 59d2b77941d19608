import assert from 'node:assert/strict';
import { test } from 'node:test';
import { visibilityRows } from '../../shared/notices/outbox.ts';
import { expiredNotices } from '../../shared/pipeline/forget-notices.ts';
import { onTimer } from '../../shared/pipeline/watchdog.ts';
import type { OutboxRow } from '../../shared/storage/incident-store.ts';
import { NO_GAPS } from '../../shared/visibility/visibility-state.ts';
import { unread } from '../triggers/a-reading.ts';
import { aWorld, policyId, type World } from './a-world.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const DARK = { vault: unread('forbidden'), key: unread('follows'), permission: unread('follows') };

async function watchFor(world: World, ms: number, every: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += every) {
    await world.clock.drive(onTimer(world.ports));
    await world.clock.advance(every);
  }
}

const storedOf = async (world: World, about: RegExp) =>
  (await world.ports.visibility.listNotices())
    .filter(({ visibility }) => about.test(JSON.stringify(visibility?.gaps ?? [])))
    .map(({ reason }) => reason);

test('the notices of a visibility gap are deleted 30 days after its end, and those of one that stands are kept', async () => {
  const world = aWorld(['p1', 'p2'], ['email']);
  await watchFor(world, 2 * MINUTE, MINUTE);
  world.observedState.set(policyId('p1').toLowerCase(), DARK);
  await watchFor(world, 30 * MINUTE, MINUTE);
  world.observedState.set(policyId('p2').toLowerCase(), { environments: unread('timeout') });
  await watchFor(world, 30 * MINUTE, MINUTE);
  // It stands for much longer than notices are kept.
  await watchFor(world, 40 * DAY, DAY / 2);
  assert.deepEqual(await storedOf(world, /key vault/), ['visibilityLost']);
  world.observedState.set(policyId('p1').toLowerCase(), {});
  await watchFor(world, 60 * MINUTE, MINUTE);
  assert.deepEqual(await storedOf(world, /key vault/), ['visibilityLost', 'visibilityRestored']);
  await watchFor(world, 29 * DAY, DAY / 2);
  assert.deepEqual(await storedOf(world, /key vault/), ['visibilityLost', 'visibilityRestored']);
  await watchFor(world, 2 * DAY, DAY / 2);
  assert.deepEqual(await storedOf(world, /key vault/), []);
  assert.deepEqual(await storedOf(world, /list of environments/), ['visibilityLost']);
});

/** Rows of a gap that was lost and restored, so many days ago. */
function rowsOf(id: string, days: { lost: number; restored?: number }, now: string): OutboxRow[] {
  const at = (ago: number) => new Date(Date.parse(now) - ago * DAY).toISOString();
  const gap = { id, text: id, remediation: '', since: at(days.lost) };
  const row = (reason: 'visibilityLost' | 'visibilityRestored', ago: number) =>
    visibilityRows(
      [{ id: `visibility-${Date.parse(at(ago))}`, reason, at: at(ago), gaps: [gap], remainingGaps: 0 }],
      [{ name: 'email' }],
      at(ago),
    ).map((one): OutboxRow => ({ ...one, state: 'sent' }));
  return [
    ...row('visibilityLost', days.lost),
    ...(days.restored === undefined ? [] : row('visibilityRestored', days.restored)),
  ];
}

test('at most 100 rows are deleted in one sweep, the oldest first, and the next sweep goes on', async () => {
  const world = aWorld(['p1'], ['email']);
  await watchFor(world, MINUTE, MINUTE);
  const { visibility: store } = world.ports;
  const before = await store.read();
  const many = Array.from({ length: 80 }, (_, n) =>
    rowsOf(`gap-${n}`, { lost: 100 + n * 2, restored: 99 + n * 2 }, world.clock.now()),
  ).flat();
  for (let n = 0; n < many.length; n += 80) {
    const { visibility, etag } = await store.read();
    assert.equal((await store.commit(visibility, etag, many.slice(n, n + 80))).outcome, 'committed');
  }
  assert.ok(before.etag);
  const left = async () =>
    (await store.listNotices()).filter(({ group }) => many.some((row) => row.group === group));
  await world.clock.advance(61 * MINUTE);
  await world.clock.drive(onTimer(world.ports));
  const rest = await left();
  assert.equal(rest.length, 60);
  const oldestLeft = rest.map(({ createdAt }) => createdAt).sort()[0] ?? '';
  assert.equal(many.filter(({ createdAt }) => createdAt < oldestLeft).length, 100);
  await world.clock.advance(MINUTE);
  await world.clock.drive(onTimer(world.ports));
  assert.deepEqual(await left(), []);
});

test('a notice that waits, one of a gap that ended lately and a digest of the last 90 days are kept', () => {
  const now = '2026-11-20T10:00:00.000Z';
  const [pending, ...done] = rowsOf('pending', { lost: 50, restored: 45 }, now);
  const lately = rowsOf('lately', { lost: 80, restored: 20 }, now);
  const digest = (ago: number): OutboxRow[] =>
    rowsOf('digest', { lost: ago }, now).map((row) => ({
      ...row,
      reason: 'warning',
      visibility: row.visibility && { ...row.visibility, gaps: [], warnings: { items: [], more: 0 } },
    }));
  assert.ok(pending);
  const rows = [{ ...pending, state: 'pending' as const }, ...done, ...lately, ...digest(60), ...digest(91)];
  assert.deepEqual(
    expiredNotices(rows, NO_GAPS, now).map(({ reason, createdAt }) => [reason, createdAt.slice(0, 10)]),
    [['warning', '2026-08-21']],
  );
});

test('the end of a gap is kept for as long as a notice that names its beginning, beside a gap that stands', () => {
  const now = '2026-11-20T10:00:00.000Z';
  const [lost, restored] = rowsOf('over', { lost: 80, restored: 70 }, now);
  assert.ok(lost?.visibility && restored);
  const standing = { id: 'stands', text: 'stands', remediation: '', since: lost.createdAt };
  const both = { ...lost, visibility: { ...lost.visibility, gaps: [...lost.visibility.gaps, standing] } };
  assert.deepEqual(expiredNotices([both, restored], { gaps: { stands: standing } }, now), []);
  assert.deepEqual(expiredNotices([restored, both], NO_GAPS, now), [both, restored]);
});

test('where old rows can’t be deleted, the sweep goes on', async () => {
  const world = aWorld(['p1'], ['email']);
  const logged: string[] = [];
  world.ports.log = { ...world.ports.log, warn: (name) => void logged.push(name) };
  world.ports.visibility = {
    ...world.ports.visibility,
    listNotices: async () => {
      throw new Error('refused');
    },
  };
  await watchFor(world, MINUTE, MINUTE);
  assert.ok(logged.includes('old-notices-kept'));
  assert.equal(world.reads.length > 0, true);
});
