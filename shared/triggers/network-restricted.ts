import { AUDIT_OPERATION } from '../signals/audit-operations.ts';
import { ARM_OPERATION } from '../signals/operation-names.ts';
import { NETWORK_CHANGES } from './changing-operations.ts';
import { SUBSCRIPTION_EVENTS, VAULT_LOG } from './detection-sources.ts';
import type { Trigger } from './finding.ts';
import { LOCK_PAGE } from './links.ts';
import { clear, unknownFinding, unreadableFinding } from './make-finding.ts';
import { latestChange, networkEvidence, openNetworkSteps } from './network-change.ts';
import { closedBy, reachOf } from './network-settings.ts';
import { subjectOf } from './subject.ts';
import { trustedOnly } from './trusted-only.ts';

/**
 * Power Platform reaches the key as a trusted service, so rules that admit trusted services are acceptable as
 * long-standing settings. The lock page, however, lists adding networks without a condition: a change that
 * closed an open vault in this way is suspected once (`trusted-only.ts`).
 */
export const networkRestricted: Trigger<'network-restricted'> = {
  id: 'network-restricted',
  words: "Adding a virtual network or adding an IP range outside of Microsoft services' reach",
  link: LOCK_PAGE,
  about: 'network',
  detectionSources: {
    needs: ['vault'],
    event: { shows: [ARM_OPERATION.vaultWrite], sources: [SUBSCRIPTION_EVENTS] },
    audit: { shows: [AUDIT_OPERATION.VaultPatch, AUDIT_OPERATION.VaultPut], sources: [VAULT_LOG] },
  },
  alwaysRaisesEvent: true,
  operations: NETWORK_CHANGES,
  hides: null,
  assertedBy: null,
  isUndoneByPeople: true,
  causedByTime: null,
  judge(facts, history, options) {
    const chain = subjectOf(facts, history);
    const scope = chain.vaultId ?? facts.policyId;
    const id = 'network-restricted';
    if (facts.vault.state !== 'known') return unreadableFinding(id, scope, 'The key vault', facts.vault);
    const { network } = facts.vault.value;
    const { publicAccess, rules } = reachOf(network);
    const change = latestChange(network, history);
    const evidence = networkEvidence(facts, network, scope, change);
    const vault = chain.vaultName ?? '';
    if (publicAccess === 'off' || publicAccess === 'perimeter') {
      const summary = `Public access to the vault ${vault} is closed as a whole, so its network rules decide nothing.`;
      return clear(id, scope, summary, evidence);
    }
    if (publicAccess === 'unclear' || rules === 'unclear') {
      return unknownFinding(
        id,
        scope,
        `The vault ${vault} tells network rules of a kind that is not known.`,
        evidence,
      );
    }
    if (rules === 'open') return clear(id, scope, `The vault ${vault} is open to all networks.`, evidence);
    const remediation = openNetworkSteps(chain, network);
    const subject = closedBy(network);
    if (rules === 'closed') {
      const summary = `The vault ${vault} admits chosen networks only, and trusted Microsoft services are not let through.`;
      return { trigger: id, verdict: 'revoked', summary, evidence, remediation, scope, subject };
    }
    const { verdict, signs, because } = trustedOnly(facts, network, history, options);
    if (verdict === 'clear') {
      const summary = `The vault ${vault} admits chosen networks and trusted Microsoft services, which is a supported state.${because}`;
      return clear(id, scope, summary, evidence);
    }
    const summary = `The vault ${vault} now admits chosen networks and trusted Microsoft services only${
      verdict === 'suspected' ? '; whether Power Platform still reaches the key is not known yet' : ''
    }.`;
    return { trigger: id, verdict, summary, evidence: [...evidence, ...signs], remediation, scope, subject };
  },
};
