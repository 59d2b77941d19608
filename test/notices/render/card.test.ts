import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { IncidentState } from '../../../shared/incidents/incident.ts';
import { NOTICE_REASONS } from '../../../shared/incidents/notice-reason.ts';
import type { Notice } from '../../../shared/notices/notice.ts';
import { teamsBody } from '../../../shared/notices/render/card.ts';
import { markdownLink, markdownText } from '../../../shared/notices/render/card-text.ts';
import { say } from '../../../shared/notices/say/say.ts';
import {
  aNotice,
  anEnvironment,
  anIncident,
  causeOf,
  KEY_DISABLED,
  NOW,
  SAY,
  vaultDeleted,
} from '../a-notice.ts';
import { assertValid, everything } from '../card-valid.ts';
import { nastyText, plainTextOf, textsWithin } from '../nasty-text.ts';

const STATES: IncidentState[] = ['suspected', 'revoked', 'accessRestored', 'closed', 'dismissed'];
const bodyOf = (notice: Notice) => teamsBody(say(notice, SAY));

test('law 10: a card stays at most 20,000 bytes and valid for any names, evidence and steps', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          policy: nastyText,
          summary: nastyText,
          names: fc.array(nastyText, { maxLength: 30 }),
          evidence: fc.array(nastyText, { maxLength: 12 }),
          steps: fc.array(nastyText, { maxLength: 12 }),
          actor: nastyText,
        }),
        { minLength: 1, maxLength: 6 },
      ),
      fc.constantFrom(...NOTICE_REASONS),
      fc.constantFrom(...STATES),
      (policies, reason, state) => {
        const notice = aNotice(
          reason,
          policies.map(({ policy, summary, names, evidence, steps, actor }) =>
            anIncident(
              policy,
              {
                state,
                acknowledged: { by: { name: actor }, at: NOW, why: summary },
                silence: { by: { name: actor }, from: NOW, until: actor, why: summary, at: NOW },
                supportCase: { number: policy, by: { name: actor }, at: NOW, note: summary },
                closedBy: { by: { name: actor }, why: summary },
                actor: { kind: 'user', name: actor, ipAddress: actor },
                causes: [
                  causeOf({
                    ...KEY_DISABLED,
                    summary,
                    evidence: evidence.map((text) => ({ text, readAt: text })),
                    remediation: steps.map((text) => ({ text, command: text, portal: text, link: text })),
                  }),
                ],
                recoverByBecause: summary,
              },
              names.map((displayName, index) =>
                anEnvironment(index, { displayName, id: displayName, region: displayName, sku: displayName }),
              ),
            ),
          ),
          reason === 'undelivered'
            ? {
                undelivered: {
                  channel: policies[0]?.policy ?? '',
                  reason,
                  since: NOW,
                  because: policies[0]?.summary ?? '',
                },
              }
            : {},
        );
        const body = bodyOf(notice);
        assertValid(body);
      },
    ),
    { numRuns: 200 },
  );
});

test('30 policies with 10,000 environments each fit, and the rest are counted', () => {
  const long = `${'"\\*_'.repeat(60)}😀`;
  let reads = 0;
  const environments = Array.from({ length: 10_000 }, (_, index) => {
    const name = `${index} ${long}`;
    return Object.defineProperty(anEnvironment(index), 'displayName', {
      enumerable: true,
      get() {
        reads += 1;
        return name;
      },
    });
  });
  const incidents = Array.from({ length: 30 }, (_, index) =>
    anIncident(`ep-${index}`, { causes: [causeOf(vaultDeleted(`ep-${index}`))] }, environments),
  );
  const body = bodyOf(aNotice('opened', incidents));
  assertValid(body);
  const texts = textsWithin(body).map(plainTextOf);
  assert(texts.some((text) => text.includes('300,000 environments')));
  const policies = texts.flatMap((text) => /^Policy .*: ([\d,]+) environments$/.exec(text)?.[1] ?? []);
  const named = texts.filter((text) => text.includes('/environments/environment/')).length;
  const more = texts.flatMap((text) => /^and \[([\d,]+) more\]/.exec(text)?.[1] ?? []);
  const rest = texts.flatMap((text) => /^and \d+ more policies with ([\d,]+) env/.exec(text)?.[1] ?? []);
  assert(policies.length >= 3);
  assert.equal(named + sum(more) + sum(rest), 300_000);
  // How long it takes is the bench's (`many`): here, that what is only counted is not looked at.
  assert(reads < 10_000, `${reads} names were read to show ${named}`);
});

test('a usual card names every environment, with its link, and every policy', () => {
  const incidents = ['ep-a', 'ep-b'].map((name, index) =>
    anIncident(name, {}, [anEnvironment(index * 2), anEnvironment(index * 2 + 1)]),
  );
  const text = textsWithin(bodyOf(aNotice('opened', incidents))).join('\n');
  for (const number of [0, 1, 2, 3])
    assert(text.includes(`[Environment ${number}](${SAY.adminCenterUrl}/environments/environment/00000000-`));
  for (const name of ['ep-a', 'ep-b']) assert(text.includes(name));
});

