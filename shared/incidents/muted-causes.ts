import { sameId } from '../azure/arm-id.ts';
import type { Finding } from '../triggers/finding.ts';
import { coversSubject } from '../triggers/finding-subject.ts';
import type { Cause, Incident, PolicyState } from './incident.ts';

type MutedCause = NonNullable<PolicyState['mutedCauses']>[number];

/**
 * The causes that were present when a person closed the incident. A person has judged them, so they open no
 * new incident. A cause that was judged in an earlier incident and can't be read now stays muted.
 */
export function mutedCausesOf({ state, causes }: Incident, policyState: PolicyState): MutedCause[] {
  const before = policyState.mutedCauses ?? [];
  if (state === 'accessRestored') return before;
  const closed = causes.map(({ trigger, scope, verdict, finding }) =>
    withSubject(
      { trigger, scope, verdict: finding.verdict === 'suspected' ? 'suspected' : verdict },
      finding.subject,
    ),
  );
  const isAnew = ({ trigger }: MutedCause) => causes.some((cause) => cause.trigger === trigger);
  return [...before.filter((one) => !isAnew(one)), ...closed];
}

/**
 * The muted causes that are still present. A cause that has read clear would be news again, and so would any
 * part of it.
 */
export function stillMuted(
  policyState: PolicyState | undefined,
  findings: readonly Finding[],
): Pick<PolicyState, 'mutedCauses' | 'closedStanding'> {
  const read = new Map(findings.map((finding) => [finding.trigger, finding]));
  const left = (policyState?.mutedCauses ?? []).flatMap((cause) =>
    stillStanding(cause, read.get(cause.trigger)),
  );
  if (left.length === 0) return {};
  const closed = policyState?.closedStanding;
  const stands = closed?.causes.some(({ trigger }) => left.some((cause) => cause.trigger === trigger));
  return { mutedCauses: left, ...(closed && stands ? { closedStanding: closed } : {}) };
}

function stillStanding(cause: MutedCause, finding: Finding | undefined): MutedCause[] {
  if (!finding || finding.verdict === 'unknown') return [cause];
  if (finding.verdict === 'clear') return [];
  if (!cause.subject) return [cause];
  const subject = (finding.subject ?? []).filter((item) => coversSubject(cause.subject, [item]));
  return subject.length > 0 ? [{ ...cause, subject }] : [];
}

function withSubject(cause: MutedCause, subject: Finding['subject']): MutedCause {
  return subject && subject.length > 0 ? { ...cause, subject: [...subject] } : cause;
}

/**
 * True if a person has closed an incident over this very cause and it has become neither graver nor larger
 * since.
 */
export function isMuted(
  cause: Cause,
  policyState: PolicyState | undefined,
  mayAffectEnvironments: boolean,
): boolean {
  return (policyState?.mutedCauses ?? []).some(
    ({ trigger, scope, verdict, subject, whileEmpty }) =>
      !(whileEmpty && mayAffectEnvironments) &&
      trigger === cause.trigger &&
      sameId(scope, cause.scope) &&
      coversSubject(subject, cause.finding.subject) &&
      (verdict === 'revoked' || cause.verdict === 'suspected'),
  );
}
