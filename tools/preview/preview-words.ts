import type { PolicyPreview, PreviewFinding, PreviewOutcome } from '../../shared/preview/preview-policy.ts';
import type { PreviewAnswer } from './preview-offline.ts';

export const OUTCOME_WORDS: Readonly<Record<PreviewOutcome, string>> = {
  goesDown: 'goes down',
  mayGoDown: 'may go down',
  unknown: 'not judged',
  refused: 'refused by Azure',
  fine: 'stays up',
};

/** The answer in one sentence. */
export function headline({ outcome, policies, policiesCompared }: PreviewAnswer): string {
  const down = policies.filter((one) => one.outcome === 'goesDown' || one.outcome === 'mayGoDown');
  const count = down.reduce((sum, { environments }) => sum + environments.length, 0);
  const of = `${count} ${count === 1 ? 'environment' : 'environments'} of ${down.length} ${down.length === 1 ? 'policy' : 'policies'}`;
  if (outcome === 'goesDown') return `This change takes down ${of}.`;
  if (outcome === 'mayGoDown') return `This change may take down ${of}.`;
  if (outcome === 'unknown') return 'It could not be judged whether this change takes environments down.';
  if (outcome === 'refused') return 'Azure refuses what would take environments down.';
  return `No environment goes down (${policiesCompared} ${policiesCompared === 1 ? 'policy' : 'policies'} compared).`;
}

/** At once, then by date. */
export function findingsOf(policy: PolicyPreview): (PreviewFinding & { at?: string })[] {
  return [
    ...policy.findings,
    ...policy.atDates.flatMap(({ at, findings }) => findings.map((one) => ({ ...one, at }))),
  ];
}

/** One line, whatever is in it: names and addresses come from elsewhere. */
export function oneLine(text: string, most = 500): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}
