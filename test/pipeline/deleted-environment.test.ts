import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { incidentAnswer } from '../../shared/api/status/incident-answer.ts';
import { normalId } from '../../shared/azure/arm-id.ts';
import type { EnvironmentFact, Facts } from '../../shared/facts/facts.ts';
import { eventsOf } from '../../shared/notices/channels/events/lockwatch-event.ts';
import { teamsBody } from '../../shared/notices/render/card.ts';
import { emailContent } from '../../shared/notices/render/email.ts';
import { say } from '../../shared/notices/say/say.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import { DISABLED, environment, known } from '../triggers/a-reading.ts';
import { aWorld, policyId, VAULT_GONE } from './a-world.ts';

const ID = policyId('p1');
const SAY = { adminCenterUrl: 'https://admin.example', portalUrl: 'https://portal.example' };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A locked policy of two sandboxes, a day after its vault was deleted. */
async function aLock() {
  const world = aWorld(['p1'], ['teams', 'email']);
  let changes: (Partial<EnvironmentFact> | undefined)[] = [{}, {}];
  let facts: Partial<Facts> = {};
  const pass = async (forMs: number, every: number) => {
    world.ports.config.sweepBounds = { minMs: every, maxMs: every };
    for (let ms = 0; ms < forMs; ms += every) {
      await world.clock.advance(every);
      const list = changes.flatMap((change, n) =>
        change ? [environment(`e${n + 1}`, { sku: 'Sandbox', ...change })] : [],
      );
      world.observedState.set(normalId(ID), {
        environments: known({
          source: 'powerPlatform',
          asOf: world.clock.now(),
          environments: list,
          isComplete: true,
          listed: list.map(({ id }) => id),
        }),
        ...facts,
      });
      await world.clock.drive(sweep(world.ports));
    }
  };
  const news = () =>
    world.channels.map(({ sent }) =>
      sent.flatMap((notice) =>
        notice.incidents.length > 0 && !['reminder', 'deadline'].includes(notice.reason) ? [notice] : [],
      ),
    );
  const shows = async (next: typeof changes, forMs = MINUTE, every = Math.min(forMs, HOUR)) => {
    changes = next;
    await pass(forMs, every);
  };
  await pass(3 * MINUTE, MINUTE);
  facts = VAULT_GONE;
  await shows([DISABLED, DISABLED], DAY);
  return {
    world,
    shows,
    restore: async () => {
      facts = {};
      await pass(MINUTE, MINUTE);
    },
    reasons: () => {
      const [first, ...others] = news().map((sent) => sent.map(({ reason }) => reason));
      for (const other of others) assert.deepEqual(other, first, 'every channel');
      return first ?? [];
    },
    last: () => news()[0]?.at(-1) ?? assert.fail(),
    async incident() {
      const policyState = (await world.ports.store.readPolicyState(ID))?.policyState;
      const incident = policyState?.incident ?? policyState?.closedIncident ?? assert.fail();
      return { incident, environments: await world.ports.store.listEnvironments(incident) };
    },
  };
}

const DELETED = { ...DISABLED, deletion: { at: '2026-11-21T10:30:00.000Z' } };

describe('an environment is deleted during an incident', () => {
  for (const [title, change, until] of [
    ['with the time of its deletion', DELETED, '28 Nov 2026'],
    ['known only as being deleted', { ...DISABLED, instanceState: 'Deleting' }, '28 Nov 2026'],
  ] as const)
    it(`is reported at once on every channel, ${title}, with its last rescue`, async () => {
      const { shows, reasons, last, incident } = await aLock();
      assert.deepEqual(reasons(), ['opened']);
      await shows([change, DISABLED]);
      assert.deepEqual(reasons(), ['opened', 'worsened']);
      const message = say(last(), SAY);
      assert.match(message.title, /1 environment of p1 deleted, recover it by/);
      assert.match(message.title, new RegExp(until));
      const { text } = emailContent(message);
      assert.match(text, /Environment e1.*deleted, recover it by/s);
      assert.match(text, /whether that holds for one that was locked is not published/);
      assert.equal(text.match(/What to do:/g)?.length, 1, 'one thing first');
      assert.match(text, /For the others: undo the change/);
      assert.match(message.summary, /Save the others within/);
      assert.match(JSON.stringify(teamsBody(message)), /deleted, recover it by/);
      const [event] = eventsOf(last(), SAY);
      assert.match(JSON.stringify(event?.data), /"state":"deleted".*"recoverableUntil":"2026-11-28T/);
      const stored = await incident();
      const answer = incidentAnswer({ ...stored, timeline: [], notices: [], unreadable: [] }, '');
      assert.deepEqual(
        answer.environments.map(({ state, recoverableUntil }) => [state, recoverableUntil?.slice(0, 10)]),
        [
          ['deleted', '2026-11-28'],
          ['locked', undefined],
        ],
      );
      await shows([change, DISABLED], DAY);
      assert.deepEqual(reasons(), ['opened', 'worsened'], 'once');
      await shows([undefined, DISABLED], 2 * DAY);
      assert.equal((await incident()).environments.find(({ id }) => id === 'e1')?.state, 'deleted');
    });

  it('while the others wait to be enabled is reported too, and keeps the incident open for its 7 days only', async () => {
    const { shows, restore, reasons, incident } = await aLock();
    await restore();
    await shows([DELETED, DISABLED]);
    assert.deepEqual(reasons(), ['opened', 'accessRestored', 'worsened']);
    await shows([DELETED, {}], 6 * DAY);
    assert.equal((await incident()).incident.state, 'accessRestored');
    await shows([DELETED, {}], 2 * DAY);
    assert.deepEqual(reasons(), ['opened', 'accessRestored', 'worsened', 'closed']);
  });

  it('that merely vanished from the list is not called deleted', async () => {
    const { shows, reasons, incident } = await aLock();
    await shows([undefined, DISABLED], 3 * DAY);
    assert.deepEqual(reasons(), ['opened']);
    assert.ok((await incident()).environments.every(({ state }) => state !== 'deleted'));
  });

  it('that is recovered is locked again until it is enabled', async () => {
    const { shows, incident } = await aLock();
    await shows([DELETED, DISABLED]);
    await shows([DISABLED, DISABLED]);
    assert.deepEqual(
      (await incident()).environments.map(({ state }) => state),
      ['locked', 'locked'],
    );
  });
});
