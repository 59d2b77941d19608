import type { Signal } from '../signals/signal.ts';
import { withAssertions } from './assertions.ts';
import type { Finding, History } from './finding.ts';
import { type EarlierFindings, withRefusedUnwraps } from './refused-unwrap.ts';

/**
 * The findings of a reading, with what its signals add: a suspicion where the state can't be read, and the
 * confirmation of a suspicion. Pure. Signals never refute a finding.
 */
export function judgeSignals(
  findings: readonly Finding[],
  history: History,
  signals: readonly Signal[],
  earlier: EarlierFindings | undefined,
): Finding[] {
  return withRefusedUnwraps(withAssertions(findings, history, signals), earlier, history, signals);
}
