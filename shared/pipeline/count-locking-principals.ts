import type { ArmSession } from '../azure/arm-client.ts';
import { known, unknown } from '../azure/outcome.ts';
import type { Part } from '../azure/part.ts';
import type { Facts } from '../facts/facts.ts';
import type { LockingPrincipalCount } from '../facts/locking-principal-count.ts';
import type { Reading } from '../facts/reader.ts';
import { rightsReader } from '../facts/rights-reader.ts';
import { countWhoCanLock } from '../preview/who-can/count-who-can-lock.ts';
import { isLinked } from '../triggers/lock-signs.ts';

/** One reader for all policies of a read session: the lists of a subscription are read and parsed once. */
const readers = new WeakMap<ArmSession, ReturnType<typeof rightsReader>>();

/** The number of principals who can take the policy's environments down. Whoever they are is not kept. */
export async function countLockingPrincipals(
  facts: Facts,
  { arm }: Pick<Reading, 'arm'>,
): Promise<Part<LockingPrincipalCount>> {
  const { policy, vault, environments, readAt } = facts;
  if (arm === undefined)
    return unknown('notConfigured', 'The rights can not be read by this process.', readAt);
  if (policy.state !== 'known' || vault.state !== 'known')
    return unknown('follows', 'The policy or its key vault is not known.', readAt);
  const reader = readers.get(arm) ?? rightsReader(arm);
  readers.set(arm, reader);
  const listed = environments.state === 'known' ? environments.value.environments : [];
  const rights = { ...(await reader(facts, {})), linkedEnvironments: listed.filter(isLinked).length };
  const { able, inTwoSteps, isPartial } = countWhoCanLock([rights]);
  return isPartial
    ? unknown('forbidden', 'A part of the rights on the policy could not be read.', readAt)
    : known({ able: able.length, inTwoSteps: inTwoSteps.length }, readAt);
}
