import type { ArmSession } from '../azure/arm-client.ts';
import { before, deadlineIn, LATE } from '../azure/deadline.ts';
import { unknown } from '../azure/outcome.ts';
import type { Part } from '../azure/part.ts';
import type { Clock } from '../clock.ts';
import type { EnvironmentReading, PolicyAnswer } from './environments.ts';
import type { EnvironmentsFact, Facts, PolicyFact } from './facts.ts';
import { askKey, type KeyAsk, readKey } from './key.ts';
import { withMovedVault } from './moved-vault.ts';
import type { KeyUse } from './permission.ts';
import { prefetchRoles, readPermission } from './permission-reader.ts';
import { liesInHsm, readPolicy } from './policy.ts';
import type { ReadHints } from './reader.ts';
import { readDeletedVault, readVault, type VaultReading } from './vault.ts';

/** What one read session reads with. */
export interface ChainSession {
  session: ArmSession;
  environments: EnvironmentReading;
  beganAt: string;
  watched: readonly string[];
}

/** The longest wait for the list of environments after the rest; `skip`: it is not asked. */
export type ListGrace = number | 'skip' | undefined;

/** One policy's chain: its own answer, and everything below it. */
export async function readChain(
  { session: arm, environments, beganAt, watched }: ChainSession,
  policyId: string,
  hints: ReadHints,
  graceMs: ListGrace,
): Promise<Facts> {
  const policyRead = readPolicy(arm, policyId);
  const readList = () => environments.forPolicy(policyId, policyRead.then(policyAnswerOf));
  const early = graceMs === 'skip' ? undefined : readList();
  prefetch(arm, hints);
  const policy = await policyRead;
  const chain = await readBelow(arm, belowPolicy(policy, hints), hints, watched);
  const read = { policyId, readAt: beganAt, policy, ...chain };
  // Only the list can show whether environments still name a policy that is gone.
  if (graceMs === undefined || policy.state === 'gone')
    return { ...read, environments: await (early ?? readList()) };
  if (graceMs === 'skip' || !early) return { ...read, environments: notAsked(arm.clock) };
  return { ...read, environments: await withGrace(early, graceMs, arm.clock) };
}

export function notAsked(clock: Clock): Part<never> {
  const detail = 'The environments are those of the last list: a signal does not wait for a new one.';
  return unknown('timeout', detail, clock.now());
}

/** The list where it comes soon; otherwise the last known members are used. */
export async function withGrace(
  reading: Promise<Part<EnvironmentsFact>>,
  graceMs: number,
  clock: Clock,
): Promise<Part<EnvironmentsFact>> {
  const list = await before(deadlineIn(graceMs, clock), () => reading);
  if (list !== LATE) return list;
  return unknown(
    'timeout',
    'The list of environments was slower than the rest, which could not wait.',
    clock.now(),
  );
}

/**
 * Requests everything that the hints name while the policy request is in flight; answers are shared, not
 * repeated.
 */
export function prefetch(arm: ArmSession, { vaultId, keyName, principalId, rbac }: ReadHints): void {
  if (vaultId === undefined || liesInHsm(vaultId)) return;
  arm.keyVault.vault(vaultId);
  if (keyName === undefined) return;
  askKey(arm, { vaultId, keyName });
  if (principalId !== undefined && rbac) prefetchRoles(arm, { vaultId, keyName, principalId });
}

export function policyAnswerOf(policy: Part<PolicyFact>): PolicyAnswer {
  if (policy.state === 'gone') return { goneAt: policy.readAt };
  return policy.state === 'known' ? { systemId: policy.value.systemId } : {};
}

/** The resources below the policy, or the reason why there are none to read. */
type Subject =
  | (Pick<PolicyFact, 'vaultId' | 'keyName' | 'principalId' | 'keyVersion' | 'tenantId'> & { readAt: string })
  | { none: Part<never> };

export function belowPolicy(policy: Part<PolicyFact>, hints: ReadHints): Subject {
  const { readAt } = policy;
  if (policy.state !== 'known') {
    if (liesInHsm(hints.vaultId)) return notJudged(readAt);
    if (hints.vaultId !== undefined) return { ...hints, readAt };
    return {
      none: unknown('follows', "The policy can't be read, and no earlier reading showed its vault.", readAt),
    };
  }
  const { managedHsm } = policy.value;
  // A name that is missing from the policy's answer is no change of it: the chain is read by the earlier one.
  const vaultId = policy.value.vaultId ?? hints.vaultId;
  if (managedHsm || liesInHsm(vaultId)) return notJudged(readAt);
  if (vaultId === undefined)
    return { none: unknown('invalidAnswer', 'The policy names no key vault.', readAt) };
  const { keyName = hints.keyName, principalId = hints.principalId, keyVersion, tenantId } = policy.value;
  return { vaultId, keyName, principalId, keyVersion, tenantId, readAt };
}

function notJudged(readAt: string): Subject {
  const detail = 'The key lies in a Managed HSM, which Lockwatch lists but does not judge.';
  return { none: unknown('notSupported', detail, readAt) };
}

type Below = Pick<Facts, 'vault' | 'deletedVault' | 'movedVault' | 'key' | 'permission'>;

async function readBelow(
  arm: ArmSession,
  subject: Subject,
  hints: ReadHints,
  watched: readonly string[],
): Promise<Below> {
  if ('none' in subject) {
    const { none } = subject;
    return { vault: none, deletedVault: none, key: none, permission: none };
  }
  const { vaultId = '', keyName, keyVersion, principalId, tenantId, readAt } = subject;
  const vaultRead = readVault(arm, vaultId);
  const unnamed = (what: string) => unknown('invalidAnswer', `The policy names no ${what}.`, readAt);
  const keyAsk: KeyAsk = {
    vaultId,
    keyName: keyName ?? '',
    pinned: keyVersion,
    knownVersions: hints.keyVersions,
  };
  const keyUse: KeyUse = { vaultId, keyName: keyName ?? '', principalId: principalId ?? '', tenantId };
  const [vault, deletedVault, key, permission] = await Promise.all([
    vaultRead,
    vaultRead.then((reading) => twinOf(arm, vaultId, reading, hints)),
    keyName === undefined ? unnamed('key') : readKey(arm, keyAsk),
    principalId === undefined
      ? unnamed('identity')
      : vaultRead.then((reading) => readPermission(arm, keyUse, reading)),
  ]);
  if (vault.part.state !== 'gone') return { vault: vault.part, deletedVault, key, permission };
  const follows = unknown('follows', 'The key vault is gone, and with it what lay in it.', vault.part.readAt);
  const below = { vault: vault.part, deletedVault, key: follows, permission: follows };
  return withMovedVault(arm, below, keyUse, watched);
}

async function twinOf(
  arm: ArmSession,
  vaultId: string,
  { part }: VaultReading,
  hints: ReadHints,
): Promise<Facts['deletedVault']> {
  if (part.state === 'gone') return readDeletedVault(arm, vaultId, hints.vaultLocation);
  return unknown('follows', 'Looked for only where the vault is gone.', part.readAt);
}
