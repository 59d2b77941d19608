import type { ArmSession } from '../azure/arm-client.ts';
import { armIdParts, normalId } from '../azure/arm-id.ts';
import { before, type Deadline, deadlineIn, LATE } from '../azure/deadline.ts';
import { unknown } from '../azure/outcome.ts';
import type { Part } from '../azure/part.ts';
import type { Facts, MovedFact, PermissionFact, ProtectionFacts, TimeBoundFact } from './facts.ts';
import { type ListedLocks, locksReaching, readLocks } from './locks.ts';
import type { RoleAssignment } from './permission.ts';
import { readPermission } from './permission-reader.ts';
import { readPolicy } from './policy.ts';
import type { PolicyReaderFact } from './policy-reader-fact.ts';
import { readAssignments, readPolicyReaders } from './policy-readers.ts';
import type { MovedTo } from './reader.ts';
import { readRotation } from './rotation.ts';
import { readTimeBound } from './time-bound.ts';
import { readVault } from './vault.ts';

/** The reading before its protection is read. */
type Chain = Omit<Facts, 'protection'>;

/**
 * No environment goes offline without this data, so it may delay a sweep by no more than this per
 * subscription.
 */
const MAX_MS = 3000;

/**
 * Reads the protections of a policy's chain against accidents. Each read session queries each subscription
 * once, however many policies and vaults are in it. `arm`: the client; `session`: the reading's own session,
 * which already has the key.
 */
export function protectionReader(
  arm: (deadline: Deadline) => ArmSession,
  session: ArmSession,
  deadline: Deadline,
) {
  const locks = new Map<string, Promise<Part<ListedLocks>>>();
  const endings = new Map<string, Promise<Part<TimeBoundFact[]>>>();
  const assignments = new Map<string, Promise<Part<RoleAssignment[]>>>();
  const ask = <T>(
    memory: Map<string, Promise<Part<T>>>,
    resourceId: string,
    read: (from: ArmSession, subscriptionId: string) => Promise<Part<T>>,
  ): Promise<Part<T>> => {
    const { subscriptionId } = armIdParts(resourceId);
    if (subscriptionId === undefined)
      return Promise.resolve(unknown('invalidAnswer', 'Its id names no subscription.', session.clock.now()));
    const known = memory.get(normalId(subscriptionId));
    if (known) return known;
    const left = Math.min(MAX_MS, deadline.atMs - session.clock.nowMs());
    const answer = read(arm(deadlineIn(left, session.clock)), subscriptionId);
    memory.set(normalId(subscriptionId), answer);
    return answer;
  };
  const reaching = async (resourceId: string) =>
    locksReaching(await ask(locks, resourceId, readLocks), resourceId);

  const readers = async (policyId: string): Promise<Part<PolicyReaderFact[]>> => {
    const reading = readPolicyReaders(session, policyId, await ask(assignments, policyId, readAssignments));
    const read = await before(deadlineIn(MAX_MS, session.clock), () => reading);
    return read === LATE
      ? unknown('timeout', 'The roles of those who may read the policy were slow.', session.clock.now())
      : read;
  };

  const movedTo = async (to: MovedTo): Promise<MovedFact> => {
    const read = await before(deadlineIn(MAX_MS, session.clock), () => readMoved(session, to));
    const late = () => unknown('timeout', 'The new policy and the old vault were slow.', session.clock.now());
    return { ...to, permission: read === LATE ? late() : read };
  };

  return async (chain: Chain, moved: readonly MovedTo[] = []): Promise<ProtectionFacts> => {
    const { policyId, policy, vault, key } = chain;
    const pinned = policy.state === 'known' && policy.value.keyVersion !== undefined;
    const [policyLocks, vaultLocks, rotation, timeBound, policyReaders, ...permissions] = await Promise.all([
      reaching(policyId),
      vault.state === 'known' ? reaching(vault.value.id) : below(vault, 'The vault'),
      vault.state !== 'known' || key.state !== 'known'
        ? below(key, 'The key')
        : pinned
          ? unknown('follows', 'The policy names one key version, which no rotation replaces.', key.readAt)
          : readRotation(session, policyVault(chain), policyKey(chain)),
      vault.state !== 'known'
        ? below(vault, 'The vault')
        : vault.value.rbac
          ? ask(endings, vault.value.id, readTimeBound)
          : unknown('follows', 'The vault uses access policies, which have no end.', vault.readAt),
      policy.state === 'gone' ? below(policy, 'The policy') : readers(policyId),
      ...moved.map(movedTo),
    ]);
    const read = { policyLocks, vaultLocks, rotation, timeBound, policyReaders };
    return permissions.length > 0 ? { ...read, moved: permissions } : read;
  };
}

/** The new policy's identity, judged by the old vault: in a session that reads both, most of it is read already. */
async function readMoved(session: ArmSession, { policyId, keyId }: MovedTo): Promise<Part<PermissionFact>> {
  const vaultId = keyId.replace(/\/keys\/[^/]*$/i, '');
  const [policy, vault] = await Promise.all([readPolicy(session, policyId), readVault(session, vaultId)]);
  if (policy.state !== 'known') return below(policy, 'The new policy');
  const { principalId } = policy.value;
  if (principalId === undefined)
    return unknown('invalidAnswer', 'The new policy names no identity.', policy.readAt);
  return readPermission(session, { vaultId, keyName: armIdParts(keyId).name, principalId }, vault);
}

/** As the chain's request spelled it, so that the session recognises the same request. */
function policyVault({ policy, vault }: Chain): string {
  const named = policy.state === 'known' ? policy.value.vaultId : undefined;
  return named ?? (vault.state === 'known' ? vault.value.id : '');
}

function policyKey({ policy, key }: Chain): string {
  const named = policy.state === 'known' ? policy.value.keyName : undefined;
  return named ?? (key.state === 'known' ? key.value.name : '');
}

function below(part: Part<unknown>, what: string): Part<never> {
  return unknown('follows', `${what} is ${part.state}.`, part.readAt);
}
