import type { Part } from '../../azure/part.ts';
import type { Evidence, RemediationStep } from '../finding.ts';
import type { Advisory, AdvisoryFinding, Severity } from './advisory.ts';

type AdvisoryKind = Pick<Advisory, 'id' | 'severities'>;

/** The reading shows the risk that the advisory warns of. */
export function present(
  { id, severities }: AdvisoryKind,
  scope: string,
  details: {
    summary: string;
    evidence: Evidence[];
    remediation: RemediationStep[];
    severity?: Severity;
    step?: number;
  },
): AdvisoryFinding {
  return { advisory: id, verdict: 'present', scope, ...details, severity: details.severity ?? severities[0] };
}

/** The reading shows that the risk is absent. */
export function absent(
  { id, severities }: AdvisoryKind,
  scope: string,
  summary: string,
  evidence: Evidence[] = [],
): AdvisoryFinding {
  return {
    advisory: id,
    verdict: 'absent',
    severity: severities[0],
    summary,
    evidence,
    remediation: [],
    scope,
  };
}

/** The reading can't decide. `why` is one sentence. */
export function unknownAdvisory(
  { id, severities }: AdvisoryKind,
  scope: string,
  why: string,
  evidence: Evidence[] = [],
): AdvisoryFinding {
  return {
    advisory: id,
    verdict: 'unknown',
    severity: severities[0],
    summary: why,
    evidence,
    remediation: [],
    scope,
  };
}

/** The reading can't decide, because this part of the observed state is missing or was not requested. */
export function unreadableAdvisory(
  advisory: AdvisoryKind,
  scope: string,
  what: string,
  part: Exclude<Part<unknown>, { state: 'known' }> | undefined,
): AdvisoryFinding {
  if (part === undefined) return unknownAdvisory(advisory, scope, `${what} not read yet.`);
  const reason = part.state === 'unknown' ? part.reason : 'gone';
  return unknownAdvisory(advisory, scope, `${what} not known (${reason}): ${part.detail}`, [
    { text: part.detail, source: scope, readAt: part.readAt },
  ]);
}
