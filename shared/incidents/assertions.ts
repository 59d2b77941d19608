import { isUnder, normalId, sameId } from '../azure/arm-id.ts';
import type { Claim, Signal } from '../signals/signal.ts';
import type { Finding, Remembered, TriggerId } from '../triggers/finding.ts';
import { versionItems } from '../triggers/finding-subject.ts';

/** A reading this long after an act shows what Azure made of it, so it outweighs the claim (10 minutes at most). */
const PROPAGATION_MS = 10 * 60_000;

/**
 * The findings, with `suspected` in the place of `unknown` where the truth can't be read and a signal's own claim is
 * enough: a successful delete of the vault, the policy or a resource group of theirs, and the three acts on the key.
 * A claim says nothing where the reading already found what is revoked, and nothing that a later reading refutes.
 */
export function withClaims(
  findings: readonly Finding[],
  remembered: Remembered,
  signals: readonly Signal[],
): Finding[] {
  if (findings.some(({ verdict }) => verdict === 'revoked')) return [...findings];
  return findings.map((finding) => {
    if (finding.verdict !== 'unknown') return finding;
    const signal = signals.find((one) => claims(one, finding.trigger, remembered));
    return signal ? claimed(finding, signal) : finding;
  });
}

function claims(signal: Signal, trigger: TriggerId, remembered: Remembered): boolean {
  const { claim } = signal;
  if (!claim || signal.outcome !== 'success') return false;
  if (!claimedTriggers(claim, signal, remembered).includes(trigger)) return false;
  const seenAt = lastSeen(trigger, remembered);
  return seenAt === undefined || Date.parse(seenAt) < Date.parse(signal.at) + PROPAGATION_MS;
}

function claimedTriggers(claim: Claim, signal: Signal, remembered: Remembered): TriggerId[] {
  const vaultId = vaultOf(remembered);
  if (claim.what === 'deleted') {
    const triggers: TriggerId[] = [];
    if (isUnder(remembered.policyId, claim.scope)) triggers.push('policy-deleted');
    if (vaultId !== undefined && isUnder(vaultId, claim.scope)) triggers.push('vault-deleted');
    return triggers;
  }
  if (!isOurKey(claim.scope, signal.keyName, vaultId, remembered)) return [];
  if (claim.what !== 'keyDisabled') return ['key-deleted'];
  return [
    isOlderVersion(claim.version ?? signal.keyVersion, remembered) ? 'key-version-disabled' : 'key-disabled',
  ];
}

function vaultOf(remembered: Remembered): string | undefined {
  return remembered.vault?.id ?? remembered.policy?.vaultId;
}

function isOurKey(
  scope: string,
  told: string | undefined,
  vaultId: string | undefined,
  remembered: Remembered,
): boolean {
  const ours = remembered.key?.name ?? remembered.policy?.keyName;
  if (vaultId === undefined || ours === undefined) return false;
  const [vaultScope = '', inScope] = normalId(scope).split('/keys/');
  const name = told ?? inScope?.split('/')[0];
  return sameId(vaultScope, vaultId) && name?.toLowerCase() === ours.toLowerCase();
}

/** Newest first; a pinned version is the one in use. */
function isOlderVersion(version: string | undefined, remembered: Remembered): boolean {
  if (version === undefined) return false;
  const versions = remembered.key?.versions ?? [];
  const inUse =
    remembered.policy?.keyVersion ?? versions.find((one) => one.supersededAt === undefined)?.version;
  return inUse !== undefined && inUse.toLowerCase() !== version.toLowerCase();
}

/** The last known reading that showed the thing as it was before the claim. */
function lastSeen(trigger: TriggerId, remembered: Remembered): string | undefined {
  switch (trigger) {
    case 'policy-deleted':
      return remembered.policy?.seenAt;
    case 'vault-deleted':
      return remembered.vault?.seenAt;
    default:
      return remembered.key?.seenAt;
  }
}

function claimed(finding: Finding, signal: Signal): Finding {
  const act = ACTS[signal.claim?.what ?? 'deleted'];
  return {
    trigger: finding.trigger,
    verdict: 'suspected',
    summary: `Azure reported that ${act}, and the truth can't be read now to check it. ${finding.summary}`,
    evidence: [
      {
        text: `${signal.operation ?? signal.type} succeeded at ${signal.at} (event ${signal.id})`,
        source: signal.scope,
        readAt: signal.at,
      },
      ...finding.evidence,
    ],
    undo: [
      {
        text: `Look for yourself whether ${act}: Lockwatch can't read it now.`,
        portal: 'All resources → search for its name',
      },
    ],
    scope: finding.scope,
    ...claimedSubject(finding.trigger, signal),
  };
}

/** Only an act on one version is about less than the whole. */
function claimedSubject(trigger: TriggerId, { claim, keyVersion }: Signal): Pick<Finding, 'subject'> {
  const version = (claim?.what === 'keyDisabled' ? claim.version : undefined) ?? keyVersion;
  if (trigger !== 'key-version-disabled' || version === undefined) return {};
  return { subject: versionItems([{ version, isInUse: false }]) };
}

const ACTS: Readonly<Record<Claim['what'], string>> = {
  deleted: 'it, or the resource group that holds it, was deleted',
  keyDeleted: 'the key was deleted',
  keyPurged: 'the key was purged',
  keyDisabled: 'the key, or a version of it, was disabled',
};
