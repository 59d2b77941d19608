import type { Facts } from '../facts/facts.ts';
import { decide } from '../incidents/decide.ts';
import type { PolicyState, Transition } from '../incidents/incident.ts';
import type { Signal } from '../signals/signal.ts';
import type { OwnSettings } from '../triggers/advisories/advisory.ts';
import { judgeAdvisories } from '../triggers/advisories/judge-advisories.ts';
import type { JudgeOptions } from '../triggers/finding.ts';
import { judge } from '../triggers/judge.ts';
import { updateHistory } from '../triggers/remember.ts';
import { rememberUnwraps } from '../triggers/remember-unwraps.ts';

/**
 * What one reading changes. Pure. The history is updated here and nowhere else; triggers, advisories and the
 * state machine all use the result. `settings`: for the advisories, if the reading checked their facts.
 */
export function decideOnReading(
  policyState: PolicyState | undefined,
  { facts, signals }: { facts: Facts; signals: Signal[] },
  { settings, closeAfterMs, ...options }: JudgeOptions & { settings: OwnSettings; closeAfterMs: number },
): Transition {
  const { now } = options;
  const before = rememberUnwraps(policyState?.history ?? { policyId: facts.policyId }, signals);
  const history = updateHistory(before, facts);
  const findings = judge(facts, history, options);
  const advisories = facts.protection && judgeAdvisories(facts, history, { now, settings });
  return decide(policyState, { facts, findings, history, signals, advisories, closeAfterMs, now });
}
