import { policyKey } from '../../incidents/ids.ts';
import type { Head, Incident } from '../../incidents/incident.ts';
import type { Verdict } from '../../triggers/finding.ts';
import { isNamed, readFields } from './filter.ts';

export interface Filter {
  environment?: string;
  policy?: string;
  vault?: string;
}

const FIELDS = ['environment', 'policy', 'vault'] as const;

/** Reads `?environment=`, `?policy=`, `?vault=`. Throws `BadFilter`; an unknown parameter is a fault, not ignored. */
export function readFilter(parameters: URLSearchParams): Filter {
  return readFields(parameters, FIELDS);
}

/** The whole tenant, or the part that the filter asks for. Pure. */
export function statusAnswer(
  heads: readonly Head[],
  filter: Filter,
  context: { now: string; unreadable?: number; sweepIntervalMs: number },
) {
  const chosen = heads
    .filter((head) => matches(head, filter))
    .map((head) => withAge(head, context))
    .sort((a, b) => rank(a) - rank(b) || a.policyId.localeCompare(b.policyId));
  const readTimes = chosen.map((head) => head.readAt).sort();
  const oldest = readTimes[0] ?? null;
  return {
    answeredAt: context.now,
    /** The oldest reading that this answer stands on. */
    asOf: oldest,
    /** The worst of all that can be watched; an unsupported policy is counted, and does not hide the others. */
    verdict: worst(chosen.filter(({ supported }) => supported)),
    counts: {
      policies: chosen.length,
      revoked: chosen.filter((head) => head.verdict === 'revoked').length,
      suspected: chosen.filter((head) => head.verdict === 'suspected').length,
      unknown: chosen.filter((head) => head.supported && head.verdict === 'unknown').length,
      notSupported: chosen.filter(({ supported }) => !supported).length,
      clear: chosen.filter((head) => head.verdict === 'clear').length,
      openIncidents: chosen.filter((head) => head.incident).length,
      advisories: chosen.flatMap(advisoriesOf).filter(({ verdict }) => verdict === 'present').length,
    },
    unreadableMessages: context.unreadable ?? null,
    policies: chosen.map((head) => policyAnswer(head, filter)),
  };
}

/** A reading that should long have been made again says nothing of now. */
const STALE_AFTER = 3;

/** Unknown is never fine: where the sweep does not reach a policy (throttled without end, say), "clear" grows old. */
function withAge(head: Head, { now, sweepIntervalMs }: { now: string; sweepIntervalMs: number }): Head {
  const isOld = Date.parse(now) - Date.parse(head.readAt) > STALE_AFTER * sweepIntervalMs;
  if (!isOld || head.verdict !== 'clear') return head;
  const warning = `The last reading is of ${head.readAt}; since then nobody could read this policy.`;
  return { ...head, verdict: 'unknown', warnings: [...head.warnings, warning] };
}

function policyAnswer(head: Head, filter: Filter) {
  const { policy, vault, key, environments } = head.remembered;
  const members = environments?.members ?? [];
  return {
    id: head.policyId,
    /** Names the policy in addresses, where its name does not suffice. */
    key: policyKey(head.policyId),
    name: policy?.name ?? head.policyId.split('/').at(-1) ?? head.policyId,
    supported: head.supported,
    verdict: head.verdict,
    readAt: head.readAt,
    geo: policy?.geo ?? null,
    healthStatus: policy?.healthStatus ?? null,
    vaultId: vault?.id ?? policy?.vaultId ?? null,
    keyName: key?.name ?? policy?.keyName ?? null,
    keyVersion: policy?.keyVersion ?? null,
    parts: head.parts,
    findings: head.findings
      .filter((finding) => finding.verdict !== 'clear')
      .map(({ trigger, verdict, summary, evidence }) => ({ trigger, verdict, summary, evidence })),
    incident: head.incident ? incidentSummary(head.incident) : null,
    /** Planned or running. */
    silences: head.silences ?? [],
    warnings: head.warnings,
    advisories: advisoriesOf(head),
    /** When the truth was last read for them; null: not yet. */
    advisoriesAsOf: head.advisories?.readAt ?? null,
    environments: {
      asOf: environments?.asOf ?? null,
      source: environments?.source ?? null,
      count: environments ? members.length : null,
      items: members.filter((member) => !filter.environment || isEnvironment(member, filter.environment)),
    },
  };
}

/** What is present or could not be told; everything else was absent at that reading. */
function advisoriesOf(head: Head) {
  return (head.advisories?.findings ?? []).map(({ advisory, step, ...finding }) => ({
    id: advisory,
    severity: finding.severity,
    verdict: finding.verdict,
    step: step ?? null,
    summary: finding.summary,
    scope: finding.scope,
    evidence: finding.evidence,
    mend: finding.mend,
  }));
}

/** An incident in a list: what it is, and where the whole of it can be asked for. */
export function incidentSummary(incident: Incident) {
  return {
    id: incident.id,
    state: incident.state,
    openedAt: incident.openedAt,
    closedAt: incident.closedAt ?? null,
    acknowledged: incident.acknowledged ?? null,
    triggers: incident.causes.map(({ trigger, verdict }) => ({ trigger, verdict })),
    environmentCount: incident.environmentCount,
    recoverBy: incident.recoverBy,
    recoverByIsEstimate: incident.recoverByIsEstimate,
    actor: incident.actor ?? null,
    href: `/api/incidents/${incident.id}`,
  };
}

function matches(head: Head, filter: Filter): boolean {
  const { policy, vault, environments } = head.remembered;
  if (filter.policy && !isNamed(head.policyId, filter.policy)) return false;
  const vaultId = vault?.id ?? policy?.vaultId;
  if (filter.vault && !(vaultId && isNamed(vaultId, filter.vault))) return false;
  const wanted = filter.environment;
  return !wanted || (environments?.members ?? []).some((member) => isEnvironment(member, wanted));
}

function isEnvironment(member: { id: string; displayName: string }, wanted: string): boolean {
  return (
    member.id.toLowerCase() === wanted.toLowerCase() ||
    member.displayName.toLowerCase() === wanted.toLowerCase()
  );
}

const ORDER: readonly Verdict[] = ['revoked', 'suspected', 'unknown', 'clear'];

function rank(head: Head): number {
  return head.incident ? -1 : ORDER.indexOf(head.verdict);
}

/** No policy at all is not "clear": nothing was seen. */
function worst(heads: readonly Head[]): Verdict {
  return ORDER.find((verdict) => heads.some((head) => head.verdict === verdict)) ?? 'unknown';
}
