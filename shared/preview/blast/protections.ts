import { armIdParts } from '../../azure/arm-id.ts';
import type { Part } from '../../azure/part.ts';
import type { LockFact } from '../../facts/facts.ts';
import { linkedTo } from '../affected-environments.ts';
import { chainIds, type PreviewChain } from '../chain.ts';

/** What stands between an operation and an outage, or does not. One sentence each. */
export interface Protection {
  kind: 'vaultLock' | 'policyLock' | 'purgeProtection' | 'softDelete' | 'linkedEnvironments';
  is: 'present' | 'missing' | 'unknown';
  text: string;
}

export function protectionsOf(chain: PreviewChain): Protection[] {
  const { policyId, vaultId } = chainIds(chain);
  const { protection } = chain.facts;
  const vault = vaultId === undefined ? 'the key vault' : `the key vault ${armIdParts(vaultId).name}`;
  return [
    ...lock('vaultLock', vault, protection?.vaultLocks),
    ...lock('policyLock', `the enterprise policy ${armIdParts(policyId).name}`, protection?.policyLocks),
    ...linked(chain),
    ...recovery(chain, vault),
  ];
}

/** Azure docs, "Lock your resources to protect your infrastructure": locks apply to the control plane only. */
function lock(
  kind: 'vaultLock' | 'policyLock',
  what: string,
  part: Part<LockFact[]> | undefined,
): Protection[] {
  if (part?.state !== 'known') {
    const why = part === undefined ? '' : `: ${part.detail}`;
    return [{ kind, is: 'unknown', text: `Whether a lock protects ${what} could not be read${why}` }];
  }
  if (part.value.length === 0)
    return [{ kind, is: 'missing', text: `No management lock keeps ${what} from being deleted.` }];
  return part.value.map(({ name, level, scope }) => ({
    kind,
    is: 'present',
    text: /^ReadOnly$/i.test(level)
      ? `The lock ${name} (${level}) on ${scope} keeps ${what} from being deleted or changed, and does not protect the key in the vault.`
      : `The lock ${name} (${level}) on ${scope} keeps ${what} from being deleted, and does not protect against anything else.`,
  }));
}

function linked(chain: PreviewChain): Protection[] {
  const count = linkedTo(chain).length;
  if (count === 0) return [];
  return [
    {
      kind: 'linkedEnvironments',
      is: 'present',
      text: 'Azure refuses to delete the enterprise policy while environments are linked to it.',
    },
  ];
}

function recovery({ facts, history }: PreviewChain, vault: string): Protection[] {
  const known = facts.vault.state === 'known' ? facts.vault.value : undefined;
  const last = known ?? history.vault;
  if (last === undefined)
    return [
      {
        kind: 'purgeProtection',
        is: 'unknown',
        text: `Whether what is deleted in ${vault} can be recovered could not be read.`,
      },
    ];
  const { softDelete, purgeProtection, softDeleteRetentionInDays: days } = last;
  const retention = days === undefined ? 'until its retention ends' : `for ${days} days`;
  return [
    softDelete === false
      ? {
          kind: 'softDelete',
          is: 'missing',
          text: `${sentence(vault)} has no soft delete: what is deleted there is lost at once.`,
        }
      : {
          kind: 'softDelete',
          is: softDelete === undefined ? 'unknown' : 'present',
          text:
            softDelete === undefined
              ? `Azure does not say whether ${vault} has soft delete.`
              : `What is deleted in ${vault} can be recovered ${retention}. Environments are offline until it is.`,
        },
    purgeProtection === true
      ? {
          kind: 'purgeProtection',
          is: 'present',
          text: `Purge protection keeps anybody from purging ${vault} or its keys before that.`,
        }
      : {
          kind: 'purgeProtection',
          is: 'missing',
          text: `${sentence(vault)} has no purge protection: whoever may purge can make a deletion final at once.`,
        },
  ];
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