test('a card of one policy with many environments shows more than ten of them', () => {
  const environments = Array.from({ length: 400 }, (_, index) => anEnvironment(index));
  const texts = textsWithin(bodyOf(aNotice('opened', [anIncident('ep-a', {}, environments)])));
  const named = texts.filter((text) => text.includes('/environments/environment/')).length;
  assert(named > 10 && named < 400, String(named));
  assert(texts.some((text) => text === `and [${400 - named} more](${SAY.adminCenterUrl}/environments)`));
});

test('commands stand in text runs, letter for letter, so that they can be copied', () => {
  const runs = everything(bodyOf(aNotice('opened', [anIncident('ep-a')]))).filter(
    ({ type }) => type === 'TextRun',
  );
  assert.deepEqual(
    runs.map(({ text }) => text),
    KEY_DISABLED.remediation.map(({ command }) => command),
  );
});

test('a command that is too long for the card is left out whole, and its portal path stays', () => {
  const command = `az ${'x'.repeat(5000)}`;
  const cause = causeOf({
    ...KEY_DISABLED,
    remediation: [{ text: 'Do it.', command, portal: 'Here → There' }],
  });
  const texts = textsWithin(bodyOf(aNotice('opened', [anIncident('ep-a', { causes: [cause] })])));
  assert(!texts.some((text) => text.includes('xxxx')));
  assert(texts.includes('Where: Here → There'), 'and is no alternative to anything');
});

test('a command that is too long for the card and has no path in the portal is said to be elsewhere', () => {
  const remediation = [{ text: 'Enable them.', command: `az ${'x'.repeat(5000)}` }];
  const incident = anIncident('ep-a', { causes: [causeOf({ ...KEY_DISABLED, remediation })] });
  const texts = textsWithin(bodyOf(aNotice('opened', [incident])));
  assert(texts.some((text) => /too long for a card: see the email or the incident/.test(text)));
});

test('Markdown in a name is shown as it is', () => {
  assert.equal(markdownText('**a** _b_ [c](http://evil)'), '\\*\\*a\\*\\* \\_b\\_ \\[c\\](http://evil)');
  assert.equal(markdownText('<script>&amp;`x`'), '\\<script\\>\\&amp;\\`x\\`');
  assert.equal(markdownText('{{DATE(2020-01-01T00:00:00Z)}}'), '\\{\\{DATE(2020-01-01T00:00:00Z)\\}\\}');
  assert.equal(markdownText('\\'), '\\\\');
});

test('a name that begins like a list or a heading is no list and no heading', () => {
  assert.equal(markdownText('- a'), '\\- a');
  assert.equal(markdownText('# a'), '\\# a');
  assert.equal(markdownText('+ a'), '\\+ a');
  assert.equal(markdownText('12. a'), '12\\. a');
  assert.equal(markdownText('12) a'), '12\\) a');
});

test('names with dashes, dots and parentheses inside are left as they are', () => {
  assert.equal(markdownText('ep-contoso.eu (test) #2'), 'ep-contoso.eu (test) #2');
});

test('nothing in an address ends its link', () => {
  assert.equal(markdownLink('a', 'https://x/)](b <c>'), '[a](https://x/%29]%28b%20%3cc%3e)');
});

test('law 10: whatever the name, every special character in a card is escaped', () => {
  fc.assert(
    fc.property(nastyText, (text) => {
      const escaped = markdownText(text);
      assert(!/(?<!\\)(?:\\\\)*[`*_[\]{}<>&~]/.test(escaped), escaped);
      assert.equal(plainTextOf(escaped), text);
    }),
    { numRuns: 500 },
  );
});

function sum(numbers: string[]): number {
  return numbers.reduce((total, number) => total + Number(number.replaceAll(',', '')), 0);
}

test('a digest too long for a card counts what it leaves out, and tells times in words', () => {
  const item = (severity: 'warning' | 'info', n: number) => ({
    severity,
    text: `Vault ${n} ends on 2026-12-03T23:31:53.000Z.`,
    steps: [],
  });
  const items = [
    ...Array.from({ length: 8 }, (_, n) => item('warning', n)),
    ...Array.from({ length: 2 }, (_, n) => item('info', n)),
  ];
  const visibility = {
    id: 's',
    reason: 'warning' as const,
    at: NOW,
    gaps: [],
    remainingGaps: 0,
    warnings: { items, more: 3 },
  };
  const texts = textsWithin(bodyOf(aNotice('warning', [], { visibility })));
  assert.equal(texts.filter((text) => text.includes('Vault')).length, 6 + 2);
  assert.ok(texts.includes('and 2 more'));
  assert.ok(texts.some((text) => text.startsWith('13 ') || text.includes('13 things ahead')));
  assert.ok(texts.some((text) => text.includes('3 more things')));
  assert.ok(texts.some((text) => text.includes('Thu 3 Dec 2026, 23:31 UTC')));
  assert.ok(!texts.some((text) => text.includes('23:31:53')));
});
