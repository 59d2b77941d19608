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
 * Microsoft's two pages differ where trusted services are admitted: the lock page lists disabling public
 * access without a condition, and the customer-managed-key page supports it. So a change to that is suspected once
 * (`trusted-only.ts`), or revoked where the setting requires the lock page to be applied literally.
 */
export const publicAccessDisabled: Trigger<'public-access-disabled'> = {
  id: 'public-access-disabled',
  words: "Disabling key vault networking's public access",
  link: LOCK_PAGE,
  about: 'network',
  detectionSources: {
    needs: ['vault'],
    event: {
      shows: [ARM_OPERATION.vaultWrite, ARM_OPERATION.perimeterAssociationWrite],
      but: 'not a perimeter that lies in a subscription without an event subscription',
      sources: [SUBSCRIPTION_EVENTS],
    },
    audit: {
      shows: [AUDIT_OPERATION.VaultPatch, AUDIT_OPERATION.VaultPut],
      but: 'not what a network security perimeter does',
      sources: [VAULT_LOG],
    },
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
    const id = 'public-access-disabled';
    if (facts.vault.state !== 'known') return unreadableFinding(id, scope, 'The key vault', facts.vault);
    const { network } = facts.vault.value;
    const { publicAccess, trustedPass } = reachOf(network);
    const evidence = networkEvidence(facts, network, scope, latestChange(network, history));
    const vault = chain.vaultName ?? '';
    const subject = closedBy(network);
    if (publicAccess === 'unclear') {
      return unknownFinding(
        id,
        scope,
        `The vault ${vault} tells a kind of public access that is not known.`,
        evidence,
      );
    }
    if (publicAccess === 'on')
      return clear(id, scope, `Public access to the vault ${vault} is on.`, evidence);
    if (publicAccess === 'perimeter') {
      const summary = `The vault ${vault} is closed by a network security perimeter, which overrules the exception for trusted services.`;
      const remediation = openNetworkSteps(chain, network);
      return { trigger: id, verdict: 'revoked', summary, evidence, remediation, scope, subject };
    }
    const remediation = openNetworkSteps(chain, network);
    if (!trustedPass) {
      const summary = `Public access to the vault ${vault} is disabled, and trusted Microsoft services are not let through.`;
      return { trigger: id, verdict: 'revoked', summary, evidence, remediation, scope, subject };
    }
    const { verdict, signs, because } = trustedOnly(facts, network, history, options);
    if (verdict === 'clear') {
      const summary = `The vault ${vault} has no public access and lets trusted Microsoft services through, which is a supported state.${because}`;
      return clear(id, scope, summary, evidence);
    }
    return {
      trigger: id,
      verdict,
      summary: `Public access to the vault ${vault} is disabled${
        verdict === 'revoked'
          ? '.'
          : '. Trusted Microsoft services are let through, so environments may still work; Microsoft documents both.'
      }`,
      evidence: [...evidence, ...signs],
      remediation,
      scope,
      subject,
    };
  },
};
