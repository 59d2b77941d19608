import { armIdParts, isUnder, sameId } from '../../azure/arm-id.ts';
import { chainIds, type PreviewChain } from '../chain.ts';
import type { BlastScope } from './scope.ts';

/** Names of vaults are unique in all of Azure. */
function isVaultOf(vaultId: string, vault: string): boolean {
  return vault.startsWith('/') ? sameId(vaultId, vault) : armIdParts(vaultId).name.toLowerCase() === vault;
}

/** Whether an operation at this resource is one of the scope's own: below it, or so far above that it reaches it. */
export function isInScope(scope: BlastScope, chain: PreviewChain, on: string): boolean {
  const { vaultId, keyName } = chainIds(chain);
  switch (scope.kind) {
    case 'policy':
    case 'principal':
      return true;
    case 'vault':
      return vaultId !== undefined && (isUnder(on, vaultId) || isUnder(vaultId, on));
    case 'key':
    case 'version':
      return vaultId !== undefined && isUnder(on, `${vaultId}/keys/${keyName ?? ''}`);
    case 'resourceGroup':
    case 'subscription':
      return isUnder(on, scope.id) || (isUnder(scope.id, on) && reaches(chain, scope.id));
  }
}

/** An operation above the scope reaches a chain of that scope only. */
function reaches(chain: PreviewChain, id: string): boolean {
  const { policyId, vaultId } = chainIds(chain);
  return isUnder(policyId, id) || (vaultId !== undefined && isUnder(vaultId, id));
}

/**
 * Whether the chain is one of the scope's. `notKnown`: its key vault could never be read, so nobody can tell.
 */
export function concerns(scope: BlastScope, chain: PreviewChain): boolean | 'notKnown' {
  const { policyId, vaultId, keyName, principalId } = chainIds(chain);
  if (scope.kind === 'policy') return sameId(policyId, scope.policy);
  if (scope.kind === 'principal') {
    const { permission } = chain.facts;
    if (principalId?.toLowerCase() === scope.objectId) return true;
    if (permission.state !== 'known') return 'notKnown';
    const { grants, perhapsGroups } = permission.value;
    return [...grants, ...perhapsGroups].some((one) => one.principalId.toLowerCase() === scope.objectId);
  }
  if (scope.kind === 'resourceGroup' || scope.kind === 'subscription') {
    if (reaches(chain, scope.id)) return true;
    return vaultId === undefined ? 'notKnown' : false;
  }
  if (vaultId === undefined) return 'notKnown';
  if (!isVaultOf(vaultId, scope.vault)) return false;
  if (scope.kind === 'vault') return true;
  if (keyName?.toLowerCase() !== scope.keyName) return false;
  return scope.kind === 'key' || hasVersion(chain, scope.version);
}

function hasVersion({ facts: { key } }: PreviewChain, version: string): boolean | 'notKnown' {
  if (key.state === 'unknown') return true;
  if (key.state === 'gone') return false;
  if (key.value.versions.some((one) => one.version.toLowerCase() === version)) return true;
  return key.value.incomplete === undefined ? false : 'notKnown';
}

/** Whether a key, as `{vaultId}/keys/{name}`, is in the scope. */
export function holdsKey(scope: BlastScope, keyId: string): boolean {
  const vaultId = keyId.replace(/\/keys\/[^/]*$/i, '');
  switch (scope.kind) {
    case 'vault':
      return isVaultOf(vaultId, scope.vault);
    case 'key':
    case 'version':
      return isVaultOf(vaultId, scope.vault) && armIdParts(keyId).name.toLowerCase() === scope.keyName;
    case 'resourceGroup':
    case 'subscription':
      return isUnder(vaultId, scope.id);
    case 'policy':
    case 'principal':
      return false;
  }
}
