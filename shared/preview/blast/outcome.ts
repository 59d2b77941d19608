import type { PreviewOutcome } from '../preview-policy.ts';

/** `alreadyDown`: the policy is down without it. Where it trips a trigger, it would add a cause. */
export type BlastOutcome = PreviewOutcome | 'alreadyDown';

/** The gravest first. */
export const BLAST_OUTCOMES: readonly BlastOutcome[] = [
  'goesDown',
  'mayGoDown',
  'alreadyDown',
  'unknown',
  'refused',
  'fine',
];

export function gravestOutcome(outcomes: readonly BlastOutcome[]): BlastOutcome {
  return BLAST_OUTCOMES.find((one) => outcomes.includes(one)) ?? 'fine';
}
