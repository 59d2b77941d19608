import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { emailContent } from '../../../shared/notices/render/email.ts';
import type { Message } from '../../../shared/notices/say/message.ts';
import { plain } from '../../../shared/notices/say/plain.ts';
import { say } from '../../../shared/notices/say/say.ts';
import { aNotice, anEnvironment, anIncident, causeOf, KEY_DISABLED, SAY } from '../a-notice.ts';
import { nastyText } from '../nasty-text.ts';
import { CASES } from '../texts-cases.ts';

const messageNaming = (name: string): Message =>
  say(
    aNotice('opened', [
      anIncident(
        name,
        {
          actor: { kind: 'user', name, ipAddress: name },
          causes: [
            causeOf({
              ...KEY_DISABLED,
              summary: name,
              evidence: [{ text: name, readAt: name }],
              remediation: [{ text: name, command: name, portal: name, link: name }],
            }),
          ],
        },
        [anEnvironment(1, { displayName: name, sku: name, region: name })],
      ),
    ]),
    SAY,
  );

test('law 10: whatever the names, the only markup in the HTML is our own', () => {
  const ours = tagsOf(emailContent(messageNaming('plain name')).html);
  fc.assert(
    fc.property(
      nastyText.filter((text) => plain(text, 10).length > 0 && !/^https?:/.test(text)),
      (name) => {
        const { html } = emailContent(messageNaming(name));
        assert.deepEqual(tagsOf(html), ours);
        assert(html.isWellFormed());
        assert(!/[\u202a-\u202e\u2066-\u2069]/.test(html));
      },
    ),
    { numRuns: 300 },
  );
});

test('the subject is one line of at most 150 characters for any name', () => {
  fc.assert(
    fc.property(nastyText, (name) => {
      const { subject } = emailContent({ ...messageNaming('x'), title: name });
      assert(subject.length <= 150 * 2 && Array.from(subject).length <= 150);
      assert(!/[\r\n\p{Cc}]/u.test(subject));
    }),
  );
});

test('HTML and text say the same: every text of the message stands in both', () => {
  const message = messageNaming('Contoso & <Sons> "1"');
  const { html, text } = emailContent(message);
  const shown = unescaped(html);
  for (const said of textsOf(message)) {
    assert(text.includes(said) || text.includes(said.toUpperCase()), `text: ${said}`);
    assert(shown.includes(said), `html: ${said}`);
  }
});

for (const [name, notice] of Object.entries(CASES))
  test(`every fact and every link of the HTML is in the text too, when it is ${name}`, () => {
    const { html, text } = emailContent(say(notice, { ...SAY, timeZone: 'Europe/Berlin' }));
    const inText = text.toLowerCase().replace(/\s+/g, ' ');
    for (const said of factsOf(html)) assert(inText.includes(said.toLowerCase()), said);
    for (const [, url] of html.matchAll(/href="([^"]*)"/g)) {
      const target = unescaped(url ?? '');
      assert(text.includes(target), target);
      assert(!/[?&](?:code|sig|key|token)=/i.test(target), 'no link holds a key');
    }
  });

test('a mailbox sorted by subject keeps together what is about one policy, and drills apart', () => {
  const subjectOf = (name: string) => emailContent(say(CASES[name] ?? aNotice('opened', []), SAY)).subject;
  for (const name of ['opened', 'reminder-revoked', 'deadline-1-hour', 'closed-by-itself', 'undelivered'])
    assert(subjectOf(name).startsWith('[Lockwatch ep-contoso] '), subjectOf(name));
  assert.match(subjectOf('drill'), /^\[Lockwatch DRILL ep-contoso\] DRILL/);
  assert.match(subjectOf('worsened'), /^\[Lockwatch ep-contoso and ep-fabrikam\] Worse/);
  assert.match(subjectOf('visibilityLost'), /^\[Lockwatch\] /);
});

