import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pagerDutyPreset } from '../../shared/notices/channels/pagerduty/webhook-pagerduty.ts';
import type { Notice } from '../../shared/notices/notice.ts';
import { say } from '../../shared/notices/say/say.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import { locked, look, make, post } from '../api/actions/post.ts';
import { aWorld, VAULT_GONE, type World } from './a-world.ts';

const SAY = { adminCenterUrl: 'https://admin.example', portalUrl: 'https://portal.example' };
const ENTRA = { actor: { access: 'entra' as const, signedIn: { name: 'ann@contoso.com', id: 'oid-1' } } };

/** What every channel got about silences, the same on each, as people read it. */
function silenced(world: World): string[] {
  const [first, ...others] = world.channels.map(({ sent }) =>
    sent.filter(({ reason }) => reason === 'silenced').map(text),
  );
  for (const other of others) assert.deepEqual(other, first);
  return first ?? [];
}

function text(notice: Notice): string {
  const { title, lead, sections } = say(notice, SAY);
  return [title, ...lead, ...sections.flatMap(({ texts }) => texts)].join('\n');
}

/** Two policies of one vault, well. */
async function well(): Promise<World> {
  const world = aWorld(['p1', 'p2']);
  await look(world, 'p1', 'p2');
  await world.clock.advance(30_000);
  return world;
}

describe('a silence that a person asks for', () => {
  it('of an open incident is reported on every channel, with author and reason, and how to end it', async () => {
    const { world, id } = await locked();
    await post(world, `/incidents/${id}/silence`, { until: '4h', why: 'we move the vault' }, ENTRA);
    const [said, ...more] = silenced(world);
    assert.deepEqual(more, []);
    for (const part of [
      /^Silence set: policy p1/,
      /ann@contoso\.com asked for a silence until .*2026, 14:0\d UTC: we move the vault\./,
      /open the page of the incident \(https:.*\) and end the silence there/,
    ])
      assert.match(said ?? '', part);
  });

  it('of a policy without an incident is reported, in force or planned', async () => {
    for (const [from, title] of [
      ['now', 'set'],
      ['2d', 'planned'],
    ]) {
      const world = await well();
      await post(world, '/policies/p1/silence', { from, until: '4h', why: 'rotation' }, ENTRA);
      const [said = '', ...more] = silenced(world);
      assert.deepEqual(more, []);
      assert.match(said, new RegExp(`^Silence ${title}: policy p1`));
      assert.match(said, /ann@contoso\.com/);
      assert.match(said, /rotation/);
      assert.match(said, /open the page of the policy p1 \(https:.*\) and end the silence there/);
    }
  });

  it('of a policy with an open incident says how to end that silence, and not another', async () => {
    const { world } = await locked();
    await post(world, '/policies/p1/silence', { until: '4h', why: 'rotation' }, ENTRA);
    assert.match(
      silenced(world)[0] ?? '',
      /open the page of the policy p1 \(https:.*\) and end the silence there/,
    );
  });

  it('of a vault is one message about all of its policies', async () => {
    const world = await well();
    await post(world, '/vaults/kv-eu/silence', { until: '4h', why: 'moved' }, ENTRA);
    const said = silenced(world);
    assert.equal(said.length, 1, said.join('\n\n'));
    assert.match(said[0] ?? '', /^Silence set: policies p1 and p2/);
    assert.match(said[0] ?? '', /open the page of the vault kv-eu \(https:.*\) and end the silence there/);
    await post(world, '/vaults/kv-eu/silence', { until: 'now', why: 'done' }, ENTRA);
    assert.match(silenced(world)[1] ?? '', /^Silence ended: policies p1 and p2/);
    assert.equal(silenced(world).length, 2);
  });

  it('is reported when a person ends it, of an incident and of a policy', async () => {
    const { world, id } = await locked();
    for (const path of [`/incidents/${id}/silence`, '/policies/p1/silence']) {
      await post(world, path, { until: '4h', why: 'moved' }, ENTRA);
      await world.clock.advance(60_000);
      await post(world, path, { until: 'now', why: 'it was not us' }, ENTRA);
      const last = silenced(world).at(-1) ?? '';
      assert.match(last, /^Silence ended: policy p1/, path);
      assert.match(last, /ann@contoso\.com ended the silence: it was not us\./, path);
    }
    assert.equal(silenced(world).length, 4);
  });

  it('is reported once, however often it is asked for, and not again by a sweep', async () => {
    const { world, id } = await locked();
    for (const path of [`/incidents/${id}/silence`, '/policies/p1/silence', '/vaults/kv-eu/silence']) {
      const before = silenced(world).length;
      const ask = () => post(world, path, { until: '4h', why: 'moved' }, ENTRA);
      await Promise.all([ask(), ask(), ask()]);
      await ask();
      await world.clock.drive(sweep(world.ports));
      assert.equal(silenced(world).length, before + 1, path);
    }
  });

  it('is reported though another silence is in force', async () => {
    const world = await well();
    await post(world, '/policies/p1/silence', { until: '20d', why: 'one' }, ENTRA);
    await post(world, '/policies/p1/silence', { from: '1d', until: '10d', why: 'two' }, ENTRA);
    make(world, 'p1', VAULT_GONE);
    const [opened] = await look(world, 'p1');
    const id = opened?.transition.incident?.id;
    await post(world, `/incidents/${id}/silence`, { until: '20d', why: 'three' }, ENTRA);
    assert.deepEqual(
      silenced(world).map((said) => said.split('\n')[0]),
      ['Silence set: policy p1', 'Silence planned: policy p1', 'Silence set: policy p1'],
    );
  });

  it('pages nobody, and what a refused one asked for is not reported', async () => {
    const { world, id } = await locked();
    await post(world, `/incidents/${id}/silence`, { until: '4h', why: 'moved' }, ENTRA);
    await post(world, '/policies/p1/silence', { until: 'now', why: 'nothing there' }, ENTRA);
    const notices = world.channels[0]?.sent.filter(({ reason }) => reason === 'silenced') ?? [];
    assert.equal(notices.length, 1);
    const pages = pagerDutyPreset({ say: SAY, routingKey: 'r', setting: 'S' });
    for (const notice of notices) assert.deepEqual(pages.parts(notice), []);
  });

  it('shows a name that a caller with a key gave as one that nobody proved, and a signed-in one as it is', async () => {
    const world = await well();
    await post(world, '/policies/p1/silence', { until: '4h', why: 'moved', by: 'ann@contoso.com' });
    const headers = { 'x-lockwatch-by': 'ann@contoso.com' };
    await post(world, '/policies/p2/silence', { until: '4h', why: 'moved' }, { headers });
    for (const said of silenced(world))
      assert.match(said, /\nsomeone who says to be ann@contoso\.com asked for a silence/);
    await post(world, '/policies/p1/silence', { until: '5h', why: 'moved' }, ENTRA);
    assert.match(silenced(world).at(-1) ?? '', /\nann@contoso\.com asked for a silence/);
    assert.equal(silenced(world).length, 3);
  });

  it('reaches a channel that was away, and is reported on the others where that gave up', async () => {
    const world = await well();
    const [first] = world.channels;
    assert.ok(first);
    const { send } = first;
    first.send = async () => ({ outcome: 'failed', permanent: true, detail: 'It refuses it.' });
    await post(world, '/policies/p1/silence', { until: '4h', why: 'moved' }, ENTRA);
    first.send = send;
    const report = world.channels[1]?.sent.find(({ reason }) => reason === 'undelivered');
    assert.ok(report);
    assert.match(say(report, SAY).title, /a silence was set, planned or ended/);
  });
});
