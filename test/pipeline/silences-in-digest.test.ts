import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Notice } from '../../shared/notices/notice.ts';
import { emailContent } from '../../shared/notices/render/email.ts';
import { say } from '../../shared/notices/say/say.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import { locked, look, post } from '../api/actions/post.ts';
import { nastyText } from '../notices/nasty-text.ts';
import { aWorld, type World } from './a-world.ts';

const SAY = { adminCenterUrl: 'https://admin.example', portalUrl: 'https://portal.example' };
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ANN = { actor: { access: 'entra' as const, signedIn: { name: 'ann@contoso.com', id: 'oid-ann' } } };
const BOB = { actor: { access: 'entra' as const, signedIn: { name: 'bob@contoso.com', id: 'oid-bob' } } };

const titles = (world: World, reason: Notice['reason']) =>
  (world.channels[0]?.sent ?? []).filter((notice) => notice.reason === reason).map(text);

function text(notice: Notice): string {
  const { title, lead, sections } = say(notice, SAY);
  return [title, ...lead, ...sections.flatMap(({ texts }) => texts)].join('\n');
}

/** Two policies of one vault, well; their first digest has been sent. */
async function well(): Promise<World> {
  const world = aWorld(['p1', 'p2']);
  await look(world, 'p1', 'p2');
  await later(world, 30_000);
  return world;
}

const later = async (world: World, ms: number) => {
  await world.clock.advance(ms);
  await world.clock.drive(sweep(world.ports));
};

const silence = async (world: World, path: string, until = '4h', who: object = ANN, why = 'rotation') =>
  assert.equal((await post(world, path, { until, why }, who)).status, 200);

describe('a short silence that its author repeats', () => {
  it('is in the digest, once, with its author and reason, and has no notice of its own', async () => {
    const world = await well();
    await silence(world, '/policies/p1/silence');
    await later(world, 5 * HOUR);
    await silence(world, '/policies/p1/silence', '2h', ANN, 'rotation of the other key');
    await later(world, HOUR);
    assert.equal(titles(world, 'silenced').length, 1);
    await later(world, DAY);
    const digests = titles(world, 'warning').filter((one) => /silence/i.test(one));
    assert.equal(digests.length, 1, digests.join('\n\n'));
    assert.match(
      digests[0] ?? '',
      /ann@contoso\.com set 1 silence over p1, the last until .*: rotation of the other key\./,
    );
    for (let n = 0; n < 3; n += 1) await later(world, DAY);
    assert.equal(titles(world, 'warning').filter((one) => /silence/i.test(one)).length, 1);
  });

  it('has its own notice where it is longer, by another, over another scope, or not named by a sign-in', async () => {
    for (const [path, until, who] of [
      ['/policies/p1/silence', '241m', ANN],
      ['/policies/p1/silence', '4h', BOB],
      ['/policies/p2/silence', '4h', ANN],
      ['/vaults/kv-eu/silence', '4h', ANN],
    ] as const) {
      const world = await well();
      await silence(world, '/policies/p1/silence');
      await later(world, 5 * HOUR);
      await silence(world, path, until, who);
      assert.equal(titles(world, 'silenced').length, 2, `${path} ${until} ${who.actor.signedIn.name}`);
    }
    const world = await well();
    for (let n = 0; n < 2; n += 1) {
      await post(world, '/policies/p1/silence', { until: '4h', why: 'rotation', by: 'ann@contoso.com' });
      await later(world, 5 * HOUR);
    }
    assert.equal(titles(world, 'silenced').length, 2, 'whoever holds a key may give any name');
  });

  it('has its own notice again 7 days after the last one, however many were in the digest', async () => {
    const world = await well();
    const begin = world.clock.nowMs();
    const own: number[] = [];
    for (let n = 0; n < 16; n += 1) {
      const before = titles(world, 'silenced').length;
      await silence(world, '/policies/p1/silence');
      if (titles(world, 'silenced').length > before)
        own.push(Math.round((world.clock.nowMs() - begin) / DAY));
      await later(world, DAY);
    }
    assert.deepEqual(own, [0, 7, 14]);
  });

  it('of a vault is one line for all its policies, and of an incident counts by itself', async () => {
    const world = await well();
    for (let n = 0; n < 2; n += 1) {
      await silence(world, '/vaults/kv-eu/silence');
      await later(world, 5 * HOUR);
    }
    await later(world, DAY);
    assert.equal(titles(world, 'silenced').length, 1);
    const digest = titles(world, 'warning').find((one) => /silence/i.test(one)) ?? '';
    assert.match(digest, /ann@contoso\.com set 1 silence over p1 and p2 \(vault kv-eu\)/);

    const { world: other, id } = await locked();
    await silence(other, '/policies/p1/silence');
    await silence(other, `/incidents/${id}/silence`, '3h');
    assert.equal(titles(other, 'silenced').length, 2);
    await later(other, 5 * HOUR);
    await silence(other, `/incidents/${id}/silence`, '2h');
    assert.equal(titles(other, 'silenced').length, 2);
  });

  it('that a person ends is in the digest too; the end of one that had its own notice has one', async () => {
    const world = await well();
    await silence(world, '/policies/p1/silence');
    await post(world, '/policies/p1/silence', { until: 'now', why: 'done' }, ANN);
    assert.equal(titles(world, 'silenced').length, 2);
    await later(world, HOUR);
    await silence(world, '/policies/p1/silence');
    await later(world, HOUR);
    await post(world, '/policies/p1/silence', { until: 'now', why: 'done again' }, BOB);
    assert.equal(titles(world, 'silenced').length, 2);
    await later(world, 2 * DAY);
    const all = titles(world, 'warning').join('\n');
    assert.match(all, /ann@contoso\.com set 1 silence over p1/);
    assert.match(all, /bob@contoso\.com ended 1 silence early over p1: done again\./);
  });

  it('is shown without markup, whatever the name of its author and its reason are', async () => {
    const digest = (author: string, why: string) =>
      emailContent(
        say(
          {
            messageId: 'm',
            reason: 'warning',
            incidents: [],
            visibility: {
              gaps: [],
              remainingGaps: 0,
              warnings: {
                items: [],
                more: 0,
                silences: [{ author, policies: [author], count: 1, ended: 0, why }],
              },
            },
          } as unknown as Notice,
          SAY,
        ),
      ).html;
    const tags = (html: string) => html.match(/<[a-z/][^>]*>/gi)?.length;
    const ours = tags(digest('ann', 'rotation'));
    fc.assert(
      fc.property(nastyText, (one) => {
        assert.equal(
          tags(digest(`a${one.replace(/https?:/g, '')}`, `b${one.replace(/https?:/g, '')}`)),
          ours,
        );
      }),
      { numRuns: 100 },
    );
  });
});
