import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Notice } from '../../shared/notices/notice.ts';
import { emailContent } from '../../shared/notices/render/email.ts';
import { say } from '../../shared/notices/say/say.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import { armError, type FakeAzure, list, ORIGIN } from '../facts/fake-azure.ts';
import { CURRENT, KEY, keyAnswer, OLD, SUBSCRIPTION, stage, versionItem } from '../facts/tenant.ts';
import { SAY } from '../notices/a-notice.ts';
import { aWorld, type World } from './a-world.ts';

const VERSIONS = `${KEY}/versions`;
const seconds = (at: string) => Date.parse(at) / 1000;
const ROTATED = seconds('2026-11-15T10:00:00Z');
const own = (attributes: Record<string, unknown> = {}) => {
  const { properties } = versionItem(CURRENT, { created: ROTATED, ...attributes });
  return { body: keyAnswer(CURRENT, { attributes: properties.attributes }) };
};
const lists = (current: Record<string, unknown> = {}, old: Record<string, unknown> = {}) =>
  list(versionItem(OLD, old), versionItem(CURRENT, { created: ROTATED, ...current }));
const OFF = { enabled: false };

/** The real reader over a played Azure, in the world's rooms: the key was rotated five days ago. */
function aKeyWorld(): { world: World; azure: FakeAzure } {
  const world = aWorld([], ['email']);
  const { azure, reader } = stage({ clock: world.clock });
  world.ports.facts = reader;
  world.ports.config.watchedSubscriptions = [SUBSCRIPTION.split('/')[2] ?? ''];
  azure.on(VERSIONS, lists());
  azure.on(KEY, own());
  return { world, azure };
}
async function swept(world: World, count = 1) {
  for (let n = 0; n < count; n += 1) {
    await world.clock.drive(sweep(world.ports));
    await world.clock.advance(30_000);
  }
}
const sent = (world: World) => world.channels[0]?.sent ?? [];
const reasons = (world: World) => sent(world).map(({ reason }) => reason);
const textOf = (notice: Notice | undefined) => emailContent(say(notice ?? assert.fail(), SAY)).text;

const FAILURES = [
  ['comes too late', { body: { value: [] }, afterMs: 60_000 }],
  ['is refused', armError(403, 'AuthorizationFailed')],
  ['is throttled', { status: 429, headers: { 'retry-after': '60' } }],
  ['names versions of another form', list({ properties: { attributes: { enabled: 'yes' } } })],
  ['lacks the version in use', list(versionItem(OLD))],
] as const;

describe('the version in use is judged though the list of versions', () => {
  for (const [title, failure] of FAILURES)
    it(`${title}: a lock is reported`, async () => {
      const { world, azure } = aKeyWorld();
      await swept(world, 2);
      azure.on(VERSIONS, failure);
      azure.on(KEY, own(OFF));
      // After a 429 with 60 s a sweep asks Azure for nothing until then.
      await swept(world, title === 'is throttled' ? 4 : 2);
      assert.deepEqual(reasons(world), ['opened']);
      assert.match(textOf(sent(world)[0]), new RegExp(`version ${CURRENT} of the key cmk is disabled`));
    });

  it('fails: another fault of that version is reported as well', async () => {
    for (const [answer, says] of [
      [own({ exp: seconds('2026-11-20T09:00:00Z') }), /expired on/],
      [{ body: keyAnswer(CURRENT, { keyOps: ['sign'] }) }, /does not allow wrapKey/],
      [armError(403, 'KeyDisabled'), /is disabled/],
    ] as const) {
      const { world, azure } = aKeyWorld();
      await swept(world, 2);
      azure.on(VERSIONS, armError(503, 'ServiceUnavailable'));
      azure.on(KEY, answer);
      await swept(world, 2);
      assert.deepEqual(reasons(world), ['opened']);
      assert.match(textOf(sent(world)[0]), says);
    }
  });
});

describe('a list of versions that shows less than before', () => {
  it('ends no incident, and is reported as what can not be seen', async () => {
    const { world, azure } = aKeyWorld();
    await swept(world, 2);
    azure.on(VERSIONS, lists({}, OFF));
    await swept(world, 2);
    assert.deepEqual(reasons(world), ['opened']);
    assert.match(textOf(sent(world)[0]), new RegExp(`version ${OLD} of the key cmk is disabled`));
    azure.on(VERSIONS, armError(503, 'ServiceUnavailable'));
    await swept(world, 26);
    assert.ok(!reasons(world).some((reason) => ['eased', 'accessRestored', 'closed'].includes(reason)));
    const visibilityLost = sent(world).filter(({ reason }) => reason === 'visibilityLost');
    assert.match(visibilityLost.map(textOf).join(), /The key of policy ep1 can't be read/);
    azure.on(VERSIONS, lists());
    await swept(world, 2);
    assert.ok(reasons(world).includes('accessRestored'));
  });

  it('opens none', async () => {
    for (const [, failure] of FAILURES) {
      const { world, azure } = aKeyWorld();
      await swept(world, 2);
      azure.on(VERSIONS, failure);
      await swept(world, 3);
      assert.deepEqual(reasons(world), []);
    }
  });
});

it('of a key with 4,000 versions a lock is reported, and the policy is kept in a row of a few kilobytes', async () => {
  const { world, azure } = aKeyWorld();
  const pages = 160;
  let disabled = false;
  // A new version every hour: more than six hundred of them are in use or may be.
  const item = (n: number) =>
    versionItem(n.toString(16).padStart(32, '0'), {
      created: seconds('2026-11-20T09:00:00Z') - n * 3600,
      enabled: !(disabled && n < 2000),
    });
  azure.on(VERSIONS, ({ url }) => {
    const page = Number(new URL(url).searchParams.get('page') ?? 0);
    const value = Array.from({ length: 25 }, (_, n) => item(page * 25 + n + 48));
    return {
      body: page + 1 < pages ? { value, nextLink: `${ORIGIN}${VERSIONS}?page=${page + 1}` } : { value },
    };
  });
  azure.on(KEY, () => ({
    body: { ...keyAnswer(), properties: { ...keyAnswer().properties, ...item(48).properties } },
  }));
  const rowBytes = () => {
    const row = world.tables.policies.rows().find(({ rowKey }) => rowKey === 'state') ?? assert.fail();
    return Object.values(row).reduce<number>((sum, one) => sum + String(one).length, 0);
  };
  await swept(world, 2);
  assert.ok(rowBytes() < 30_000, `${rowBytes()} bytes`);
  disabled = true;
  await swept(world, 2);
  const opened = sent(world).filter(({ reason }) => reason === 'opened');
  assert.equal(opened.length, 1);
  assert.match(textOf(opened[0]), /version 0+30 \(and 623 more\) of the key cmk is disabled/);
  assert.match(textOf(opened[0]), /Do the same for 619 more versions/);
  assert.ok(rowBytes() < 60_000, `${rowBytes()} bytes`);
});
