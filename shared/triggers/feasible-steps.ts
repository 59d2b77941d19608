import type { NetworkFact } from '../facts/facts.ts';
import { blockedSteps, IF_BLOCKED } from './blocked-steps.ts';
import type { Finding, RemediationStep } from './finding.ts';
import { keepTrusted, openingSteps } from './network-change.ts';
import { isShut, reachOf } from './network-settings.ts';
import { admitOwnAddress, removeOwnAddress } from './own-address.ts';
import type { Subject } from './subject.ts';

/**
 * The findings, with steps that can be followed where the vault is: a closed network is opened before the first
 * step on the key, and closed again after the last one; what else can refuse a step is named at the end.
 *
 * Key Vault refuses data operations from outside an admitted network (ForbiddenByFirewall,
 * ForbiddenByConnection), whatever the role. Azure Policy and locks act on Resource Manager alone.
 */
export function withFeasibleSteps(findings: readonly Finding[], subject: Subject): Finding[] {
  const isNetworkLost = findings.some(
    ({ trigger, verdict }) => NETWORK_TRIGGERS.has(trigger) && verdict === 'revoked',
  );
  return findings.map((finding) =>
    finding.remediation.length === 0
      ? finding
      : { ...finding, remediation: feasibleSteps(finding.remediation, subject, isNetworkLost) },
  );
}

const NETWORK_TRIGGERS: ReadonlySet<string> = new Set(['public-access-disabled', 'network-restricted']);

function feasibleSteps(
  steps: readonly RemediationStep[],
  subject: Subject,
  isNetworkLost: boolean,
): RemediationStep[] {
  const through = throughNetwork(steps, subject, isNetworkLost);
  const first = through.findIndex(isWriteToAzure);
  if (first === -1) return through;
  return [
    ...through.map((step, index) =>
      index === first ? { ...step, text: `${step.text} ${IF_BLOCKED}` } : step,
    ),
    ...blockedSteps(subject, { isOfVault: through.filter(isWriteToAzure).every(isOfVault) }),
  ];
}

function throughNetwork(
  steps: readonly RemediationStep[],
  subject: Subject,
  isNetworkLost: boolean,
): RemediationStep[] {
  const onKey = steps.map(isOnKey);
  const [first, last] = [onKey.indexOf(true), onKey.lastIndexOf(true)];
  if (first === -1 || subject.network === undefined) return [...steps];
  const { before, after } = around(subject, subject.network, isNetworkLost);
  return [
    ...steps.slice(0, first),
    ...before,
    ...steps.slice(first, last + 1),
    ...after,
    ...steps.slice(last + 1),
  ];
}

function around(
  subject: Subject,
  network: NetworkFact,
  isNetworkLost: boolean,
): { before: RemediationStep[]; after: RemediationStep[] } {
  // Power Platform needs the network opened anyway, so the reader gets in by that.
  if (isNetworkLost || isShut(network))
    return { before: openingSteps(subject, network), after: [keepTrusted(subject)] };
  const { publicAccess, rules } = reachOf(network);
  const isClosed = publicAccess === 'off' || (publicAccess === 'on' && rules === 'trusted');
  if (!isClosed) return { before: [], after: [] };
  return { before: admitOwnAddress(subject, network), after: removeOwnAddress(subject, network) };
}

/** By command or by the portal's pages of keys: both use the vault's own address (Key Vault docs: Networking). */
function isOnKey({ command, portal }: RemediationStep): boolean {
  return /^az keyvault key /.test(command ?? '') || / → Keys(?: → |$)/.test(portal ?? '');
}

/** By Resource Manager, where Azure Policy and locks apply. */
function isWriteToAzure(step: RemediationStep): boolean {
  const { command, portal } = step;
  if (isOnKey(step)) return false;
  return (
    /^az (?:keyvault (?:update|recover|set-policy|network-rule)|role assignment create|resource move) /.test(
      command ?? '',
    ) ||
    / → (?:Networking → |Access control \(IAM\) → Add|Access policies → Create|Recover$|Move$)/.test(
      portal ?? '',
    )
  );
}

/** A change of a vault that is there: not a role assignment, a recovery or a move to another group. */
function isOfVault({ command = '', portal = '' }: RemediationStep): boolean {
  return (
    !/^az (?:role assignment create|keyvault recover|resource move) /.test(command) &&
    !/ → (?:Access control \(IAM\) → Add|Recover$|Move$)/.test(portal)
  );
}
