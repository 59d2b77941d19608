import type { PolicyPreview } from '../../shared/preview/preview-policy.ts';
import type { PreviewAnswer } from './preview-offline.ts';
import { findingsOf, headline, OUTCOME_WORDS, oneLine } from './preview-words.ts';

const MAX_ENVIRONMENTS = 20;

/** For people at a terminal. */
export function toTable(answer: PreviewAnswer): string {
  const lines = [headline(answer), ''];
  for (const policy of answer.policies) lines.push(...policyLines(policy), '');
  for (const { address, because } of answer.cannotJudge)
    lines.push(`Not judged: ${address === undefined ? '' : `${oneLine(address)}: `}${oneLine(because)}`);
  lines.push(
    `${answer.changes} changes that can matter to a key vault; facts of ${answer.asOf ?? 'no reading'}.`,
  );
  return `${lines.join('\n')}\n`;
}

function policyLines(policy: PolicyPreview): string[] {
  const { name, outcome, before, after, environments } = policy;
  const lines = [`${oneLine(name)}: ${OUTCOME_WORDS[outcome]} (${before} -> ${after})`];
  for (const { trigger, verdict, summary, changes, at } of findingsOf(policy)) {
    lines.push(
      `  ${at === undefined ? 'at once' : `on ${at}`}: ${trigger} (${verdict}): ${oneLine(summary)}`,
    );
    for (const change of changes) lines.push(`    by ${oneLine(change)}`);
  }
  for (const { address, because } of policy.refused)
    lines.push(`  refused: ${oneLine(address)}: ${oneLine(because)}`);
  for (const { address, because } of policy.cannotJudge)
    lines.push(`  not judged: ${oneLine(address ?? '')}: ${oneLine(because)}`);
  for (const note of policy.notes) lines.push(`  note: ${oneLine(note, 1000)}`);
  if (outcome === 'fine' || outcome === 'refused') return lines;
  const width = Math.max(
    0,
    ...environments.slice(0, MAX_ENVIRONMENTS).map((one) => oneLine(one.displayName, 60).length),
  );
  for (const { displayName, sku, region, url } of environments.slice(0, MAX_ENVIRONMENTS))
    lines.push(
      `  ${oneLine(displayName, 60).padEnd(width)}  ${oneLine(sku, 20).padEnd(10)}  ${oneLine(region, 20)}  ${oneLine(url ?? '', 100)}`.trimEnd(),
    );
  if (environments.length > MAX_ENVIRONMENTS)
    lines.push(`  and ${environments.length - MAX_ENVIRONMENTS} more`);
  return lines;
}
