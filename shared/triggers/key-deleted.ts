import type { Facts } from '../facts/facts.ts';
import { AUDIT_OPERATION } from '../signals/audit-operations.ts';
import { ARM_OPERATION } from '../signals/operation-names.ts';
import { isOurKey } from './asserted-key.ts';
import { azCommand } from './az-command.ts';
import { addDays } from './days.ts';
import { NO_EVENT_OF_KEYS, VAULT_LOG } from './detection-sources.ts';
import type { Evidence, Finding, RemediationStep, Trigger } from './finding.ts';
import type { History } from './history.ts';
import { rightTo } from './key-steps.ts';
import { listingOf, unlistedBecause, usedVersion } from './key-versions.ts';
import { LOCK_PAGE, RECOVERY_PAGE } from './links.ts';
import { clear, unknownFinding, unreadableFinding } from './make-finding.ts';
import { type Subject, subjectOf } from './subject.ts';

/**
 * Key Vault can't delete a single version. So if a version that existed, or that the policy names, is missing
 * from an existing key, the key was deleted and recreated under the same name; the new key unlocks nothing.
 */
export const keyDeleted: Trigger<'key-deleted'> = {
  id: 'key-deleted',
  words: 'Deleting the encryption key',
  link: LOCK_PAGE,
  about: 'key',
  detectionSources: {
    needs: ['key'],
    event: NO_EVENT_OF_KEYS,
    audit: {
      shows: [
        AUDIT_OPERATION.KeyDelete,
        AUDIT_OPERATION.KeyPurge,
        AUDIT_OPERATION.KeyCreate,
        AUDIT_OPERATION.KeyImport,
      ],
      sources: [VAULT_LOG],
    },
  },
  alwaysRaisesEvent: false,
  operations: {
    change: [AUDIT_OPERATION.KeyDelete, AUDIT_OPERATION.KeyPurge, ARM_OPERATION.policyWrite],
    propagationMs: 0,
  },
  hides: { about: ['key'], while: keyIsGone },
  assertedBy: (assertion, signal, history) =>
    (assertion.what === 'keyDeleted' || assertion.what === 'keyPurged') &&
    isOurKey(assertion, signal, history)
      ? {}
      : undefined,
  isUndoneByPeople: true,
  causedByTime: null,
  judge(facts, history) {
    const subject = subjectOf(facts, history);
    const scope = subject.keyId ?? subject.vaultId ?? facts.policyId;
    if (facts.key.state === 'unknown') return unreadableFinding('key-deleted', scope, 'The key', facts.key);
    const loss = lossOf(facts, history, subject);
    const unseen = loss === undefined ? originalUnseen(facts, history, subject) : undefined;
    if (unseen !== undefined) {
      const why = `Whether the key ${subject.keyName ?? ''} is still the original one is not known: ${unseen}`;
      return unknownFinding('key-deleted', scope, why);
    }
    if (loss === undefined) {
      return clear(
        'key-deleted',
        scope,
        `The key ${subject.keyName ?? ''} is there, with every version known.`,
        [{ text: 'Key: read, with its versions', source: scope, readAt: facts.key.readAt }],
      );
    }
    return {
      trigger: 'key-deleted',
      verdict: 'revoked',
      summary: loss.summary,
      evidence: [{ text: loss.text, source: scope, readAt: facts.key.readAt }, ...lastSeen(history, scope)],
      remediation: loss.replaced ? remediationForReplaced(subject) : remediationForDeleted(subject),
      scope,
      subject: loss.replaced ? ['another key of its name'] : [],
      recoverBy: recoverBy(facts, history),
    };
  },
};

/** True where the key that the environments were encrypted with is gone, whatever else has its name. */
function keyIsGone(facts: Facts, history: History): boolean {
  return lossOf(facts, history, subjectOf(facts, history)) !== undefined;
}

function lossOf(
  facts: Facts,
  history: History,
  subject: Subject,
): { summary: string; text: string; replaced: boolean } | undefined {
  const { key } = facts;
  const name = subject.keyName ?? '';
  if (key.state === 'gone') {
    return { summary: `The key ${name} is deleted.`, text: key.detail, replaced: false };
  }
  if (key.state !== 'known') return undefined;
  const listing = listingOf(key.value, history.key);
  if (listing.is === 'incomplete') return undefined;
  const missing = listing.missing.map(({ version }) => version);
  for (const pin of subject.pins) {
    if (pin !== undefined && usedVersion(key.value, pin) === undefined && !missing.some(same(pin)))
      missing.push(pin);
  }
  const [first] = missing;
  if (first === undefined) return undefined;
  const more = missing.length > 1 ? ` and ${missing.length - 1} more` : '';
  return {
    summary: `The key ${name} was deleted and another made under its name: the version that the environments need is not in it. The new key does not unlock them.`,
    text: `Key versions: ${key.value.versions.length} listed, ${first}${more} not among them`,
    replaced: true,
  };
}

