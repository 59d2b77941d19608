import { HELP, type Message, type Section } from '../../say/message.ts';
import { linkTo, truncate } from '../../say/plain.ts';
import { type SayOptions, say } from '../../say/say.ts';
import { thousands } from '../../say/words.ts';
import type { Meaning } from '../http/http-post.ts';
import { fieldOf } from '../http/vendor-failure.ts';
import type { WebhookPreset } from '../webhook/webhook.ts';
import type { WebhookService } from '../webhook/webhook-channel.ts';

export const slack: WebhookService = { name: 'slack', preset: slackPreset };

/** Slack docs, Block Kit reference: text of a section, a field and a header; blocks of a message. */
const MAX_TEXT = 3000;
const MAX_FIELD = 2000;
const MAX_HEADER = 150;
const MAX_BLOCKS = 50;
/** A section has several steps: a longer command would leave no room for the others. */
const MAX_COMMAND = 1000;
const ENVIRONMENTS_LISTED = 20;

/**
 * A Slack incoming webhook: the message in blocks, and a text for the notification. A deleted webhook answers
 * 404 (`no_service`), one whose channel is archived answers 410.
 */
export function slackPreset(options: { say: SayOptions }): WebhookPreset {
  return {
    parts(notice) {
      const message = say(notice, options.say);
      return [{ key: message.messageId, headers: {}, body: JSON.stringify(slackBody(message)) }];
    },
    // Slack docs, "Sending messages using incoming webhooks": 200 and the text ok; errors are a word each.
    refusal({ text, json }) {
      if (text.trim() === 'ok' || fieldOf(json, 'ok') === true) return undefined;
      return meaningOf(text.trim()) ?? { permanent: false, why: 'the answer is not the “ok” of Slack.' };
    },
    meaning: (_status, word) => meaningOf(word ?? ''),
  };
}

/** Slack docs, "Handling errors" of incoming webhooks. An admin can repair the channel, the webhook or the workspace. */
function meaningOf(word: string): Meaning | undefined {
  if (FOR_GOOD.has(word))
    return { permanent: true, why: 'it refuses this message, and would refuse it again.' };
  if (REPAIRABLE.has(word))
    return {
      permanent: false,
      why: 'the channel or the webhook is gone, archived or not allowed. Check it in Slack.',
    };
  return undefined;
}

const FOR_GOOD: ReadonlySet<string> = new Set([
  'invalid_payload',
  'invalid_blocks',
  'no_text',
  'too_many_attachments',
]);
const REPAIRABLE: ReadonlySet<string> = new Set([
  'action_prohibited',
  'channel_is_archived',
  'channel_not_found',
  'invalid_token',
  'no_active_hooks',
  'no_service',
  'no_service_id',
  'no_team',
  'posting_to_general_channel_denied',
  'team_disabled',
  'user_not_found',
]);

export function slackBody(message: Message): { text: string; blocks: object[] } {
  const rest = whereTheRestIs(message);
  const blocks: object[] = [
    { type: 'header', text: { type: 'plain_text', text: truncate(message.title, MAX_HEADER), emoji: false } },
    section(message.lead.map(escaped), rest),
    {
      type: 'section',
      fields: message.glance
        .slice(0, 10)
        .map(({ label, value }) =>
          mrkdwn(within([`*${escaped(label)}*`, escaped(truncate(value, 300))], MAX_FIELD, '…')),
        ),
    },
    ...message.sections.map((one) => section([`*${escaped(one.heading)}*`, ...linesOf(one, rest)], rest)),
  ];
  const links = message.links.flatMap(({ text, url }) => link(text, url) ?? []);
  if (links.length > 0) blocks.push(section(links, rest));
  const help = link(HELP, message.helpUrl) ?? [];
  blocks.push({ type: 'context', elements: [help, escaped(message.footer)].flat().map(mrkdwn) });
  return {
    text: escaped(truncate(message.summary, 600)),
    blocks: blocks.filter((block) => !isEmpty(block)).slice(0, MAX_BLOCKS),
  };
}

function isEmpty(block: object): boolean {
  return 'fields' in block && Array.isArray(block.fields) && block.fields.length === 0;
}

/** A page of Lockwatch, where the message has a link to one; those to other places belong to a section (`of`). */
function whereTheRestIs({ links }: Message): string {
  const page = links.find(({ of }) => of === undefined);
  const shown = page && link(page.text, page.url);
  return shown === undefined ? 'in the email' : `in the email, and here: ${shown}`;
}

function linesOf({ texts, policies = [], evidence = [], steps = [] }: Section, rest: string): string[] {
  return [
    ...texts.map(escaped),
    ...policies.flatMap(({ name, count, environments }) => {
      const shown = environments.slice(0, ENVIRONMENTS_LISTED);
      return [
        `_${escaped(name)}_`,
        ...shown.map((one) => `• ${link(one.name, one.url) ?? escaped(one.name)} (${escaped(one.state)})`),
        ...(count > shown.length ? [`• and ${thousands(count - shown.length)} more`] : []),
      ];
    }),
    ...evidence.map(({ text }) => `• ${escaped(text)}`),
    ...steps.flatMap(({ text, command, portal }, index) => [
      `${index + 1}. ${escaped(text)}`,
      ...(command ? [commandLine(command, rest)] : []),
      ...(portal ? [escaped(portal)] : []),
    ]),
  ];
}

/** Half a command is worse than none. A backtick would end the code span. */
function commandLine(command: string, rest: string): string {
  const shown = `\`${escaped(command.replaceAll('`', "'"))}\``;
  return shown.length > MAX_COMMAND ? `Its command is too long for Slack: it is ${rest}.` : shown;
}

function section(lines: readonly string[], rest: string): object {
  return { type: 'section', text: mrkdwn(within(lines, MAX_TEXT, `… The rest is ${rest}.`)) };
}

/** `verbatim`: no part of an untrusted name becomes a link or a mention. */
function mrkdwn(text: string): object {
  return { type: 'mrkdwn', text, verbatim: true };
}

/** As many whole lines as fit, and `end`: half a line could be half a link or half an escaped character. */
function within(lines: readonly string[], most: number, end: string): string {
  if (lines.reduce((sum, line) => sum + line.length + 1, 0) <= most) return lines.join('\n') || ' ';
  const shown: string[] = [];
  let length = end.length;
  for (const line of lines) {
    length += line.length + 1;
    if (length > most) break;
    shown.push(line);
  }
  return [...shown, end].join('\n');
}

/**
 * Slack docs: "Formatting text for app surfaces", escaping. Slack makes links and mentions only within <>.
 */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function link(text: string, url: string | undefined): string | undefined {
  const href = linkTo(url)?.replaceAll('|', '%7C').replaceAll('>', '%3E').replaceAll('<', '%3C');
  return href === undefined
    ? undefined
    : `<${href.replaceAll('&', '&amp;')}|${escaped(text.replaceAll('|', '/'))}>`;
}
