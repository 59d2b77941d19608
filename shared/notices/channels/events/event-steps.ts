import type { RemediationStep } from '../../../triggers/finding.ts';
import { linkTo, plain } from '../../say/plain.ts';

/** A remediation step, as an event has it. */
export type EventStep = Pick<RemediationStep, 'text' | 'command' | 'portal' | 'link'>;

const STEPS_LISTED = 20;

/** The steps, bounded in number and length. Pure. */
export function eventSteps(steps: readonly RemediationStep[]): EventStep[] {
  return steps.slice(0, STEPS_LISTED).map(({ text, command, portal, link }) => ({
    text: plain(text, 500),
    command: command === undefined ? undefined : plain(command, 1000),
    portal: portal === undefined ? undefined : plain(portal, 500),
    link: linkTo(link),
  }));
}
