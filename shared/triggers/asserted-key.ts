import { normalId, sameId } from '../azure/arm-id.ts';
import type { Assertion, Signal } from '../signals/signal.ts';
import type { History } from './history.ts';
import { policyVaultId } from './policy-chain.ts';

/** Whether it is the policy's own key that the signal asserts something of. */
export function isOurKey({ scope }: Assertion, { keyName }: Signal, history: History): boolean {
  const vaultId = policyVaultId(history);
  const ours = history.key?.name ?? history.policy?.keyName;
  if (vaultId === undefined || ours === undefined) return false;
  const [vaultScope = '', inScope] = normalId(scope).split('/keys/');
  const name = keyName ?? inScope?.split('/')[0];
  return sameId(vaultScope, vaultId) && name?.toLowerCase() === ours.toLowerCase();
}

/**
 * The version that an operation disabled, where it named one; undefined where the signal says nothing of a
 * disabling of the policy's key. Of an operation without a version, any version may be meant.
 */
export function disabledVersion(
  assertion: Assertion,
  signal: Signal,
  history: History,
): { version?: string; isOlder: boolean } | undefined {
  if (assertion.what !== 'keyDisabled' || !isOurKey(assertion, signal, history)) return undefined;
  const version = assertion.version ?? signal.keyVersion;
  return { version, isOlder: isOlderVersion(version, history) };
}

/** Newest first. A pinned version is the one in use. */
function isOlderVersion(version: string | undefined, history: History): boolean {
  if (version === undefined) return false;
  const versions = history.key?.versions ?? [];
  const inUse = history.policy?.keyVersion ?? versions.find((one) => one.supersededAt === undefined)?.version;
  return inUse !== undefined && inUse.toLowerCase() !== version.toLowerCase();
}
