import { azCommand } from '../az-command.ts';
import { subjectOf } from '../subject.ts';
import type { Advisory } from './advisory.ts';
import { absent, present, unknownAdvisory, unreadableAdvisory } from './make-advisory.ts';
import { MOVE_PAGE } from './pages.ts';

/**
 * A vault trusts only the identities of its own tenant: moving it to another tenant locks the environments.
 */
export const vaultInAnotherTenant: Advisory = {
  id: 'vault-in-another-tenant',
  words: 'The key vault belongs to another tenant than the enterprise policy',
  link: MOVE_PAGE,
  severities: ['warning'],
  judge(facts, history) {
    const subject = subjectOf(facts, history);
    const scope = subject.vaultId ?? facts.policyId;
    const self = vaultInAnotherTenant;
    const { vault } = facts;
    if (vault.state !== 'known')
      return unreadableAdvisory(self, scope, 'Which tenant the vault trusts is', vault);
    const vaultTenant = vault.value.tenantId;
    const policyTenant = subject.policy?.tenantId;
    const evidence = [
      { text: `Key vault: tenantId = ${vaultTenant ?? 'not told'}`, source: scope, readAt: vault.readAt },
      {
        text: `Enterprise policy: identity.tenantId = ${policyTenant ?? 'not told'}`,
        source: facts.policyId,
        readAt: facts.policy.readAt,
      },
    ];
    if (vaultTenant === undefined || policyTenant === undefined) {
      return unknownAdvisory(
        self,
        scope,
        'Azure does not tell the tenants of both vault and policy.',
        evidence,
      );
    }
    if (vaultTenant.toLowerCase() === policyTenant.toLowerCase()) {
      return absent(self, scope, 'Vault and policy belong to the same tenant.', evidence);
    }
    return present(self, scope, {
      summary: `The vault ${vault.value.name} trusts the tenant ${vaultTenant}, while the policy's identity belongs to ${policyTenant}.`,
      evidence,
      remediation: [
        {
          text: 'Move the policy to a key vault of its own tenant. If the vault itself was moved here from another tenant, give it the new tenant id; that ends every grant it holds, so read the page first.',
          command: azCommand(
            'keyvault show',
            ['--name', subject.vaultName],
            ['--subscription', subject.subscriptionId],
            ['--query', 'properties.tenantId'],
          ),
          portal: `Key vaults → ${vault.value.name} → Overview → Directory ID`,
          link: MOVE_PAGE,
        },
      ],
    });
  },
};