test('the HTML survives Outlook: tables with widths, inline styles, nothing that Word does not know', () => {
  const { html } = emailContent(messageNaming('x'));
  assert(!/display:\s*(?:flex|grid)|position:|float:|<(?:script|img|link|form|iframe|svg)\b/i.test(html));
  assert.match(html, /<!--\[if mso\]><table role="presentation" width="700"/);
  for (const tag of html.match(/<(?:h1|h2|h3|p|td|a|li|ol|ul)\b[^>]*>/g) ?? [])
    assert(/style="|^<(?:li|td width="8"|td align="center")|<td>/.test(tag), `no inline style: ${tag}`);
  for (const cell of html.match(/<td[^>]*background-color[^>]*>/g) ?? []) assert.match(cell, /bgcolor="#/);
});

test('dark mode is asked for and styled, and the light colours stand inline for those that know none', () => {
  const { html } = emailContent(messageNaming('x'));
  assert.match(html, /<meta name="color-scheme" content="light dark">/);
  assert.match(html, /<meta name="supported-color-schemes" content="light dark">/);
  assert.match(html, /@media \(prefers-color-scheme:dark\)/);
  const styled = new Set(
    [...html.matchAll(/class="([^"]+)"/g)].flatMap(([, names]) => names?.split(' ') ?? []),
  );
  for (const name of styled) assert(html.includes(`.${name}{`), `class ${name} has dark colours`);
});

test('an email names a thousand environments and counts the rest', () => {
  const environments = Array.from({ length: 1500 }, (_, index) => anEnvironment(index));
  const { text, html } = emailContent(say(aNotice('opened', [anIncident('ep-a', {}, environments)]), SAY));
  assert.equal(text.match(/^ {2}- Environment/gm)?.length, 1000);
  for (const form of [text, html]) assert(form.includes('and 500 more that are not named here'));
});

test('each environment has its row: name with its link, type, region, state, deadline', () => {
  const environment = anEnvironment(1, { sku: 'Sandbox', deletedAt: '2025-11-30T02:13:52.000Z' });
  const { html } = emailContent(say(aNotice('opened', [anIncident('ep-a', {}, [environment])]), SAY));
  const row = html.split('<tr>').find((one) => one.includes('/hub"')) ?? '';
  assert.deepEqual(
    [...row.matchAll(/<td[^>]*>(.*?)<\/td>/g)].map(([, cell]) =>
      cell?.replace(/<\/?span[^>]*>| (?:class|style)="[^"]*"/g, ''),
    ),
    [
      `<a href="${SAY.adminCenterUrl}/environments/environment/${environment.id}/hub">Environment 1</a><br>Sandbox, europe`,
      'offline<br>deletion from 30 Nov, 02:13 UTC, an estimate',
    ],
    'two columns, so that it fits a phone',
  );
});

test('a command stands alone on its line', () => {
  const { text } = emailContent(say(aNotice('opened', [anIncident('ep-a')]), SAY));
  assert(text.split('\n').some((line) => line.trim() === KEY_DISABLED.remediation[0]?.command));
});

function tagsOf(html: string): string[] {
  return [...html.matchAll(/<[a-z/!][^>]*>/gi)].map(([tag]) => tag.replace(/href="[^"]*"/, 'href'));
}

function textsOf(message: Message): string[] {
  return [
    message.title,
    ...message.lead,
    ...message.glance.flatMap(({ label, value }) => [label, value]),
    ...message.sections.flatMap(({ heading, texts, policies = [], evidence = [], steps = [] }) => [
      heading,
      ...texts,
      ...policies.flatMap(({ name, environments }) => [name, ...environments.map((one) => one.name)]),
      ...evidence.map(({ text }) => text),
      ...steps.flatMap(({ text, command, portal }) => [text, command ?? '', portal ?? '']),
    ]),
    ...message.links.flatMap(({ text, url }) => [text, url]),
  ].filter(Boolean);
}

/** The texts between the tags of the body, line by line as a person sees them. */
function factsOf(html: string): string[] {
  const body = html.slice(html.indexOf('<body')).replace(/<!--.*?-->/g, '');
  return body
    .split(/<[^>]+>/)
    .map((text) => unescaped(text).replace(/\s+/g, ' ').trim())
    .map((text) => text.replace(/^\((.*)\)$/, '$1').replace(/^Read more$/, ''))
    .filter((text) => text !== '' && !TABLE_HEADS.has(text));
}
const TABLE_HEADS = new Set(['Environment', 'State, deadline']);

function unescaped(html: string): string {
  return html
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}
