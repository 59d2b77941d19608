import { isUnder } from '../azure/arm-id.ts';
import type { Facts } from '../facts/facts.ts';
import { AUDIT_OPERATION } from '../signals/audit-operations.ts';
import { ARM_OPERATION } from '../signals/operation-names.ts';
import { azCommand } from './az-command.ts';
import { GROUP_GONE } from './changing-operations.ts';
import { addDays } from './days.ts';
import { SUBSCRIPTION_EVENTS, VAULT_LOG } from './detection-sources.ts';
import type { Evidence, Finding, RemediationStep, Trigger } from './finding.ts';
import { grantSteps } from './grant-steps.ts';
import type { History } from './history.ts';
import { LOCK_PAGE, NETWORK_PAGE, RECOVERY_PAGE, SOFT_DELETE_PAGE } from './links.ts';
import { clear, unreadableFinding } from './make-finding.ts';
import { movedElsewhere } from './moved-elsewhere.ts';
import { policyVaultId } from './policy-chain.ts';
import { subjectOf } from './subject.ts';

export const vaultDeleted: Trigger<'vault-deleted'> = {
  id: 'vault-deleted',
  words: 'Deleting the key vault',
  link: LOCK_PAGE,
  about: 'vault',
  detectionSources: {
    needs: ['vault'],
    event: {
      shows: [
        ARM_OPERATION.vaultDelete,
        ARM_OPERATION.resourceGroupDelete,
        ARM_OPERATION.resourcesMove,
        ARM_OPERATION.vaultPurge,
      ],
      sources: [SUBSCRIPTION_EVENTS],
    },
    audit: { shows: [AUDIT_OPERATION.VaultDelete, AUDIT_OPERATION.VaultPurge], sources: [VAULT_LOG] },
  },
  alwaysRaisesEvent: true,
  operations: {
    change: [ARM_OPERATION.vaultDelete, AUDIT_OPERATION.VaultDelete, ...GROUP_GONE],
    propagationMs: 0,
  },
  hides: { about: ['key', 'permission', 'network'], while: ({ vault }) => vault.state === 'gone' },
  assertedBy: ({ what, scope }, _signal, history) => {
    const vaultId = policyVaultId(history);
    return what === 'deleted' && vaultId !== undefined && isUnder(vaultId, scope) ? {} : undefined;
  },
  isUndoneByPeople: true,
  causedByTime: null,
  judge(facts, history) {
    const { vaultId, vaultName } = subjectOf(facts, history);
    const scope = vaultId ?? facts.policyId;
    if (facts.vault.state === 'unknown') {
      return unreadableFinding('vault-deleted', scope, 'The key vault', facts.vault);
    }
    if (facts.vault.state === 'known') {
      return clear('vault-deleted', scope, `The key vault ${vaultName} is there.`, [
        { text: 'Key vault: read', source: scope, readAt: facts.vault.readAt },
      ]);
    }
    const evidence: Evidence[] = [
      { text: facts.vault.detail, source: scope, readAt: facts.vault.readAt },
      ...twinEvidence(facts),
    ];
    const elsewhere = movedElsewhere(facts, history);
    if (elsewhere) {
      const { readAt } = facts.movedVault ?? facts.vault;
      const more = elsewhere.evidence.map((text) => ({ text, readAt }));
      const { verdict, summary, inShort, subject } = elsewhere;
      const steps = [...elsewhere.remediation, ...(elsewhere.isFound ? [] : remediation(facts, history))];
      return {
        trigger: 'vault-deleted',
        verdict,
        summary,
        inShort,
        evidence: [...evidence, ...more],
        remediation: steps,
        scope,
        subject,
      };
    }
    return {
      trigger: 'vault-deleted',
      verdict: 'revoked',
      summary: `The key vault ${vaultName ?? ''} that holds the key is deleted${purged(facts) ? ', and no deleted vault of its name is left to recover' : ''}.`,
      evidence,
      remediation: remediation(facts, history),
      scope,
      subject: purged(facts) ? ['no deleted vault is left to recover'] : [],
      recoverBy: recoverBy(facts, history),
    };
  },
};

function purged(facts: Facts): boolean {
  return facts.deletedVault.state === 'gone';
}

function twinEvidence(facts: Facts): Evidence[] {
  const twin = facts.deletedVault;
  if (twin.state !== 'known') return [{ text: twin.detail, readAt: twin.readAt }];
  const { deletedAt, scheduledPurgeDate } = twin.value;
  const times = `deleted ${deletedAt ?? 'at a time not told'}, purged on ${scheduledPurgeDate ?? 'a day not told'}`;
  return [{ text: `Deleted vault: ${times}`, readAt: twin.readAt }];
}

