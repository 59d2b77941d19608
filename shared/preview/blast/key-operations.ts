import type { KeyVersionFact } from '../../facts/facts.ts';
import { KEEP_ENABLED_DAYS } from '../../facts/keep-enabled.ts';
import { addDays, daysBetween } from '../../triggers/days.ts';
import { usedVersion } from '../../triggers/key-versions.ts';
import { chainIds, type PreviewChain } from '../chain.ts';
import type { KeySettings } from '../change.ts';
import { operationId } from './operation-id.ts';
import type { OperationsOf } from './operations.ts';

type Listed = ReturnType<OperationsOf>;
interface ChainKey {
  vaultId: string;
  keyName: string;
  keyId: string;
}

function keyOf(chain: PreviewChain): ChainKey | undefined {
  const { vaultId, keyName } = chainIds(chain);
  if (vaultId === undefined || keyName === undefined) return undefined;
  return { vaultId, keyName, keyId: `${vaultId}/keys/${keyName}` };
}

/** Key Vault deletes a key with all its versions, so a version alone has no such operation. */
export const deletedKey: OperationsOf = (chain, { version }) => {
  const key = keyOf(chain);
  if (key === undefined || version !== undefined) return [];
  const { vaultId, keyName, keyId } = key;
  return [
    {
      id: operationId('key-deleted', keyId),
      what: `Delete the key ${keyName}`,
      on: keyId,
      operations: [{ what: 'keyDeleted', vaultId, keyName }],
    },
  ];
};

export const disabledKey: OperationsOf = (chain, { version }) => {
  const key = keyOf(chain);
  if (key === undefined || version !== undefined) return [];
  const { vaultId, keyName, keyId } = key;
  const what = `Disable the key ${keyName} with all its versions`;
  const id = operationId('key-disabled', keyId);
  const part = chain.facts.key;
  if (part.state === 'gone') return [];
  if (part.state === 'unknown')
    return [{ id, what, on: keyId, operations: [], unread: unreadKey(part.detail) }];
  const operations = part.value.versions
    .filter(({ enabled }) => enabled)
    .map((one) => ({
      what: 'keySet' as const,
      vaultId,
      keyName,
      version: one.version,
      set: { enabled: false },
    }));
  return operations.length === 0 ? [] : [{ id, what, on: keyId, operations }];
};

export const disabledVersions: OperationsOf = (chain, options) =>
  eachVersion(chain, neededVersions(chain, options), {
    id: 'version-disabled',
    what: (version, keyName) => `Disable the version ${version} of the key ${keyName}`,
    set: { enabled: false },
    isSo: ({ enabled }) => !enabled,
  });

export const expiredVersions: OperationsOf = (chain, options) =>
  eachVersion(chain, usedOrAsked(chain, options), {
    id: 'version-expired',
    what: (version, keyName) =>
      `Let the version ${version} of the key ${keyName} expire, or set an expiry date that has passed`,
    set: { expires: shifted(options.now, -1) },
    isSo: ({ expires }) => expires !== undefined && Date.parse(expires) <= Date.parse(options.now),
  });

export const notYetActiveVersions: OperationsOf = (chain, options) =>
  eachVersion(chain, usedOrAsked(chain, options), {
    id: 'version-not-yet-active',
    what: (version, keyName) =>
      `Set an activation date in the future for the version ${version} of the key ${keyName}`,
    set: { notBefore: shifted(options.now, 30) },
    isSo: ({ notBefore }) => notBefore !== undefined && Date.parse(notBefore) > Date.parse(options.now),
  });

export const unusableVersions: OperationsOf = (chain, options) =>
  eachVersion(chain, usedOrAsked(chain, options), {
    id: 'version-unusable',
    what: (version, keyName) =>
      `Take wrapKey or unwrapKey from the permitted operations of the version ${version} of the key ${keyName}`,
    set: { keyOps: ['encrypt', 'decrypt', 'sign', 'verify'] },
    isSo: ({ keyOps }) =>
      keyOps !== undefined && !['wrapkey', 'unwrapkey'].every((one) => keyOps.map(lower).includes(one)),
  });

function eachVersion(
  chain: PreviewChain,
  versions: readonly KeyVersionFact[],
  kind: {
    id: string;
    what(version: string, keyName: string): string;
    set: KeySettings;
    /** It is so already. */
    isSo(version: KeyVersionFact): boolean;
  },
): Listed {
  const key = keyOf(chain);
  const part = chain.facts.key;
  if (key === undefined || part.state === 'gone') return [];
  const { vaultId, keyName, keyId } = key;
  if (part.state === 'unknown')
    return [
      {
        id: operationId(kind.id, keyId),
        what: kind.what('in use', keyName),
        on: keyId,
        operations: [],
        unread: unreadKey(part.detail),
      },
    ];
  return versions
    .filter((one) => !kind.isSo(one))
    .map(({ version }) => ({
      id: operationId(kind.id, keyId, version),
      what: kind.what(version, keyName),
      on: `${keyId}/versions/${version}`,
      operations: [{ what: 'keySet', vaultId, keyName, version, set: kind.set }],
    }));
}

function usedOrAsked(chain: PreviewChain, { version }: Parameters<OperationsOf>[1]): KeyVersionFact[] {
  const { key, policy } = chain.facts;
  if (key.state !== 'known') return [];
  if (version !== undefined) return key.value.versions.filter((one) => lower(one.version) === version);
  const known = policy.state === 'known' ? policy.value : chain.history.policy;
  return [usedVersion(key.value, known?.keyVersion) ?? []].flat();
}

/** The version in use, and those that were current within the last 28 days; one where the policy names it. */
function neededVersions(chain: PreviewChain, options: Parameters<OperationsOf>[1]): KeyVersionFact[] {
  const { key, policy } = chain.facts;
  const used = usedOrAsked(chain, options);
  if (key.state !== 'known' || options.version !== undefined) return used;
  const known = policy.state === 'known' ? policy.value : chain.history.policy;
  if (known?.keyVersion !== undefined) return used;
  const { versions } = key.value;
  const older = versions.filter((_, n) => {
    const replacedAt = versions[n - 1]?.created;
    return replacedAt !== undefined && daysBetween(replacedAt, options.now) < KEEP_ENABLED_DAYS;
  });
  return [...used, ...older];
}

function unreadKey(detail: string): string {
  return `The key could not be read, so what this does is not known: ${detail}`;
}

function shifted(now: string, days: number): string {
  return addDays(now, days) ?? now;
}

const lower = (text: string) => text.toLowerCase();
