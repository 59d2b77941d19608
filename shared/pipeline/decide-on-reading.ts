import type { Facts } from '../facts/facts.ts';
import { decide } from '../incidents/decide.ts';
import type { PolicyState, Transition } from '../incidents/incident.ts';
import type { Signal } from '../signals/signal.ts';
import type { AdvisoryFinding } from '../triggers/advisories/advisory.ts';
import type { JudgeOptions } from '../triggers/finding.ts';
import type { History } from '../triggers/history.ts';
import { judge } from '../triggers/judge.ts';
import { withoutOlderList } from '../triggers/older-list.ts';
import { updateHistory } from '../triggers/remember.ts';
import { rememberUnwraps } from '../triggers/remember-unwraps.ts';

/** Judges the advisories of one reading that has their facts. Times ISO 8601. */
export type Advise = (facts: Facts, history: History, now: string) => AdvisoryFinding[];

/**
 * What one reading changes. Pure. The history is updated here and nowhere else; triggers, advisories and the
 * state machine all use the result. `advise`: only where the reading checked the facts of the advisories.
 */
export function decideOnReading(
  policyState: PolicyState | undefined,
  { facts: read, signals }: { facts: Facts; signals: Signal[] },
  { advise, closeAfterMs, ...options }: JudgeOptions & { advise?: Advise; closeAfterMs: number },
): Transition {
  const { now } = options;
  const before = rememberUnwraps(policyState?.history ?? { policyId: read.policyId }, signals, now);
  const facts = withoutOlderList(read, before);
  const history = updateHistory(before, facts);
  const findings = judge(facts, history, options);
  const advisories = advise?.(facts, history, now);
  return decide(policyState, { facts, findings, history, signals, advisories, closeAfterMs, now });
}
