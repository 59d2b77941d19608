import type { Signal } from '../signals/signal.ts';
import { withAssertions } from './assertions.ts';
import type { Finding } from './finding.ts';
import { foldLock, type StandingCauses } from './fold-lock.ts';
import type { History } from './history.ts';
import { type EarlierFindings, withRefusedUnwraps } from './refused-unwrap.ts';

/**
 * The findings of a reading, with what its signals add: a suspicion where the state can't be read, and the
 * confirmation of a suspicion. Pure. Signals never refute a finding. An effect that a cause of the open
 * incident explains is evidence of that cause.
 */
export function judgeSignals(
  findings: readonly Finding[],
  history: History,
  signals: readonly Signal[],
  now: string,
  earlier: (EarlierFindings & StandingCauses) | undefined,
): Finding[] {
  const asserted = withAssertions(findings, history, signals);
  return foldLock(withRefusedUnwraps(asserted, earlier, history, signals), history, now, earlier);
}