/** Azure's own purge date where it is reported, else an estimate that is never too late. */
function recoverBy(facts: Facts, history: History): Finding['recoverBy'] {
  const twin = facts.deletedVault;
  if (twin.state === 'gone') return undefined;
  const days = history.vault?.softDeleteRetentionInDays ?? SHORTEST_RETENTION_DAYS;
  if (twin.state === 'known') {
    const purgedAt = addDays(twin.value.scheduledPurgeDate, 0);
    if (purgedAt)
      return { at: purgedAt, because: 'Azure purges the deleted vault and its keys then.', estimate: false };
    const at = addDays(twin.value.deletedAt, days);
    if (at)
      return {
        at,
        because: `The vault was deleted ${days} days before, and is purged then.`,
        estimate: true,
      };
  }
  const at = addDays(history.vault?.seenAt, days);
  const because = `The vault was last seen ${days} days before, and deleted vaults are kept ${days} days.`;
  return at === undefined ? undefined : { at, because, estimate: true };
}

/**
 * Key Vault docs, soft delete: 7 to 90 days. Where the vault's own number is not known, the shortest is the
 * safe one.
 */
const SHORTEST_RETENTION_DAYS = 7;

function remediation(facts: Facts, history: History): RemediationStep[] {
  const { vaultId, vaultName, resourceGroup, subscriptionId, location } = subjectOf(facts, history);
  const inVault: [string, string | undefined][] = [
    ['--name', vaultName],
    ['--resource-group', resourceGroup],
    ['--subscription', subscriptionId],
  ];
  const steps: RemediationStep[] = [];
  if (facts.vault.state === 'gone' && /ResourceGroupNotFound/i.test(facts.vault.detail)) {
    steps.push({
      text: `Make the resource group ${resourceGroup ?? ''} again: it is gone too, and a vault is recovered into its own group. It needs the role Contributor on the subscription.`,
      command: azCommand(
        'group create',
        ['--name', resourceGroup],
        ['--location', location],
        ['--subscription', subscriptionId],
      ),
      portal: 'Resource groups → Create',
    });
  }
  if (purged(facts)) {
    steps.push({
      text: 'Look for the deleted vault in every region; if it was moved instead, move it back. If it was purged, only Microsoft Support can say whether anything can be saved. It needs the role Reader on the subscription.',
      command: azCommand(
        'keyvault list-deleted',
        ['--resource-type', 'vault'],
        ['--subscription', subscriptionId],
      ),
      portal: 'Key vaults → Manage deleted vaults',
      link: RECOVERY_PAGE,
    });
  }
  steps.push({
    text: `${purged(facts) ? 'If it is found there: recover' : 'Recover'} the deleted vault ${vaultName ?? ''}. Don't make a new one of its name: its key would be another. It needs the role Key Vault Contributor on the subscription.`,
    command: azCommand(
      'keyvault recover',
      ['--name', vaultName],
      ['--location', location],
      ['--resource-group', resourceGroup],
      ['--subscription', subscriptionId],
    ),
    portal: `Key vaults → Manage deleted vaults → ${vaultName ?? 'the vault'} → Recover`,
    link: RECOVERY_PAGE,
  });
  steps.push(...grantAgain(facts, history, vaultId));
  steps.push({
    text: "See which Event Grid subscriptions the vault has, and make again those it had before: recovering doesn't bring them back. It needs the role EventGrid EventSubscription Contributor on the vault.",
    command: azCommand('eventgrid event-subscription list', ['--source-resource-id', vaultId]),
    portal: `Key vaults → ${vaultName ?? 'the vault'} → Events`,
    link: SOFT_DELETE_PAGE,
  });
  steps.push({
    text: 'Check the network settings, and set them in a request of its own: the one that recovers a vault ignores them. It needs the role Reader on the vault, and Key Vault Contributor to change them.',
    command: azCommand('keyvault show', ...inVault, ['--query', 'properties']),
    portal: `Key vaults → ${vaultName ?? 'the vault'} → Networking`,
    link: NETWORK_PAGE,
  });
  return steps;
}

/**
 * Role assignments are deleted with the vault; access policies are part of the vault and are recovered with
 * it.
 */
function grantAgain(facts: Facts, history: History, vaultId: string | undefined): RemediationStep[] {
  const subject = { ...subjectOf(facts, history), vaultId };
  const { vault } = history;
  if (vault?.rbac === false) {
    return [
      {
        text: "Check that the policy's identity is still in the vault's access policies: they come back with the vault. It needs the role Reader on the vault.",
        portal: `Key vaults → ${subject.vaultName ?? 'the vault'} → Access policies`,
      },
    ];
  }
  return grantSteps(subject, 'rbac', {
    lead: vault === undefined ? 'If the vault works with role assignments (Azure RBAC): ' : '',
    why: "recovering the vault doesn't bring its role assignments back",
  });
}
