import type { ArmSession } from '../azure/arm-client.ts';
import { armIdParts, normalId } from '../azure/arm-id.ts';
import { before, type Deadline, deadlineIn, LATE } from '../azure/deadline.ts';
import { unknown } from '../azure/outcome.ts';
import type { Part } from '../azure/part.ts';
import type { Facts, LockFact, PolicyReaderFact, ProtectionFacts, TimeBoundFact } from './facts.ts';
import { locksReaching, readLocks } from './locks.ts';
import type { RoleAssignment } from './permission.ts';
import { readAssignments, readPolicyReaders } from './policy-readers.ts';
import { readRotation } from './rotation.ts';
import { readTimeBound } from './time-bound.ts';

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
  const locks = new Map<string, Promise<Part<LockFact[]>>>();
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

  return async (chain: Chain): Promise<ProtectionFacts> => {
    const { policyId, policy, vault, key } = chain;
    const pinned = policy.state === 'known' && policy.value.keyVersion !== undefined;
    const [policyLocks, vaultLocks, rotation, timeBound, policyReaders] = await Promise.all([
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
    ]);
    return { policyLocks, vaultLocks, rotation, timeBound, policyReaders };
  };
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
