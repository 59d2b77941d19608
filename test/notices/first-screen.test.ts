import assert from 'node:assert/strict';
import { test } from 'node:test';
import { teamsBody } from '../../shared/notices/render/card.ts';
import { emailContent } from '../../shared/notices/render/email.ts';
import { mergeSteps } from '../../shared/notices/say/merge-steps.ts';
import { say } from '../../shared/notices/say/say.ts';
import { type Finding, TRIGGER_IDS } from '../../shared/triggers/finding.ts';
import { bothTripped, TWO_CAUSES, tripped, VAULT_NETWORKS, type VaultNetwork } from '../triggers/tripped.ts';
import { aNotice, anEnvironment, anIncident, causeOf, SAY } from './a-notice.ts';
import { assertValid, everything } from './card-valid.ts';

/** What a mail program shows before anybody scrolls. */
const FIRST_LINES = 25;
const NETWORKS = Object.keys(VAULT_NETWORKS) as VaultNetwork[];

const CASES: { name: string; findings: Finding[] | undefined }[] = [
  ...TRIGGER_IDS.flatMap((trigger) =>
    NETWORKS.map((network) => ({
      name: `${trigger}, network ${network}`,
      findings: tripped(trigger, network),
    })),
  ),
  ...TWO_CAUSES.map((both) => ({ name: `${both[0]} and ${both[1]} at once`, findings: bothTripped(both) })),
];

for (const { name, findings } of CASES)
  if (findings) {
    const noticeOf = (amount: number) =>
      aNotice('opened', [
        anIncident(
          'ep-a',
          { causes: findings.map(causeOf) },
          Array.from({ length: amount }, (_, n) =>
            anEnvironment(n + 1, { displayName: `Sales ${n + 1} ${'of Contoso '.repeat(6)}` }),
          ),
        ),
      ]);
    const needed = firstCommands(
      mergeSteps(noticeOf(1).incidents.map(({ incident }) => incident)).map(({ command }) => command),
    );

    test(`${name}: subject and first ${FIRST_LINES} lines say what, since when, why, by when and the first command`, () => {
      const { subject, text } = emailContent(say(noticeOf(3), SAY));
      const first = [subject, ...text.split('\n').slice(0, FIRST_LINES)].join('\n');
      assert.match(subject, /3 environments (offline|may be locked)/);
      assert.match(first, /^Environments: Sales 1/m);
      assert.match(first, /^Since: Sun 23 Nov 2025/m);
      assert.match(first, /^Cause: \S/m);
      assert.match(first, /^By when: in /m);
      assert.match(first, /[Ff]lows and agents in them/);
      for (const command of needed) assert.ok(first.includes(command), `${command}\n\n${first}`);
    });

    for (const amount of [3, 10_000])
      test(`${name}: the card of ${amount.toLocaleString('en-US')} environments shows the same without a tap`, () => {
        const body = JSON.parse(JSON.stringify(teamsBody(say(noticeOf(amount), SAY))));
        assertValid(body);
        const atOnce: object[] = body.attachments[0].content.body;
        const texts = everything(atOnce).map(({ text }) => text);
        for (const command of needed) assert.ok(texts.includes(command), command);
        assert.ok(
          everything(atOnce).every(({ isVisible }) => isVisible !== false),
          'nothing is folded',
        );
        const facts = everything(atOnce).flatMap(({ title, value }) => (value === undefined ? [] : [title]));
        for (const fact of ['Environments', 'Since', 'Cause', 'Who did it', 'By when'])
          assert.ok(facts.includes(fact), fact);
      });
  }

/** The first command; and the first on the key itself, where others open the network for the reader before it. */
function firstCommands(commands: readonly (string | undefined)[]): string[] {
  const all = commands.filter((command) => command !== undefined);
  const onKey = all.find((command) => command.startsWith('az keyvault key '));
  return [...new Set([all[0], onKey].filter((command) => command !== undefined))];
}
