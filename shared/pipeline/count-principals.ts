import { before, deadlineIn, LATE } from '../azure/deadline.ts';
import { unknown } from '../azure/outcome.ts';
import type { Facts } from '../facts/facts.ts';
import type { Reading } from '../facts/reader.ts';
import type { JudgeOptions } from '../triggers/finding.ts';
import type { History } from '../triggers/history.ts';
import { judgeFacts } from '../triggers/judge.ts';
import { updateHistory } from '../triggers/remember.ts';
import { needsNewCount } from '../triggers/remember-principals.ts';
import type { Ports } from './ports.ts';

/** As for the other protections: nothing is offline without this number. */
const MAX_MS = 3_000;

/** The facts with the number of principals who can lock the policy, where a day has passed since the last count. */
export async function withPrincipals(
  facts: Facts,
  history: History | undefined,
  session: Reading,
  { countPrincipals, clock, config }: Pick<Ports, 'countPrincipals' | 'clock' | 'config'>,
): Promise<Facts> {
  const { protection } = facts;
  if (countPrincipals === undefined || protection === undefined) return facts;
  if (!needsNewCount(history?.principals, clock.now())) return facts;
  if (showsLoss(facts, history, { now: clock.now(), networkReading: config.networkReading })) return facts;
  const counted = await before(deadlineIn(MAX_MS, clock), () => countPrincipals(facts, session));
  const lockingPrincipals =
    counted === LATE ? unknown('timeout', 'The rights on the policy were slow.', clock.now()) : counted;
  return { ...facts, protection: { ...protection, lockingPrincipals } };
}

/** People wait for the notice of it, and the number can wait for the next sweep. */
function showsLoss(facts: Facts, before: History | undefined, options: JudgeOptions): boolean {
  const findings = judgeFacts(facts, updateHistory(before, facts), options);
  return findings.some(({ verdict }) => verdict === 'revoked' || verdict === 'suspected');
}
