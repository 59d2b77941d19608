import { sameId } from '../azure/arm-id.ts';
import { before, deadlineIn, LATE } from '../azure/deadline.ts';
import { unknown } from '../azure/outcome.ts';
import type { Part } from '../azure/part.ts';
import type { Facts } from './facts.ts';
import { type KeyAsk, readKey } from './key.ts';
import { readPolicy } from './policy.ts';
import {
  belowPolicy,
  type ChainSession,
  type ListGrace,
  notAsked,
  policyAnswerOf,
  readChain,
  withGrace,
} from './read-chain.ts';
import type { ReadBeside, ReadHints } from './reader.ts';

/** How long a policy's own answer may take where the reading of another one shows what happened. */
const OWN_ANSWER_MS = 2_000;

/**
 * A policy whose cause the reading of another one has shown: the notice does not wait for the rest, which the
 * next sweeps read. One that is gone, or has another vault by now, is read whole.
 */
export async function readBeside(
  from: ChainSession,
  policyId: string,
  hints: ReadHints,
  { facts, vaultId, keyName }: ReadBeside,
  graceMs: ListGrace,
): Promise<Facts> {
  const { session: arm, environments, beganAt } = from;
  const notYet = () => unknown('timeout', 'The notice about its key vault could not wait.', arm.clock.now());
  const soon = async <T>(reading: Promise<Part<T>>): Promise<Part<T>> => {
    const part = await before(deadlineIn(OWN_ANSWER_MS, arm.clock), () => reading);
    return part === LATE ? notYet() : part;
  };
  const policyRead = soon(readPolicy(arm, policyId));
  const list =
    graceMs === 'skip' ? undefined : environments.forPolicy(policyId, policyRead.then(policyAnswerOf));
  const policy = await policyRead;
  const below = belowPolicy(policy, hints);
  if ('none' in below || policy.state === 'gone' || !sameId(below.vaultId ?? '', vaultId))
    return readChain(from, policyId, hints, graceMs);
  const { vault, deletedVault, movedVault } = facts;
  const read = { policyId, readAt: beganAt, policy, vault, deletedVault, movedVault };
  const { clock } = arm;
  const members = list
    ? await withGrace(list, typeof graceMs === 'number' ? graceMs : OWN_ANSWER_MS, clock)
    : notAsked(clock);
  if (vault.state === 'gone')
    return { ...read, key: facts.key, permission: facts.permission, environments: members };
  const isSameKey = keyName !== undefined && below.keyName === keyName;
  const ask: KeyAsk = {
    vaultId,
    keyName: keyName ?? '',
    pinned: below.keyVersion,
    knownVersions: hints.keyVersions,
  };
  const key = isSameKey ? await soon(readKey(arm, ask)) : notYet();
  return { ...read, key, permission: notYet(), environments: members };
}
