import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Facts, KeyVersionFact } from '../../shared/facts/facts.ts';
import { emailContent } from '../../shared/notices/render/email.ts';
import { say } from '../../shared/notices/say/say.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import { get, post } from '../api/actions/post.ts';
import { SAY } from '../notices/a-notice.ts';
import { daysAgo, grant, key, known, network, permission, vault, version } from '../triggers/a-reading.ts';
import { aStory } from './a-story.ts';
import { aWorld, policyId, VAULT_GONE, type World } from './a-world.ts';

const off = { enabled: false };
const keys = (...list: KeyVersionFact[]): Partial<Facts> => ({ key: known(key(...list)) });
const v3 = version('v3', { created: daysAgo(10) });
const v2 = version('v2', { created: daysAgo(20) });
const v1 = version('v1', { created: daysAgo(300) });
const open = network('Enabled', 'Allow', 'AzureServices');
const settings = (change: typeof open): Partial<Facts> => ({ vault: known(vault({ network: change })) });
type Missing = ReturnType<typeof permission>['missing'];
const lacking = (...missing: Missing): Partial<Facts> => ({
  permission: known(
    permission({
      grants: [
        grant({ actions: (['read', 'wrap', 'unwrap'] as const).filter((one) => !missing.includes(one)) }),
      ],
      missing,
      allowed: (['read', 'wrap', 'unwrap'] as const).filter((one) => !missing.includes(one)),
    }),
  ),
});

/** What is taken away first, what is taken away besides, and what a notice must say of the second. */
const LOSSES: [title: string, first: Partial<Facts>, more: Partial<Facts>, says: RegExp][] = [
  [
    'an old key version, then the current one',
    keys(v3, { ...v2, ...off }, v1),
    keys({ ...v3, ...off }, { ...v2, ...off }, v1),
    /version v3 \(in use\)/,
  ],
  [
    'the current key version, then an older one that environments may use',
    keys({ ...v3, ...off }, v2, v1),
    keys({ ...v3, ...off }, { ...v2, ...off }, v1),
    /version v2\b/,
  ],
  ['the permission to read, then to wrap', lacking('read'), lacking('read', 'wrap'), /wrap is missing/],
  [
    'public access, then the exception for trusted services',
    settings(network('Disabled', 'Deny', 'AzureServices')),
    settings(network('Disabled', 'Deny', 'None')),
    /bypass = None/,
  ],
  [
    'the expiry date of the key, set to another day that has passed',
    keys({ ...v3, expires: daysAgo(2) }, v2, v1),
    keys({ ...v3, expires: daysAgo(1) }, v2, v1),
    /version v3, expired on .*19.* \(in use\)/,
  ],
  [
    'the operation wrapKey, then unwrapKey',
    keys({ ...v3, keyOps: ['unwrapKey'] }, v2, v1),
    keys({ ...v3, keyOps: ['sign'] }, v2, v1),
    /does not allow unwrapKey/,
  ],
  [
    'the vault, which is then purged',
    VAULT_GONE,
    { ...VAULT_GONE, deletedVault: { state: 'gone', detail: 'GET answered 404', readAt: daysAgo(0) } },
    /no deleted vault is left to recover/,
  ],
];

/** The settings of the lock page to the letter: so that a closed network is revoked, not suspected. */
function literalWorld(): World {
  const world = aWorld();
  world.ports.config.sweepBounds = { minMs: 60_000, maxMs: 60_000 };
  world.ports.config.networkReading = 'literal';
  world.observedState.set(policyId('p1').toLowerCase(), keys(v3, v2, v1));
  return world;
}
const observedState = (facts: Partial<Facts>) => (world: World) =>
  void world.observedState.set(policyId('p1').toLowerCase(), { ...keys(v3, v2, v1), ...facts });
const close = async (world: World) => {
  const { json } = await get(world, '/incidents');
  const open_ = json.incidents.find((one: { closedAt: string | null }) => one.closedAt === null);
  const { status, body } = await post(world, `/incidents/${open_.id}/close`, { why: 'it is on purpose' });
  assert.equal(status, 200, body);
};

const acknowledge = async (world: World) => {
  const { json } = await get(world, '/incidents');
  await post(world, `/incidents/${json.incidents[0].id}/acknowledge`, {});
};

