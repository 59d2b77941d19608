import type { Part } from '../azure/part.ts';
import type { Evidence, Finding, TriggerId } from './finding.ts';

/** The reading says that this trigger has not tripped. */
export function clear(trigger: TriggerId, scope: string, summary: string, evidence: Evidence[]): Finding {
  return { trigger, verdict: 'clear', summary, evidence, remediation: [], scope };
}

/** The reading can't decide. `why` is one sentence. */
export function unknownFinding(
  trigger: TriggerId,
  scope: string,
  why: string,
  evidence: Evidence[] = [],
): Finding {
  return { trigger, verdict: 'unknown', summary: why, evidence, remediation: [], scope };
}

/** The reading can't decide, because this part of the observed state is missing. */
export function unreadableFinding(
  trigger: TriggerId,
  scope: string,
  what: string,
  part: Exclude<Part<unknown>, { state: 'known' }>,
): Finding {
  const reason = part.state === 'unknown' ? part.reason : 'gone';
  return unknownFinding(trigger, scope, `${what} could not be read (${reason}): ${part.detail}`, [
    { text: part.detail, source: scope, readAt: part.readAt },
  ]);
}
