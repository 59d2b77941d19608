import { sameId } from '../azure/arm-id.ts';
import type { Finding } from '../triggers/finding.ts';
import { covers } from '../triggers/finding-subject.ts';
import type { Cause, Head, Incident } from './incident.ts';

type SettledCause = NonNullable<Head['settledCauses']>[number];

/**
 * The causes that stood when a person closed the incident: they were judged by a person, and open nothing again. One
 * that was judged in an earlier incident, and can't be read now, stays judged.
 */
export function settledCausesOf({ state, causes }: Incident, head: Head): SettledCause[] {
  const before = head.settledCauses ?? [];
  if (state === 'accessRestored') return before;
  const closed = causes.map(({ trigger, scope, verdict, finding }) =>
    withSubject(
      { trigger, scope, verdict: finding.verdict === 'suspected' ? 'suspected' : verdict },
      finding.subject,
    ),
  );
  const isAnew = ({ trigger }: SettledCause) => causes.some((cause) => cause.trigger === trigger);
  return [...before.filter((one) => !isAnew(one)), ...closed];
}

/** What of them still stands: one that has read clear would be news again, and so would any part of it. */
export function stillSettled(
  head: Head | undefined,
  findings: readonly Finding[],
): Pick<Head, 'settledCauses'> {
  const read = new Map(findings.map((finding) => [finding.trigger, finding]));
  const left = (head?.settledCauses ?? []).flatMap((cause) => stillStanding(cause, read.get(cause.trigger)));
  return left.length > 0 ? { settledCauses: left } : {};
}

function stillStanding(cause: SettledCause, finding: Finding | undefined): SettledCause[] {
  if (!finding || finding.verdict === 'unknown') return [cause];
  if (finding.verdict === 'clear') return [];
  if (!cause.subject) return [cause];
  const subject = (finding.subject ?? []).filter((item) => covers(cause.subject, [item]));
  return subject.length > 0 ? [{ ...cause, subject }] : [];
}

function withSubject(cause: SettledCause, subject: Finding['subject']): SettledCause {
  return subject && subject.length > 0 ? { ...cause, subject: [...subject] } : cause;
}

/** True where a person has closed an incident over this very cause, and it has become no graver and no larger since. */
export function isSettled(cause: Cause, head: Head | undefined): boolean {
  return (head?.settledCauses ?? []).some(
    ({ trigger, scope, verdict, subject }) =>
      trigger === cause.trigger &&
      sameId(scope, cause.scope) &&
      covers(subject, cause.finding.subject) &&
      (verdict === 'revoked' || cause.verdict === 'suspected'),
  );
}
