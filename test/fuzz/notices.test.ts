import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { slackBody } from '../../shared/notices/channels/slack/webhook-slack.ts';
import type { Notice } from '../../shared/notices/notice.ts';
import { teamsBody } from '../../shared/notices/render/card.ts';
import { emailContent } from '../../shared/notices/render/email.ts';
import { say } from '../../shared/notices/say/say.ts';
import { respond } from '../../shared/pipeline/on-message.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import { look, make, post } from '../api/actions/post.ts';
import { nastyText } from '../notices/nasty-text.ts';
import { aWorld, VAULT_GONE, vaultEvent } from '../pipeline/a-world.ts';
import { environment, known } from '../triggers/a-reading.ts';
import { runs } from './runs.ts';

const SAY = { adminCenterUrl: 'https://admin.example', portalUrl: 'https://portal.example' };
const MAX_CARD_BYTES = 20_000;

interface Names {
  /** Of the author, as an event claims it. */
  author: string;
  /** Of an environment, its type and its region. */
  environment: string;
  /** Why a person asks for silence. */
  why: string;
}

/** All that people get of a lock, its author and a silence, if the names are these. */
async function noticesOf({ author, environment: name, why }: Names): Promise<Notice[]> {
  const world = aWorld(['p1'], ['teams']);
  const { ports, clock } = world;
  const at = clock.now();
  const environments = known(
    {
      source: 'powerPlatform' as const,
      asOf: at,
      environments: [environment('e1', { displayName: name, sku: name, region: name })],
    },
    at,
  );
  make(world, 'p1', { environments });
  await look(world, 'p1');
  await clock.advance(30_000);
  make(world, 'p1', { ...VAULT_GONE, environments });
  const event = JSON.parse(vaultEvent({ at: clock.now() }));
  event.data.claims = { name: author, upn: author };
  await clock.drive(respond(JSON.stringify(event), ports));
  await post(
    world,
    '/policies/p1/silence',
    { until: '4h', why },
    { actor: { access: 'entra', signedIn: { name: author } } },
  );
  await clock.advance(60_000);
  await clock.drive(sweep(ports));
  return world.channels.flatMap(({ sent }) => sent);
}

const tagsOf = (html: string) =>
  (html.match(/<\/?[a-z][^>]*>/gi) ?? []).map((tag) => tag.split(/[\s>]/)[0]).sort();

describe('whatever the names are', () => {
  const name = 'what people get holds no markup but ours';
  it(name, async () => {
    const { skip, ...parameters } = runs(name, 0.2);
    if (skip) return;
    const plainly = await noticesOf({ author: 'ann', environment: 'One', why: 'rotation' });
    const ours = new Set(plainly.flatMap((notice) => tagsOf(emailContent(say(notice, SAY)).html)));
    await fc.assert(
      fc.asyncProperty(
        fc.record<Names>({ author: nastyText, environment: nastyText, why: nastyText }),
        async (names) => {
          const notices = await noticesOf(names);
          assert.ok(notices.length > 0);
          for (const notice of notices) {
            const message = say(notice, SAY);
            const { html, subject } = emailContent(message);
            for (const tag of tagsOf(html)) assert.ok(ours.has(tag), `the tag ${tag}`);
            assert.doesNotMatch(html, /<[^>]*\son\w+=|href="(?!https?:)/i);
            assert.doesNotMatch(subject, /[\r\n]/);
            assert.ok(Buffer.byteLength(JSON.stringify(teamsBody(message))) <= MAX_CARD_BYTES);
            const slack = JSON.stringify(slackBody(message));
            assert.doesNotMatch(slack, /<(?!https?:|!date)[!@#a-z]/i, 'a mention or a link of Slack');
          }
        },
      ),
      parameters as fc.Parameters<[Names]>,
    );
  });
});
