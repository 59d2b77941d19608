import { compareText } from '../../compare-text.ts';
import { policyKey } from '../../incidents/ids.ts';
import type { Incident, PolicyState } from '../../incidents/incident.ts';
import type { Verdict } from '../../triggers/finding.ts';
import { policyNameOf, policyVaultId } from '../../triggers/policy-chain.ts';
import type { Heartbeat } from '../../visibility/heartbeat.ts';
import { overdueAfterMs } from '../../visibility/interval-in-force.ts';
import { currentGaps } from '../../visibility/next-visibility.ts';
import { policyInterval, type SweepIntervals } from '../../visibility/slowed-subscriptions.ts';
import { NO_GAPS, type Visibility } from '../../visibility/visibility-state.ts';
import { actorIn } from './actor-in.ts';
import type { ChannelState } from './channel-states.ts';
import { lastDays } from './days.ts';
import { isNamed } from './filter.ts';
import { livingSign } from './health-answer.ts';

/** Each an id or a name. */
export interface Filter {
  environment?: string;
  policy?: string;
  vault?: string;
}

/** The whole tenant, or the part that the filter selects. Pure. */
export function statusAnswer(
  policyStates: readonly PolicyState[],
  filter: Filter,
  context: SweepIntervals & {
    now: string;
    unreadable?: number;
    deployment?: string | undefined;
    /** Undefined: its row can't be read. */
    heartbeat?: Heartbeat;
    visibility?: Visibility;
    channels?: readonly ChannelState[];
  },
) {
  const chosen = policyStates
    .filter((policyState) => matches(policyState, filter))
    .map((policyState) => withAge(policyState, context))
    .sort((a, b) => rank(a) - rank(b) || compareText(a.policyId, b.policyId));
  const readTimes = chosen.map((policyState) => policyState.readAt).sort();
  const oldest = readTimes[0] ?? null;
  const sweep = livingSign(context.heartbeat?.sweepFinishedAt, context);
  return {
    answeredAt: context.now,
    /** The oldest reading that this answer is based on. */
    asOf: oldest,
    deployment: context.deployment ?? null,
    /**
     * The worst verdict of all watched policies; an unsupported policy is counted, and does not hide the
     * others.
     */
    verdict: worst(chosen.filter(({ supported }) => supported)),
    counts: {
      policies: chosen.length,
      revoked: chosen.filter((policyState) => policyState.verdict === 'revoked').length,
      suspected: chosen.filter((policyState) => policyState.verdict === 'suspected').length,
      unknown: chosen.filter((policyState) => policyState.supported && policyState.verdict === 'unknown')
        .length,
      notSupported: chosen.filter(({ supported }) => !supported).length,
      clear: chosen.filter((policyState) => policyState.verdict === 'clear').length,
      openIncidents: chosen.filter((policyState) => policyState.incident).length,
      advisories: chosen.flatMap(advisoriesOf).filter(({ verdict }) => verdict === 'present').length,
    },
    unreadableMessages: context.unreadable ?? null,
    /** Without its age, which would make every answer another. */
    sweep: { lastAt: sweep.lastAt, isSilent: sweep.isSilent },
    currentGaps: currentGaps(context.visibility ?? NO_GAPS),
    channels: context.channels ?? [],
    days: lastDays(chosen, context.now),
    policies: chosen.map((policyState) => policyAnswer(policyState, filter)),
  };
}

/**
 * An overdue reading says nothing about the present. Unknown is never fine: where the sweep does not reach a
 * policy (constant throttling, for example), "clear" ages.
 */
export function withAge(policyState: PolicyState, context: { now: string } & SweepIntervals): PolicyState {
  const ageMs = Date.parse(context.now) - Date.parse(policyState.readAt);
  const isOld = ageMs > overdueAfterMs(policyInterval(policyState, context));
  if (!isOld || policyState.verdict !== 'clear') return policyState;
  const warning = `The last reading is of ${policyState.readAt}; since then nobody could read this policy.`;
  return { ...policyState, verdict: 'unknown', warnings: [...policyState.warnings, warning] };
}

export function policyAnswer(policyState: PolicyState, filter: Filter = {}) {
  const { policy, key, environments } = policyState.history;
  const members = environments?.members ?? [];
  return {
    id: policyState.policyId,
    /** Identifies the policy in addresses where its name is not unique. */
    key: policyKey(policyState.policyId),
    name: policyNameOf(policyState.history),
    supported: policyState.supported,
    verdict: policyState.verdict,
    readAt: policyState.readAt,
    geo: policy?.geo ?? null,
    healthStatus: policy?.healthStatus ?? null,
    vaultId: policyVaultId(policyState.history) ?? null,
    keyName: key?.name ?? policy?.keyName ?? null,
    keyVersion: policy?.keyVersion ?? null,
    parts: policyState.parts,
    findings: policyState.findings
      .filter((finding) => finding.verdict !== 'clear')
      .map(({ trigger, verdict, summary, evidence }) => ({ trigger, verdict, summary, evidence })),
    incident: policyState.incident ? incidentSummary(policyState.incident) : null,
    /** Planned or running. */
    silences: policyState.silences ?? [],
    warnings: policyState.warnings,
    advisories: advisoriesOf(policyState),
    /** When the observed state was last read for them; null: not yet. */
    advisoriesAsOf: policyState.advisories?.readAt ?? null,
    environments: {
      asOf: environments?.asOf ?? null,
      source: environments?.source ?? null,
      count: environments ? members.length : null,
      items: members.filter((member) => !filter.environment || isEnvironment(member, filter.environment)),
    },
  };
}

/** The advisories that are present or unknown; all others were absent in that reading. */
export function advisoriesOf(policyState: PolicyState) {
  return (policyState.advisories?.findings ?? []).map(({ advisory, step, ...finding }) => ({
    id: advisory,
    severity: finding.severity,
    verdict: finding.verdict,
    step: step ?? null,
    summary: finding.summary,
    scope: finding.scope,
    evidence: finding.evidence,
    remediation: finding.remediation,
  }));
}

/** An incident in a list: a summary, and the address of the complete incident. */
export function incidentSummary(incident: Incident) {
  return {
    id: incident.id,
    state: incident.state,
    openedAt: incident.openedAt,
    closedAt: incident.closedAt ?? null,
    acknowledged: incident.acknowledged ?? null,
    triggers: incident.causes.map(({ trigger, verdict }) => ({ trigger, verdict })),
    environmentCount: incident.environmentCount,
    /** True: no environment is known to be affected, and people got one warning. */
    noEnvironments: incident.noEnvironments ?? false,
    /** Not null: its environments left the lists, and whether they are still linked is unknown. */
    askedToCloseAt: incident.askedToCloseAt ?? null,
    recoverBy: incident.recoverBy === '' ? null : incident.recoverBy,
    recoverByIsEstimate: incident.recoverByIsEstimate,
    actor: actorIn(incident),
    href: `/api/incidents/${incident.id}`,
  };
}

function matches(policyState: PolicyState, filter: Filter): boolean {
  const { environments } = policyState.history;
  if (filter.policy && !isNamed(policyState.policyId, filter.policy)) return false;
  const vaultId = policyVaultId(policyState.history);
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

function rank(policyState: PolicyState): number {
  return policyState.incident ? -1 : ORDER.indexOf(policyState.verdict);
}

/** No policy at all is not "clear": nothing was read. */
export function worst(policyStates: readonly PolicyState[]): Verdict {
  return (
    ORDER.find((verdict) => policyStates.some((policyState) => policyState.verdict === verdict)) ?? 'unknown'
  );
}
