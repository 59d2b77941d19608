import type { Facts } from '../../facts/facts.ts';
import type { History } from '../history.ts';
import type { Advisory, AdvisoryFinding, AdvisoryOptions } from './advisory.ts';
import { ADVISORIES } from './register.ts';

/**
 * The advisories for one reading: one finding each, in the register's order. Pure; never throws for read
 * data. `history` includes this reading already (`updateHistory`).
 */
export function judgeAdvisories(
  facts: Facts,
  history: History,
  options: AdvisoryOptions,
  advisories: readonly Advisory[] = ADVISORIES,
): AdvisoryFinding[] {
  return advisories.map((advisory) => advisory.judge(facts, history, options));
}
