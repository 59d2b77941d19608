import type { Facts } from '../facts/facts.ts';
import { azCommand } from './az-command.ts';
import type { Evidence, Finding, RemediationStep } from './finding.ts';
import type { History } from './history.ts';
import { MOVE_PAGE } from './links.ts';
import { unknownFinding } from './make-finding.ts';
import type { Subject } from './subject.ts';

type TenantMemory = Pick<NonNullable<History['vault']>, 'tenantEqualAt' | 'tenantDiffersSince'>;

/** Whether the vault trusts the tenant of the policy's identity; undefined where Azure tells not both. */
function isSameTenant({ policy, vault }: Facts): boolean | undefined {
  const ofPolicy = policy.state === 'known' ? policy.value.tenantId : undefined;
  const ofVault = vault.state === 'known' ? vault.value.tenantId : undefined;
  if (ofPolicy === undefined || ofVault === undefined) return undefined;
  return ofPolicy.toLowerCase() === ofVault.toLowerCase();
}

/** What the history keeps of the vault's tenant after this reading. */
export function rememberTenant(before: TenantMemory | undefined, facts: Facts): TenantMemory {
  const isSame = isSameTenant(facts);
  if (isSame === true) return { tenantEqualAt: facts.vault.readAt };
  const { tenantEqualAt, tenantDiffersSince } = before ?? {};
  const since = tenantDiffersSince ?? (isSame === false ? facts.vault.readAt : undefined);
  return {
    ...(tenantEqualAt === undefined ? {} : { tenantEqualAt }),
    ...(since === undefined ? {} : { tenantDiffersSince: since }),
  };
}

interface TenantMismatch {
  /** Unknown: it differed before, and Azure does not tell both tenants now. */
  verdict: 'revoked' | 'suspected' | 'unknown';
  summary: string;
  evidence: Evidence[];
  remediation: RemediationStep[];
}

/**
 * A vault of another tenant than the identity's refuses that identity's tokens (Key Vault error AKV10032, and
 * "Moving an Azure Key Vault to another subscription"), whatever was granted. Undefined where it is the same
 * one, or where Azure tells not both and no earlier reading showed a difference.
 */
function tenantMismatch(facts: Facts, subject: Subject, { vault }: History): TenantMismatch | undefined {
  if (facts.vault.state !== 'known' || vault?.tenantDiffersSince === undefined) return undefined;
  const isSame = isSameTenant(facts);
  if (isSame === true) return undefined;
  const { value, readAt } = facts.vault;
  const ofPolicy = facts.policy.state === 'known' ? facts.policy.value.tenantId : undefined;
  const evidence: Evidence[] = [
    { text: `Key vault: tenantId = ${value.tenantId ?? 'not told'}`, source: value.id, readAt },
    {
      text: `Enterprise policy: identity.tenantId = ${ofPolicy ?? 'not told'}`,
      source: facts.policyId,
      readAt: facts.policy.readAt,
    },
  ];
  if (isSame === undefined) {
    const summary = `The vault ${value.name} belonged to another tenant than the policy's identity, and Azure does not tell both tenants now.`;
    return { verdict: 'unknown', summary, evidence, remediation: [] };
  }
  const wasEqual = vault.tenantEqualAt !== undefined;
  return {
    verdict: wasEqual ? 'revoked' : 'suspected',
    summary: `The vault ${value.name} ${wasEqual ? 'now belongs' : 'belongs'} to the tenant ${value.tenantId}, and the policy's identity to ${ofPolicy}: a vault refuses the identities of other tenants, whatever they were granted.`,
    evidence,
    remediation: [
      {
        text: `Give ${value.name} the tenant of the policy's identity again. It takes a right to write the vault (Key Vault Contributor), and a ReadOnly lock or an Azure Policy can refuse it. Then check the grants: a move to another tenant ends them.`,
        command: azCommand(
          'keyvault update',
          ['--name', subject.vaultName],
          ['--resource-group', subject.resourceGroup],
          ['--subscription', subject.subscriptionId],
          ['--set', `properties.tenantId=${ofPolicy}`],
        ),
        portal: `Key vaults → ${value.name} → Overview → Directory ID`,
        link: MOVE_PAGE,
      },
    ],
  };
}

/**
 * The finding about the grants, with what the tenant adds. It counts for every policy of the vault, and what else
 * the identity lacks stays to be undone.
 */
export function withTenant(found: Finding, facts: Facts, history: History, subject: Subject): Finding {
  const tenants = tenantMismatch(facts, subject, history);
  if (!tenants || (found.verdict === 'revoked' && tenants.verdict !== 'revoked')) return found;
  const scope = subject.vaultId ?? found.scope;
  const evidence = [...tenants.evidence, ...found.evidence];
  if (tenants.verdict === 'unknown') {
    if (found.verdict === 'suspected') return found;
    return unknownFinding(found.trigger, scope, tenants.summary, evidence);
  }
  return {
    ...found,
    verdict: tenants.verdict,
    summary: found.verdict === 'revoked' ? `${tenants.summary} ${found.summary}` : tenants.summary,
    inShort: 'vault in another tenant',
    evidence,
    remediation: [...tenants.remediation, ...found.remediation],
    scope,
    subject: ['the vault belongs to another tenant', ...(found.subject ?? [])],
  };
}