describe('what a person closed an incident over stays quiet, and nothing besides it', () => {
  for (const [title, first, more, says] of LOSSES)
    it(`of ${title}`, async () => {
      const world = literalWorld();
      world.ports.config.sweepBounds = { minMs: 5 * 60_000, maxMs: 5 * 60_000 };
      const story = aStory(world);
      story.push('0d 00:02', 'the first is taken away', observedState(first));
      story.want('opened', '0d 00:02', '0d 00:05');
      story.push('0d 00:10', 'a person closes the incident', close);
      story.want('closed', '0d 00:10', '0d 00:10');
      story.push('0d 06:00', 'the second is taken away', observedState(more));
      story.want('opened', '0d 06:00', '0d 06:05');
      story.push('0d 06:10', 'a person closes that too', close);
      story.want('closed', '0d 06:10', '0d 06:10');
      const told = await story.play('0d 08:00');
      const notice = told.find(({ at }) => at.startsWith('0d 06'))?.notice ?? assert.fail();
      const subject = notice.incidents[0]?.incident.causes.map(({ finding }) => finding.subject?.join(', '));
      assert.match(subject?.join('; ') ?? '', says);
    });

  it('where what was given back is taken away a second time', async () => {
    const world = literalWorld();
    const story = aStory(world);
    story.push('0d 00:02', 'two permissions are taken away', observedState(lacking('read', 'wrap')));
    story.want('opened', '0d 00:02', '0d 00:04');
    story.push('0d 00:10', 'a person closes the incident', close);
    story.want('closed', '0d 00:10', '0d 00:10');
    story.push('0d 01:00', 'one is given back', observedState(lacking('read')));
    story.push('0d 02:00', 'and taken away again', observedState(lacking('read', 'wrap')));
    story.want('opened', '0d 02:00', '0d 02:01', /read, wrap/);
    await story.play('0d 02:10');
  });
});

describe('what is taken away while an incident is open', () => {
  for (const [title, first, more, says] of LOSSES)
    it(`is reported as worse, once, however often it comes and goes: ${title}`, async () => {
      const world = literalWorld();
      const story = aStory(world);
      story.push('0d 00:02', 'the first is taken away', observedState(first));
      story.want('opened', '0d 00:02', '0d 00:04');
      for (const minute of ['04', '06', '08', '10']) {
        story.push(`0d 00:${minute}`, 'the second is taken away', observedState(more));
        story.push(
          `0d 00:${String(Number(minute) + 1).padStart(2, '0')}`,
          'and given back',
          observedState(first),
        );
      }
      story.want('worsened', '0d 00:04', '0d 00:05', says);
      const told = await story.play('0d 00:11');
      const { subject, text } = emailContent(say(told[1]?.notice ?? assert.fail(), SAY));
      assert.match(subject, /Worse/);
      assert.match(text, says);
    });

  it('is reported as it is once it stays, where one comes as the other goes', async () => {
    const world = literalWorld();
    const story = aStory(world);
    const [one, other] = [keys({ ...v3, ...off }, v2, v1), keys(v3, { ...v2, ...off }, v1)];
    story.push('0d 00:02', 'one version is disabled', observedState(one));
    story.want('opened', '0d 00:02', '0d 00:04');
    story.push('0d 00:04', 'Ann has it in hand: no reminders', acknowledge);
    story.want('acknowledged', '0d 00:04', '0d 00:04');
    story.push('0d 00:05', 'and the other one in its place', observedState(other));
    story.want('worsened', '0d 00:05', '0d 00:06', /New: version v2\./);
    for (const minute of ['07', '09', '11']) {
      story.push(`0d 00:${minute}`, 'the first', observedState(one));
      if (minute !== '11')
        story.push(
          `0d 00:${String(Number(minute) + 1).padStart(2, '0')}`,
          'the second',
          observedState(other),
        );
    }
    story.want(
      'worsened',
      '0d 00:21',
      '0d 00:23',
      /^Part of it came and went; it has stayed like this for 10 minutes\. The version v3/,
    );
    await story.play('0d 01:10');
  });

  it('is reported although somebody has the incident in hand', async () => {
    const world = literalWorld();
    const story = aStory(world);
    story.push('0d 00:02', 'one is taken away', observedState(lacking('read')));
    story.want('opened', '0d 00:02', '0d 00:04');
    story.push('0d 00:05', 'Ann has it in hand', acknowledge);
    story.want('acknowledged', '0d 00:05', '0d 00:05');
    story.push('0d 01:00', 'two more are', observedState(lacking('read', 'wrap', 'unwrap')));
    story.want('worsened', '0d 01:00', '0d 01:01', /New: wrap is missing, unwrap is missing\./);
    await story.play('0d 02:00');
  });

  it('shows in the incident, with the evidence of what is so now', async () => {
    const world = literalWorld();
    const swept = async (facts: Partial<Facts>) => {
      observedState(facts)(world);
      await world.clock.advance(30_000);
      await world.clock.drive(sweep(world.ports));
    };
    await swept({});
    await swept(keys({ ...v3, ...off }, v2, v1));
    // The one that was disabled is enabled; a new one, made and disabled within the hour, is only suspected.
    const v4 = version('v4', { created: daysAgo(0.01), ...off });
    await swept(keys(v4, v3, v2, v1));
    const { json } = await get(world, '/incidents');
    const { json: one } = await get(world, `/incidents/${json.incidents[0].id}`);
    assert.deepEqual(one.causes[0].subject, ['version v4 (in use)']);
    assert.match(one.causes[0].summary, /^The version v4/);
    assert.match(one.causes[0].evidence[0].text, /^Key version v4: enabled = false/);
  });
});
