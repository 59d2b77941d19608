import { NETWORK_PAGE } from '../links.ts';
import { openNetworkSteps } from '../network-change.ts';
import { reachOf, settingsText } from '../network-settings.ts';
import { subjectOf } from '../subject.ts';
import type { Advisory } from './advisory.ts';
import { absent, present, unknownAdvisory, unreadableAdvisory } from './make-advisory.ts';

/**
 * The firewall blocks everyone except "trusted Microsoft services": one check box separates the environments
 * from a lock. The network triggers report a vault that is closed altogether.
 */
export const trustedServicesBypassOnly: Advisory = {
  id: 'trusted-services-bypass-only',
  words: 'Only the exception for trusted Microsoft services lets Power Platform through the vault’s firewall',
  link: NETWORK_PAGE,
  severities: ['info', 'warning'],
  judge(facts, history) {
    const subject = subjectOf(facts, history);
    const scope = subject.vaultId ?? facts.policyId;
    const self = trustedServicesBypassOnly;
    const { vault } = facts;
    if (vault.state !== 'known')
      return unreadableAdvisory(self, scope, 'How the vault can be reached is', vault);
    const { network, name } = vault.value;
    const { publicAccess, rules, trustedPass } = reachOf(network);
    const evidence = [{ text: `Key vault: ${settingsText(network)}`, source: scope, readAt: vault.readAt }];
    if (publicAccess === 'unclear' || (publicAccess === 'on' && rules === 'unclear')) {
      return unknownAdvisory(
        self,
        scope,
        `The vault ${name} tells network settings of a kind that is not known.`,
        evidence,
      );
    }
    const isOff = publicAccess === 'off' && trustedPass;
    if (!isOff && !(publicAccess === 'on' && rules === 'trusted')) {
      return absent(self, scope, `The vault ${name} does not lean on the exception alone.`, evidence);
    }
    return present(self, scope, {
      severity: isOff ? 'warning' : 'info',
      summary: `The vault ${name} ${isOff ? 'has no public access' : 'admits chosen networks only'}: Power Platform reaches the key by the exception for trusted Microsoft services, and by nothing else.`,
      evidence,
      remediation: openNetworkSteps(subject, network),
    });
  },
};
