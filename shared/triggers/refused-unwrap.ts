import { isUnder } from '../azure/arm-id.ts';
import type { Signal } from '../signals/signal.ts';
import { isRefusedUnwrap } from '../signals/watch-list.ts';
import type { Finding } from './finding.ts';
import type { History } from './history.ts';

/** The findings of the reading before this one, and the causes that stood after it. */
export interface EarlierFindings {
  /** ISO 8601. */
  readAt: string;
  findings: readonly Pick<Finding, 'trigger' | 'verdict'>[];
  causes: readonly { trigger: Finding['trigger']; since: string; lastClearAt?: string }[];
}

/**
 * The findings, with the first suspicion confirmed where the audit log shows that Key Vault refused the
 * policy's own identity its key during the suspicion: Power Platform could not unwrap, which is the
 * definition of a lock. A refusal alone opens nothing (it may be temporary, and gives no reason), and one
 * from before the suspicion is no proof of it.
 */
export function withRefusedUnwraps(
  findings: readonly Finding[],
  earlier: EarlierFindings | undefined,
  history: History,
  signals: readonly Signal[],
): Finding[] {
  // For `locked` refusals are a witness already, and one is not enough.
  const suspected = findings.find(({ trigger, verdict }) => verdict === 'suspected' && trigger !== 'locked');
  if (!suspected || findings.some(({ verdict }) => verdict === 'revoked')) return [...findings];
  const from = suspectedFrom(suspected, earlier);
  const refusal = signals.find(
    (signal) => isTheirs(signal, history) && from !== undefined && Date.parse(signal.at) > Date.parse(from),
  );
  if (!refusal) return [...findings];
  return findings.map((finding) => (finding === suspected ? confirmed(finding, refusal) : finding));
}

/**
 * The earliest time at which it may have begun: the last reading that showed it clear. Undefined if there was
 * none.
 */
function suspectedFrom({ trigger }: Finding, earlier: EarlierFindings | undefined): string | undefined {
  const cause = earlier?.causes.find((one) => one.trigger === trigger);
  if (cause) return cause.lastClearAt ?? cause.since;
  return earlier?.findings.find((one) => one.trigger === trigger)?.verdict === 'clear'
    ? earlier.readAt
    : undefined;
}

function isTheirs(signal: Signal, history: History): boolean {
  return isRefusedUnwrap(signal) && isOwnUse(signal, history);
}

/** The policy's own identity used, or was refused, the policy's own key. */
export function isOwnUse(signal: Signal, { policy, key }: History): boolean {
  if (policy?.vaultId === undefined) return false;
  const ours = key?.name ?? policy.keyName;
  const isOurKey = signal.keyName === undefined || signal.keyName === ours?.toLowerCase();
  const identity = policy.principalId?.toLowerCase();
  return (
    isOurKey &&
    identity !== undefined &&
    signal.actor?.objectId?.toLowerCase() === identity &&
    isUnder(policy.vaultId, signal.scope)
  );
}

function confirmed(finding: Finding, refusal: Signal): Finding {
  const evidence = {
    text: `The policy's own identity was refused its key at ${refusal.at} (${refusal.type} in the vault's audit log)`,
    source: refusal.scope,
    readAt: refusal.at,
  };
  return {
    ...finding,
    verdict: 'revoked',
    summary: `${finding.summary} The vault's audit log shows that the policy's identity can't use the key.`,
    evidence: [...finding.evidence, evidence],
  };
}
