import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { emailContent } from '../../shared/notices/render/email.ts';
import { withAlertEnds } from '../../shared/notices/routes.ts';
import { say } from '../../shared/notices/say/say.ts';
import { SAY } from '../notices/a-notice.ts';
import { aPagerDuty } from '../notices/a-pagerduty.ts';
import type { Told } from './a-story.ts';
import { policyId } from './a-world.ts';
import { theEightDays } from './the-eight-days.ts';

/** Read by a person when they change: `UPDATE_TEXTS=1 npm test -- test/pipeline/eight-days.test.ts`, then the diff. */
const FOLDER = join(import.meta.dirname, 'eight-days');
const UPDATES = process.env.UPDATE_TEXTS === '1';

test('one incident over eight days, from the key disabled to closed: every notice at its time, and nothing else', async () => {
  const { world, story } = theEightDays();

  const told = await story.play('8d 00:00');
  assertReviewed(told);

  const store = world.ports.store;
  const policyState = (await store.readPolicyState(policyId('p1')))?.policyState;
  assert.equal(policyState?.incident, undefined);
  assert.equal(policyState?.sequence, 1, 'it was one incident all along');
  const incident =
    (await store.readIncident(told[0]?.notice.incidents[0]?.incident.id ?? '')) ?? assert.fail();
  const timeline = (await store.listTimeline(incident)).map(({ what }) => what);
  for (const what of [
    'opened',
    'signal',
    'acknowledged',
    'worsened',
    'silenced',
    'suppressed',
    'silenceEnded',
    'eased',
    'relapsed',
    'closed',
  ])
    assert.ok(
      timeline.some((one) => one === what),
      `the timeline lacks ${what}: ${timeline.join(' ')}`,
    );
  const rows = await store.listNotices(incident);
  assert.equal(rows.length, 2 * told.length);
  assert.ok(rows.every((row) => row.state === 'sent'));
});

test('over the same eight days PagerDuty pages once for each event that must wake somebody, and is left with nothing open', async () => {
  const { world, story } = theEightDays();
  const pagerDuty = aPagerDuty(world.clock);
  world.ports.channels = [...world.channels, pagerDuty.channel];
  story.push('0d 10:45', 'the alert is in hand there too', () => {
    assert.deepEqual(
      pagerDuty.open().map(({ state }) => state),
      ['acknowledged'],
    );
  });
  story.push('6d 10:30', 'a deadline has woken somebody, although Ann has the incident', () => {
    assert.deepEqual(
      pagerDuty.open().map(({ state }) => state),
      ['acknowledged', 'triggered'],
    );
  });
  story.push('6d 14:30', 'access is back: only the deadline is left', () => {
    assert.deepEqual(
      pagerDuty.open().map(({ key }) => key.replace(/^.*(?=deadline)/, '')),
      ['deadline-1d'],
    );
  });
  const told = await story.play('8d 00:00');
  const id = `lockwatch-${told[0]?.notice.incidents[0]?.incident.id}`;
  assert.deepEqual(
    pagerDuty.pages.map(({ key, openedAt, added }) => [
      key.replace(id, '{incident}'),
      openedAt.slice(8, 16),
      added,
    ]),
    [
      ['{incident}', '20T20:05', 2],
      ['{incident}-deadline-1d', '26T20:05', 0],
      ['{incident}-lost-again-1', '27T06:05', 3],
      ['{incident}-deadline-1h', '27T19:05', 0],
    ],
  );
  assert.deepEqual(pagerDuty.open(), []);
});

test('a route that sends the ends elsewhere leaves nothing open at PagerDuty, and acknowledges there too', async () => {
  const { world, story } = theEightDays();
  const pagerDuty = aPagerDuty(world.clock);
  world.ports.channels = [...world.channels, pagerDuty.channel];
  const elsewhere = world.channels.map(({ name }) => name);
  const asSet = Object.fromEntries(
    ['acknowledged', 'accessrestored', 'closed', 'reminder'].map((reason) => [reason, elsewhere]),
  );
  world.ports.routes = withAlertEnds(asSet, world.ports.channels);
  story.push('0d 10:45', 'the alert is in hand there too', () =>
    assert.deepEqual(
      pagerDuty.open().map(({ state }) => state),
      ['acknowledged'],
    ),
  );
  await story.play('8d 00:00');
  assert.equal(pagerDuty.pages.length, 4);
  assert.deepEqual(pagerDuty.open(), []);
});

/** Every notice's text, as the email tells it, is a file that a person has read. */
function assertReviewed(told: readonly Told[]): void {
  const files = new Map(
    told.map(({ notice, at }, n) => {
      const { subject, text } = emailContent(say(notice, SAY));
      const name = `${String(n + 1).padStart(2, '0')}-${notice.reason}.txt`;
      return [name, `${at} into the story\nSubject: ${subject}\n\n${text}\n`];
    }),
  );
  if (UPDATES) {
    rmSync(FOLDER, { recursive: true, force: true });
    mkdirSync(FOLDER, { recursive: true });
    for (const [name, text] of files) writeFileSync(join(FOLDER, name), text);
  }
  assert.deepEqual(readdirSync(FOLDER).toSorted(), [...files.keys()]);
  for (const [name, text] of files) assert.equal(text, readFileSync(join(FOLDER, name), 'utf8'), name);
}
