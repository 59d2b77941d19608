import type { PolicyPreview } from '../../shared/preview/preview-policy.ts';
import type { PreviewAnswer } from './preview-offline.ts';
import { findingsOf, headline, OUTCOME_WORDS, oneLine } from './preview-words.ts';

/** GitHub refuses a comment of more than 65,536 characters. */
const MAX_LENGTH = 60_000;
const MAX_ENVIRONMENTS = 30;

/** For a comment of a pull request. */
export function toMarkdown(answer: PreviewAnswer): string {
  const parts = [`### Lockwatch: ${headline(answer)}`, ''];
  const shown = answer.policies.filter(({ outcome, notes }) => outcome !== 'fine' || notes.length > 0);
  if (shown.length > 0) {
    parts.push('| policy | what happens | environments | why | by |', '|---|---|---|---|---|');
    for (const policy of shown) parts.push(...rowsOf(policy));
    parts.push('');
  }
  for (const policy of shown) parts.push(...detailsOf(policy));
  for (const { address, because } of answer.cannotJudge)
    parts.push(`- Not judged: ${address === undefined ? '' : `${code(address)}: `}${escaped(because)}`);
  const text = `${parts.join('\n').trimEnd()}\n`;
  return text.length <= MAX_LENGTH
    ? text
    : `${text.slice(0, MAX_LENGTH)}\n\nThe rest is left out: run it with --json.\n`;
}

function rowsOf(policy: PolicyPreview): string[] {
  const { name, outcome, environments, refused, cannotJudge } = policy;
  const start = `| ${code(name)} | **${OUTCOME_WORDS[outcome]}**`;
  const rows = findingsOf(policy).map(
    ({ summary, changes, at }) =>
      `${start}${at === undefined ? '' : ` on ${at.slice(0, 10)}`} | ${environments.length} | ${escaped(summary)} | ${changes.map(code).join('<br>')} |`,
  );
  const others = [...refused, ...cannotJudge].map(
    ({ address, because }) =>
      `${start} | ${environments.length} | ${escaped(because)} | ${address === undefined ? '' : code(address)} |`,
  );
  return [...rows, ...others];
}

function detailsOf({ name, outcome, environments, notes }: PolicyPreview): string[] {
  const lines = notes.map((note) => `- ${code(name)}: ${escaped(note)}`);
  if (outcome === 'fine' || outcome === 'refused' || environments.length === 0) return [...lines, ''];
  const more = environments.length - MAX_ENVIRONMENTS;
  return [
    ...lines,
    '',
    `<details><summary>Environments of ${escaped(name)}</summary>`,
    '',
    '| environment | SKU | region |',
    '|---|---|---|',
    ...environments
      .slice(0, MAX_ENVIRONMENTS)
      .map(({ displayName, sku, region }) => `| ${code(displayName)} | ${code(sku)} | ${code(region)} |`),
    ...(more > 0 ? [`| and ${more} more | | |`] : []),
    '',
    '</details>',
    '',
  ];
}

/** No backtick ends it, no bar divides the table's cell, and no HTML is in it. */
function code(text: string): string {
  return `\`${oneLine(text, 300).replaceAll('`', "'").replaceAll('|', '\\|') || ' '}\``;
}

/** Text of others neither links, nor mentions anybody, nor is HTML. */
function escaped(text: string): string {
  return oneLine(text, 1000)
    .replace(/[\\`*_{}[\]()<>#+|~!]/g, (one) => `\\${one}`)
    .replaceAll('@', '@\u200B')
    .replaceAll('://', ':\u200B//');
}
