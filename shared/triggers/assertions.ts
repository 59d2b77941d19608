import { isUnder, normalId, sameId } from '../azure/arm-id.ts';
import type { Assertion, Signal } from '../signals/signal.ts';
import type { Finding, History, TriggerId } from './finding.ts';
import { versionItems } from './finding-subject.ts';

/**
 * A reading made this long after an operation shows its effect (Azure needs 10 minutes at most), so it
 * outweighs the assertion.
 */
const PROPAGATION_MS = 10 * 60_000;

/**
 * The findings, with `suspected` in place of `unknown` where the current state can't be read and the
 * assertion of a signal is sufficient: a successful deletion of the vault, the policy or one of their
 * resource groups, or one of the three operations on the key. An assertion adds nothing where the reading
 * already found access revoked, and a later reading can refute it.
 */
export function withAssertions(
  findings: readonly Finding[],
  history: History,
  signals: readonly Signal[],
): Finding[] {
  if (findings.some(({ verdict }) => verdict === 'revoked')) return [...findings];
  return findings.map((finding) => {
    if (finding.verdict !== 'unknown') return finding;
    const signal = signals.find((one) => assertions(one, finding.trigger, history));
    return signal ? asserted(finding, signal) : finding;
  });
}

function assertions(signal: Signal, trigger: TriggerId, history: History): boolean {
  const { assertion } = signal;
  if (!assertion || signal.outcome !== 'success') return false;
  if (!assertedTriggers(assertion, signal, history).includes(trigger)) return false;
  const seenAt = lastSeen(trigger, history);
  return seenAt === undefined || Date.parse(seenAt) < Date.parse(signal.at) + PROPAGATION_MS;
}

function assertedTriggers(assertion: Assertion, signal: Signal, history: History): TriggerId[] {
  const vaultId = vaultOf(history);
  if (assertion.what === 'deleted') {
    const triggers: TriggerId[] = [];
    if (isUnder(history.policyId, assertion.scope)) triggers.push('policy-deleted');
    if (vaultId !== undefined && isUnder(vaultId, assertion.scope)) triggers.push('vault-deleted');
    return triggers;
  }
  if (!isOurKey(assertion.scope, signal.keyName, vaultId, history)) return [];
  if (assertion.what !== 'keyDisabled') return ['key-deleted'];
  return [
    isOlderVersion(assertion.version ?? signal.keyVersion, history) ? 'key-version-disabled' : 'key-disabled',
  ];
}

function vaultOf(history: History): string | undefined {
  return history.vault?.id ?? history.policy?.vaultId;
}

function isOurKey(
  scope: string,
  told: string | undefined,
  vaultId: string | undefined,
  history: History,
): boolean {
  const ours = history.key?.name ?? history.policy?.keyName;
  if (vaultId === undefined || ours === undefined) return false;
  const [vaultScope = '', inScope] = normalId(scope).split('/keys/');
  const name = told ?? inScope?.split('/')[0];
  return sameId(vaultScope, vaultId) && name?.toLowerCase() === ours.toLowerCase();
}

/** Newest first. A pinned version is the one in use. */
function isOlderVersion(version: string | undefined, history: History): boolean {
  if (version === undefined) return false;
  const versions = history.key?.versions ?? [];
  const inUse = history.policy?.keyVersion ?? versions.find((one) => one.supersededAt === undefined)?.version;
  return inUse !== undefined && inUse.toLowerCase() !== version.toLowerCase();
}

/** The last known reading that showed the resource as it was before the assertion. */
function lastSeen(trigger: TriggerId, history: History): string | undefined {
  switch (trigger) {
    case 'policy-deleted':
      return history.policy?.seenAt;
    case 'vault-deleted':
      return history.vault?.seenAt;
    default:
      return history.key?.seenAt;
  }
}

function asserted(finding: Finding, signal: Signal): Finding {
  const asserted = OPERATIONS[signal.assertion?.what ?? 'deleted'];
  return {
    trigger: finding.trigger,
    verdict: 'suspected',
    summary: `Azure reported that ${asserted}, and the truth can't be read now to check it. ${finding.summary}`,
    evidence: [
      {
        text: `${signal.operation ?? signal.type} succeeded at ${signal.at} (event ${signal.id})`,
        source: signal.scope,
        readAt: signal.at,
      },
      ...finding.evidence,
    ],
    remediation: [
      {
        text: `Look for yourself whether ${asserted}: Lockwatch can't read it now.`,
        portal: 'All resources → search for its name',
      },
    ],
    scope: finding.scope,
    ...claimedSubject(finding.trigger, signal),
  };
}

/** Only an operation on one version concerns less than the whole key. */
function claimedSubject(trigger: TriggerId, { assertion, keyVersion }: Signal): Pick<Finding, 'subject'> {
  const version = (assertion?.what === 'keyDisabled' ? assertion.version : undefined) ?? keyVersion;
  if (trigger !== 'key-version-disabled' || version === undefined) return {};
  return { subject: versionItems([{ version, isInUse: false }]) };
}

const OPERATIONS: Readonly<Record<Assertion['what'], string>> = {
  deleted: 'it, or the resource group that holds it, was deleted',
  keyDeleted: 'the key was deleted',
  keyPurged: 'the key was purged',
  keyDisabled: 'the key, or a version of it, was disabled',
};
