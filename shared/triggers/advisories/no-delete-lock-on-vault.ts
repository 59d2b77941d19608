import { LOCKS_PAGE } from '../links.ts';
import { subjectOf } from '../subject.ts';
import type { Advisory } from './advisory.ts';
import { judgeLocks } from './delete-locks.ts';

/**
 * Deleting the vault takes every environment of every policy on it offline; a lock makes that two steps, not
 * one.
 */
export const noDeleteLockOnVault: Advisory = {
  id: 'no-delete-lock-on-vault',
  words: 'No lock keeps the key vault from being deleted',
  link: LOCKS_PAGE,
  severities: ['warning'],
  judge(facts, history) {
    const { vaultId, vaultName } = subjectOf(facts, history);
    const name = vaultName ?? 'not known';
    const guarded = { id: vaultId, words: `the vault ${name}`, portal: `Key vaults → ${name}` };
    return judgeLocks(noDeleteLockOnVault, vaultId ?? facts.policyId, guarded, facts.protection?.vaultLocks);
  },
};