/**
 * Why the versions that were read don't prove that this is the original key. The version that the policy
 * names proves it, and so does the newest of the earlier ones: a recreated key, or one restored from an older
 * backup, lacks that version.
 */
function originalUnseen({ key }: Facts, { key: memory }: History, { pins }: Subject): string | undefined {
  if (key.state !== 'known') return undefined;
  const unlisted = unlistedBecause(key.value, memory);
  const newest = memory?.versions[0]?.version;
  if (unlisted === undefined || newest === undefined) return undefined;
  const needed = pins.every((pin) => pin !== undefined) ? pins : [newest];
  const isShown = needed.every((pin) => usedVersion(key.value, pin) !== undefined);
  return isShown && memory?.goneAt === undefined ? undefined : unlisted.detail;
}

function same(pin: string): (version: string) => boolean {
  return (version) => version.toLowerCase() === pin.toLowerCase();
}

function lastSeen(history: History, source: string): Evidence[] {
  if (history.key === undefined) return [];
  return [{ text: 'Key: last seen with its original versions', source, readAt: history.key.seenAt }];
}

/**
 * ARM returns no purge date for a deleted key, so: last seen + the vault's retention, which is never too
 * late.
 */
function recoverBy(facts: Facts, history: History): Finding['recoverBy'] {
  const vault = facts.vault.state === 'known' ? facts.vault.value : history.vault;
  if (vault?.softDelete === false) return undefined;
  const days = vault?.softDeleteRetentionInDays ?? SHORTEST_RETENTION_DAYS;
  const at = addDays(history.key?.seenAt, days);
  const because = `The key was last seen ${days} days before, and a deleted key is kept ${days} days.`;
  return at === undefined ? undefined : { at, because, estimate: true };
}

const SHORTEST_RETENTION_DAYS = 7;

function remediationForDeleted(subject: Subject): RemediationStep[] {
  const { vaultName, keyName, subscriptionId } = subject;
  return [
    {
      text: `Recover the deleted key ${keyName ?? ''}. Don't make a new one of its name: it would not unlock the environments. ${rightTo(subject, 'Recover')}`,
      command: azCommand(
        'keyvault key recover',
        ['--vault-name', vaultName],
        ['--name', keyName],
        ['--subscription', subscriptionId],
      ),
      portal: `Key vaults → ${vaultName ?? 'the vault'} → Keys → Manage deleted keys → ${keyName ?? 'the key'} → Recover`,
      link: RECOVERY_PAGE,
    },
    {
      text: `If it is not among the deleted keys, it was purged: restore it from a backup, or ask Microsoft Support. ${rightTo(subject, 'List')}`,
      command: azCommand(
        'keyvault key list-deleted',
        ['--vault-name', vaultName],
        ['--subscription', subscriptionId],
      ),
      portal: `Key vaults → ${vaultName ?? 'the vault'} → Keys → Manage deleted keys`,
    },
  ];
}

/**
 * The name stays reserved while the key is only soft-deleted: so the original was purged, and only a backup
 * has it.
 */
function remediationForReplaced(subject: Subject): RemediationStep[] {
  const { vaultName, keyName, subscriptionId } = subject;
  const keys = `Key vaults → ${vaultName ?? 'the vault'} → Keys`;
  return [
    {
      text: `See which versions the present key has, and find a backup of the original key. ${rightTo(subject, 'List')}`,
      command: azCommand(
        'keyvault key list-versions',
        ['--vault-name', vaultName],
        ['--name', keyName],
        ['--subscription', subscriptionId],
      ),
      portal: `${keys} → ${keyName ?? 'the key'}`,
    },
    {
      text: `Restore the original key from its backup (the file original.keybackup here). A key of the same name stands in the way: it must be deleted and purged first, so be sure that nothing else uses it, and that the vault's purge protection allows it. ${rightTo(subject, 'Restore')}`,
      command: azCommand(
        'keyvault key restore',
        ['--vault-name', vaultName],
        ['--file', 'original.keybackup'],
        ['--subscription', subscriptionId],
      ),
      portal: `${keys} → Restore Backup`,
      link: LOCK_PAGE,
    },
    {
      text: 'Without a backup, ask Microsoft Support at once whether the original key can be brought back. It needs Power Platform Administrator or Dynamics 365 Administrator.',
      portal: 'Power Platform admin center → Support → New support request',
    },
  ];
}
