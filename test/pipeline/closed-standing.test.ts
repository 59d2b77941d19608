import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { alertsOf } from '../../shared/notices/channels/events/alert.ts';
import { say } from '../../shared/notices/say/say.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import { locked, look, make, post } from '../api/actions/post.ts';
import { aWorld, policyId, VAULT_GONE, type World } from './a-world.ts';

const SAY = { adminCenterUrl: 'https://admin.example', portalUrl: 'https://portal.example' };
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const sent = (world: World) =>
  (world.channels[0]?.sent ?? []).filter(
    ({ reason }) => !['silenced', 'warning', 'visibilityLost', 'visibilityRestored'].includes(reason),
  );
const reasons = (world: World) => sent(world).map(({ reason }) => reason);

async function pass(world: World, forMs: number, every = 6 * HOUR): Promise<void> {
  world.ports.config.sweepBounds = { minMs: every, maxMs: every };
  for (let ms = 0; ms < forMs; ms += every) {
    await world.clock.advance(every);
    await world.clock.drive(sweep(world.ports));
  }
}

/** Somebody silences the policy before the key is lost, so nobody hears that the incident opened. */
async function unheard(): Promise<{ world: World; id: string }> {
  const world = aWorld(['p1']);
  await look(world, 'p1');
  await post(world, '/policies/p1/silence', { until: '30d', why: 'maintenance' });
  make(world, 'p1', VAULT_GONE);
  const [opened] = await look(world, 'p1');
  const id = opened?.transition.incident?.id;
  assert.ok(id);
  assert.deepEqual(reasons(world), []);
  return { world, id };
}

describe('a person closes an incident whose causes are present', () => {
  it('is reported though nobody had been notified, and though a silence is in force', async () => {
    const { world, id } = await unheard();
    await post(world, `/incidents/${id}/close`, { why: 'it is nothing' });
    assert.deepEqual(reasons(world), ['closed']);
    const { lead } = say(sent(world)[0] ?? assert.fail(), SAY);
    assert.match(lead.join(' '), /it is nothing\. Access had NOT come back by then/);
  });

  it('is no news to people where access had come back and nobody had been notified', async () => {
    const { world, id } = await unheard();
    make(world, 'p1', {});
    await look(world, 'p1');
    await post(world, `/incidents/${id}/close`, { why: 'it is over' });
    assert.deepEqual(reasons(world), []);
  });

  it('keeps its deadlines: silence, lock, close no longer takes 40 days without a word', async () => {
    const { world, id } = await unheard();
    await post(world, `/incidents/${id}/close`, { why: 'it is nothing' });
    const closed = await world.ports.store.readPolicyState(policyId('p1'));
    const { recoverBy } = closed?.policyState.closedStanding ?? assert.fail();
    await pass(world, 40 * DAY);
    const deadlines = sent(world).filter(({ reason }) => reason === 'deadline');
    assert.ok(deadlines.length >= 1, reasons(world).join());
    for (const notice of deadlines) {
      const [only] = notice.incidents;
      assert.equal(only?.incident.recoverBy, recoverBy);
      const left = Date.parse(recoverBy) - Date.parse(notice.at);
      assert.ok(left <= DAY, 'a silence holds back only deadlines of more than a day');
      assert.match(only?.because ?? '', /closed the incident, and access has not come back/);
      assert.deepEqual(alertsOf(notice, SAY)[0]?.actions, ['resolve'], 'it pages nobody');
    }
  });

  it('of which people knew is followed by each deadline once, and by nothing else', async () => {
    const { world, id } = await locked();
    await post(world, `/incidents/${id}/close`, { why: 'it is nothing' });
    await pass(world, 10 * DAY);
    const after = reasons(world).slice(reasons(world).indexOf('closed') + 1);
    assert.deepEqual(new Set(after), new Set(['deadline']));
    assert.ok(after.length >= 2 && after.length <= 4, after.join());
  });

  it('has no deadline any more once its causes read clear', async () => {
    const { world, id } = await locked();
    await post(world, `/incidents/${id}/close`, { why: 'it is nothing' });
    make(world, 'p1', {});
    await look(world, 'p1');
    await pass(world, 10 * DAY);
    assert.ok(!reasons(world).slice(1).includes('deadline'), reasons(world).join());
  });
});
