import { azCommand } from '../az-command.ts';
import { CMK_PAGE, SOFT_DELETE_PAGE } from '../links.ts';
import { subjectOf } from '../subject.ts';
import type { Advisory } from './advisory.ts';
import { absent, present, unreadableAdvisory } from './make-advisory.ts';

/**
 * Key Vault never returns purge protection as false: absent means that it is off (Key Vault REST: Vaults -
 * Get).
 */
export const purgeProtectionMissing: Advisory = {
  id: 'purge-protection-missing',
  words: 'The key vault has no purge protection: a deleted key or vault can be removed for good at once',
  link: CMK_PAGE,
  severities: ['warning'],
  judge(facts, history) {
    const subject = subjectOf(facts, history);
    const scope = subject.vaultId ?? facts.policyId;
    const self = purgeProtectionMissing;
    const { vault } = facts;
    if (vault.state !== 'known')
      return unreadableAdvisory(self, scope, 'Whether the vault has purge protection is', vault);
    const { purgeProtection, name } = vault.value;
    const evidence = [
      {
        text: `Key vault: enablePurgeProtection = ${purgeProtection ?? 'not told (off)'}`,
        source: scope,
        readAt: vault.readAt,
      },
    ];
    if (purgeProtection) return absent(self, scope, `The vault ${name} has purge protection.`, evidence);
    return present(self, scope, {
      summary: `The vault ${name} has no purge protection: whoever deletes the key or the vault can also purge it, and then nothing brings it back.`,
      evidence,
      remediation: [
        {
          text: `Turn on purge protection for ${name}. It can not be turned off again, and a customer-managed key needs it.`,
          command: azCommand(
            'keyvault update',
            ['--name', subject.vaultName],
            ['--resource-group', subject.resourceGroup],
            ['--subscription', subject.subscriptionId],
            ['--enable-purge-protection', 'true'],
          ),
          portal: `Key vaults → ${name} → Settings → Properties → Purge protection → Enable purge protection → Save`,
          link: SOFT_DELETE_PAGE,
        },
      ],
    });
  },
};
