import { environmentKey, nameTheSame } from '../facts/environment-state.ts';
import type { EnvironmentFact, EnvironmentsFact, Facts } from '../facts/facts.ts';
import { addDays } from './days.ts';
import { isAfter } from './effect-history.ts';
import type { History } from './history.ts';
import type { LeftEnvironment, LeftEnvironments } from './left-environment.ts';
import { isLinked } from './lock-signs.ts';
import { isStillDisputed } from './remember-environments.ts';

/** Power Platform docs, "Manage your customer-managed encryption key": the old key is kept for 30 days. */
const NEEDS_KEY_DAYS = 30;
/** The history is stored with the state, whatever the number of environments. */
const MAX_LEFT = 20;

/**
 * The environments that left the policy, after this reading. `before`: the history before it. Only a list that
 * shows an environment without the link proves that it left: one that vanished may have been deleted, or the
 * list is partial. Pure; the same reading twice gives the same result.
 */
export function rememberLeft(before: History, facts: Facts): LeftEnvironments | undefined {
  const { environments } = facts;
  if (environments.state !== 'known' || Number.isNaN(Date.parse(environments.value.asOf))) return before.left;
  const fact = environments.value;
  if (before.left === undefined && allStay(before, fact)) return undefined;
  const linked = new Set(fact.environments.filter(isLinked).map(({ id }) => environmentKey(id)));
  const known = (before.left?.environments ?? []).filter(
    (one) => !linked.has(one.id) && needsKey(one.at, fact.asOf),
  );
  const ids = new Set(known.map(({ id }) => id));
  const keyId = keyOf(before.policy ?? (facts.policy.state === 'known' ? facts.policy.value : undefined));
  const left = departedMembers(before, fact, linked).flatMap((member): LeftEnvironment[] => {
    const id = environmentKey(member.id);
    if (ids.has(id)) return [];
    ids.add(id);
    return [
      { id, displayName: member.displayName, at: fact.asOf, ...(keyId === undefined ? {} : { keyId }) },
    ];
  });
  const all = [...known, ...left].map((one) => withPolicy(one, fact));
  const dropped = all.slice(0, Math.max(0, all.length - MAX_LEFT));
  const earlier = before.left?.more;
  const earlierInTime = earlier && needsKey(earlier.at, fact.asOf) ? earlier : undefined;
  const last = dropped.at(-1);
  const more = last ? { count: (earlierInTime?.count ?? 0) + dropped.length, at: last.at } : earlierInTime;
  if (all.length === 0 && more === undefined) return undefined;
  return { environments: all.slice(dropped.length), ...(more === undefined ? {} : { more }) };
}

/** What most readings show. The rest of this module would find the same, and takes longer. */
function allStay({ environments: before }: History, fact: EnvironmentsFact): boolean {
  return (
    before === undefined ||
    (nameTheSame(before.members, fact.environments) && fact.environments.every(isLinked))
  );
}

/** Those that still need the key, and until when. */
export function stillNeedingKey(
  left: LeftEnvironments | undefined,
  now: string,
): { environments: LeftEnvironment[]; more: number; until: string } {
  const environments = (left?.environments ?? []).filter(({ at }) => needsKey(at, now));
  const more = left?.more && needsKey(left.more.at, now) ? left.more : undefined;
  const at = environments.at(-1)?.at ?? more?.at;
  return { environments, more: more?.count ?? 0, until: addDays(at, NEEDS_KEY_DAYS) ?? '' };
}

function needsKey(at: string, now: string): boolean {
  return isAfter(addDays(at, NEEDS_KEY_DAYS), now);
}

function departedMembers(
  { environments: before }: History,
  fact: EnvironmentsFact,
  linked: ReadonlySet<string>,
): EnvironmentFact[] {
  if (before?.source !== 'powerPlatform' || fact.listed === undefined) return [];
  const absent = before.members.filter(
    (member) => isLinked(member) && !linked.has(environmentKey(member.id)),
  );
  if (absent.length === 0) return [];
  const shown = new Set([...fact.listed, ...fact.environments.map(({ id }) => environmentKey(id))]);
  return absent.filter((member) => {
    const id = environmentKey(member.id);
    return shown.has(id) && !isStillDisputed(id, before, fact) && member.deletion === undefined;
  });
}

function withPolicy(one: LeftEnvironment, { policyOf }: EnvironmentsFact): LeftEnvironment {
  if (policyOf === undefined) return one;
  const { movedTo: _, ...rest } = one;
  const movedTo = policyOf.get(one.id);
  return movedTo === undefined ? rest : { ...rest, movedTo };
}

function keyOf(policy: { vaultId?: string; keyName?: string } | undefined): string | undefined {
  const { vaultId, keyName } = policy ?? {};
  return vaultId === undefined || keyName === undefined ? undefined : `${vaultId}/keys/${keyName}`;
}
