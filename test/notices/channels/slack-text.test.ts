import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Facts } from '../../../shared/facts/facts.ts';
import { slackBody, slackPreset } from '../../../shared/notices/channels/slack/webhook-slack.ts';
import type { Notice } from '../../../shared/notices/notice.ts';
import { say } from '../../../shared/notices/say/say.ts';
import { sweep } from '../../../shared/pipeline/sweep.ts';
import { aWorld, policyId, VAULT_GONE } from '../../pipeline/a-world.ts';
import { known, policy, VAULT_ID, vault } from '../../triggers/a-reading.ts';
import { aNotice, anEnvironment, anIncident, SAY } from '../a-notice.ts';
import { nastyText } from '../nasty-text.ts';

/** Slack docs, "Formatting text for app surfaces": each of these does something where it is not escaped. */
const MARKUP = ['<!channel>', '<@U012AB3CD>', '<https://evil.example|click here>', 'A&B <b>'];

/** What Slack gets as the text of this notice; nothing in it is markup. */
function textOf(notice: Notice | undefined): string {
  const [request] = slackPreset({ say: SAY }).parts(notice ?? assert.fail());
  const { text } = JSON.parse(request?.body ?? '{}');
  assert.doesNotMatch(text, /[<>]|&(?!amp;|lt;|gt;)/);
  return text;
}
const escaped = (name: string) =>
  name.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** The vault of p1 is lost, and Teams refuses to hear of it; what email hears instead. */
async function lost(facts: Partial<Facts>): Promise<Notice[]> {
  const world = aWorld();
  const [teams, email] = world.channels;
  world.observedState.set(policyId('p1').toLowerCase(), facts);
  await world.clock.drive(sweep(world.ports));
  await world.clock.advance(60_000);
  world.observedState.set(policyId('p1').toLowerCase(), { ...facts, ...VAULT_GONE });
  teams?.answers.push({ outcome: 'failed', permanent: true, detail: 'HTTP 400' });
  await world.clock.drive(sweep(world.ports));
  return email?.sent ?? [];
}

describe('the text of a Slack notification', () => {
  for (const name of MARKUP) {
    it(`shows a policy's name as a name and nothing else: ${name}`, async () => {
      const [, undelivered] = await lost({ policy: known(policy({ id: policyId('p1'), name })) });
      assert.equal(undelivered?.reason, 'undelivered');
      assert(textOf(undelivered).includes(escaped(name)));
    });

    it(`shows a vault's name as a name and nothing else: ${name}`, async () => {
      const vaultId = VAULT_ID.replace(/kv-eu$/, name.replaceAll('/', ''));
      const [opened] = await lost({
        policy: known(policy({ id: policyId('p1'), name: 'p1', vaultId })),
        vault: known(vault({ id: vaultId })),
      });
      assert.equal(opened?.reason, 'opened');
      assert(textOf(opened).includes(escaped(name.replaceAll('/', ''))));
    });
  }

  it('is escaped for any words', () => {
    const message = say(aNotice('opened', [anIncident('ep-a')]), SAY);
    fc.assert(
      fc.property(nastyText, (summary) => {
        const { text } = slackBody({ ...message, summary });
        assert.doesNotMatch(text, /[<>]|&(?!amp;|lt;|gt;)/);
      }),
    );
  });
});

describe('a message that Slack has no room for', () => {
  const restored = (count: number, publicUrl?: string) => {
    const environments = Array.from({ length: count }, (_, n) =>
      anEnvironment(n, { state: 'awaitingReEnable' }),
    );
    const incident = anIncident('ep-a', { state: 'accessRestored' }, environments);
    const { blocks } = slackBody(say(aNotice('accessRestored', [incident], { publicUrl }), SAY));
    const texts = blocks.flatMap((block) => ('text' in block ? [(block.text as { text: string }).text] : []));
    for (const text of texts) assert.ok(text.length <= 3000, `${text.length}`);
    return texts.join('\n');
  };
  const INCIDENT = '<https://lockwatch.example.com/incidents/incident-of-ep-a|This incident>';

  it('has a command whole, or says where it is', () => {
    assert.match(restored(12), /`for id in [-0-9 ]+; do .*; done`/);
    for (const count of [40, 200]) {
      const text = restored(count, 'https://lockwatch.example.com');
      assert.doesNotMatch(text, /for id in/);
      assert.ok(
        text.includes(`Its command is too long for Slack: it is in the email, and here: ${INCIDENT}.`),
      );
      assert.match(restored(count), /Its command is too long for Slack: it is in the email\./);
    }
  });

  it('says where the rest is, with the last line whole', () => {
    const message = say(aNotice('opened', [anIncident('ep-a')]), SAY);
    const texts = Array.from({ length: 40 }, (_, n) => `${n} ${'x'.repeat(150)}.`);
    const body = slackBody({ ...message, sections: [{ id: 'happened', heading: 'What happened', texts }] });
    const [section] = body.blocks.flatMap((block) => {
      const { text } = 'text' in block ? (block.text as { text: string }) : { text: '' };
      return text.startsWith('*What happened*') ? [text] : [];
    });
    assert.match(section ?? '', /x\.\n… The rest is in the email, and here: <https:.*\|This incident>\.$/);
    assert.ok((section?.length ?? 9_999) <= 3000);
  });
});
