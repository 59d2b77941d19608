import { sameId } from '../facts/arm-id.ts';
import type { Finding } from '../triggers/finding.ts';
import type { Cause, Head, Incident } from './incident.ts';

/** The causes that stood when a person closed the incident: they were judged by a person, and open nothing again. */
export function settledCausesOf({ state, causes }: Incident): NonNullable<Head['settledCauses']> {
  if (state === 'accessRestored') return [];
  return causes.map(({ trigger, scope, verdict }) => ({ trigger, scope, verdict }));
}

/** What of them still stands: one that has read clear would be news again. */
export function stillSettled(
  head: Head | undefined,
  findings: readonly Finding[],
): Pick<Head, 'settledCauses'> {
  const verdicts = new Map(findings.map(({ trigger, verdict }) => [trigger, verdict]));
  const left = (head?.settledCauses ?? []).filter(({ trigger }) => verdicts.get(trigger) !== 'clear');
  return left.length > 0 ? { settledCauses: left } : {};
}

/** True where a person has closed an incident over this very cause, and it has become no graver since. */
export function isSettled(cause: Cause, head: Head | undefined): boolean {
  return (head?.settledCauses ?? []).some(
    ({ trigger, scope, verdict }) =>
      trigger === cause.trigger &&
      sameId(scope, cause.scope) &&
      (verdict === 'revoked' || cause.verdict === 'suspected'),
  );
}
