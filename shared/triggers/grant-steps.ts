import { azCommand } from './az-command.ts';
import type { RemediationStep } from './finding.ts';
import { CMK_PAGE, RBAC_GUIDE_PAGE } from './links.ts';
import type { Subject } from './subject.ts';

/**
 * "Key Vault Crypto Service Encryption User": read, wrap and unwrap, and nothing else (Azure built-in roles:
 * Security).
 */
const ENCRYPTION_USER_ROLE = 'e147488a-f6f5-4113-8e2d-b22465e65bf6';

/** The steps that grant the policy's identity the use of the key, in the vault's own permission model. */
export function grantSteps(
  subject: Subject,
  model: 'accessPolicies' | 'rbac',
  wording: { lead: string; why: string },
): RemediationStep[] {
  const { vaultId, vaultName, resourceGroup, subscriptionId, principalId, policyName } = subject;
  const who = `the identity of the enterprise policy ${policyName}${principalId ? ` (${principalId})` : ''}`;
  const vault = vaultName ?? 'the vault';
  if (model === 'rbac') {
    return [
      {
        text: `${wording.lead}Give ${who} the role Key Vault Crypto Service Encryption User on the vault: ${wording.why}. It may take 10 minutes to act, and needs Owner, User Access Administrator or Key Vault Data Access Administrator on the vault.`,
        command: azCommand(
          'role assignment create',
          ['--assignee-object-id', principalId],
          ['--assignee-principal-type', 'ServicePrincipal'],
          ['--role', ENCRYPTION_USER_ROLE],
          ['--scope', vaultId],
        ),
        portal: `Key vaults → ${vault} → Access control (IAM) → Add role assignment → Key Vault Crypto Service Encryption User → Managed identity → ${policyName}`,
        link: RBAC_GUIDE_PAGE,
      },
    ];
  }
  return [
    {
      text: `${wording.lead}Give ${who} the key permissions Get, Wrap Key and Unwrap Key in the vault's access policies: ${wording.why}. It needs the role Key Vault Contributor on the vault.`,
      command: azCommand(
        'keyvault set-policy',
        ['--name', vaultName],
        ['--resource-group', resourceGroup],
        ['--subscription', subscriptionId],
        ['--object-id', principalId],
        ['--key-permissions', 'get', 'wrapKey', 'unwrapKey'],
      ),
      portal: `Key vaults → ${vault} → Access policies → Create → Key permissions: Get, Unwrap Key, Wrap Key → ${policyName}`,
      link: CMK_PAGE,
    },
  ];
}
