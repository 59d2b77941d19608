import * as z from 'zod';
import { optionalText, parseAs } from '../azure/answer-schema.ts';
import type { ArmSession } from '../azure/arm-client.ts';
import { isUnder } from '../azure/arm-id.ts';
import { known, malformed, unreadable } from '../azure/outcome.ts';
import type { Part, Unknown } from '../azure/part.ts';
import type { LockFact } from './facts.ts';

const LOCKS_API = 'api-version=2020-05-01';

/** `fault`: a lock of the list could not be read, so a resource without another one may have that. */
export interface ListedLocks {
  locks: LockFact[];
  fault?: Unknown;
}

/**
 * Every management lock of a subscription, its groups and resources included: one list covers everything in
 * it (Management Locks REST: List At Subscription Level).
 */
export async function readLocks(arm: ArmSession, subscriptionId: string): Promise<Part<ListedLocks>> {
  const scope = `/subscriptions/${subscriptionId}`;
  const outcome = await arm.list(`${scope}/providers/Microsoft.Authorization/locks`, LOCKS_API);
  if (outcome.kind !== 'answered')
    return unreadable(
      outcome,
      `Reader on the subscription ${subscriptionId} (Microsoft.Authorization/locks/read)`,
    );
  const listed: ListedLocks = { locks: [] };
  for (const item of outcome.value) {
    const parsed = parseAs(lockSchema, item);
    if ('value' in parsed) listed.locks.push(parsed.value);
    else listed.fault ??= malformed('A lock', parsed.fault, outcome.at);
  }
  return known(listed, outcome.at);
}

/**
 * The locks that prevent a resource's deletion: its own, its group's and its subscription's, since locks are
 * inherited.
 */
export function locksReaching(listed: Part<ListedLocks>, resourceId: string): Part<LockFact[]> {
  if (listed.state !== 'known') return listed;
  const { locks, fault } = listed.value;
  const reaching = locks.filter(
    ({ scope, level }) => isUnder(resourceId, scope) && FORBIDS_DELETING.test(level),
  );
  return fault && reaching.length === 0 ? fault : known(reaching, listed.readAt);
}

/** "Lock your resources to protect your infrastructure": a read-only lock forbids deleting as well. */
const FORBIDS_DELETING = /^(CanNotDelete|ReadOnly)$/i;

const lockSchema = z
  .object({
    id: z.string().regex(/^\/.+\/providers\/Microsoft\.Authorization\/locks\/[^/]+$/i),
    name: optionalText,
    properties: z.object({ level: z.string() }),
  })
  .transform(({ id, name, properties }): LockFact => {
    const scopeEnd = id.toLowerCase().lastIndexOf('/providers/microsoft.authorization/locks/');
    return {
      id,
      name: name ?? id.slice(id.lastIndexOf('/') + 1),
      level: properties.level,
      scope: id.slice(0, scopeEnd),
    };
  });
