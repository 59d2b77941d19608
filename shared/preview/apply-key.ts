import type { Facts, KeyFact, KeyVersionFact } from '../facts/facts.ts';
import type { PreviewChain } from './chain.ts';
import type { ChangeOf, KeySettings } from './change.ts';
import { type Effect, NO_EFFECT, notKnownYet, planned, plannedGone } from './effect.ts';

/** A key that is made anew under the same name is another key, so a replacement is a deletion. */
export function deleteKey({ facts }: PreviewChain, change: ChangeOf<'keyDeleted'>, at: string): Effect {
  if (facts.key.state === 'gone' || facts.vault.state === 'gone') return NO_EFFECT;
  const { address, keyName, purges } = change;
  const isProtected = facts.vault.state === 'known' && facts.vault.value.purgeProtection === true;
  const end = purges === true && !isProtected ? 'deletes and purges' : 'deletes';
  const recovery = end === 'deletes' ? '' : ' Only a backup brings it back.';
  return { facts: { key: plannedGone(`${address} ${end} the key ${keyName}.${recovery}`, at) } };
}

export function setKey({ facts }: PreviewChain, change: ChangeOf<'keySet'>, at: string): Effect {
  const { set, unknown = [], keyName, version, address } = change;
  if (facts.key.state === 'gone' || facts.vault.state === 'gone') return NO_EFFECT;
  if (Object.keys(set).length === 0 && unknown.length === 0) return NO_EFFECT;
  if (facts.key.state !== 'known')
    return { unknown: `${address} changes the key ${keyName}, which could not be read: ${facts.key.detail}` };
  const key = facts.key.value;
  const at0 = indexOf(key, version);
  const before = key.versions[at0];
  if (before === undefined)
    return {
      unknown: `${address} changes the version ${version ?? ''} of the key ${keyName}, which was not read.`,
    };
  const after = withSettings(before, set);
  const effect: Effect =
    after === before ? NO_EFFECT : { facts: { key: planned(withVersion(key, at0, after), at) } };
  return unknown.length === 0 ? effect : { ...effect, unknown: notKnownYet(`the key ${keyName}`, unknown) };
}

function indexOf({ versions }: KeyFact, version: string | undefined): number {
  if (version === undefined) return 0;
  return versions.findIndex((one) => one.version.toLowerCase() === version.toLowerCase());
}

function withVersion(key: KeyFact, index: number, version: KeyVersionFact): KeyFact {
  return { ...key, versions: key.versions.with(index, version) };
}

/** The same object where nothing changes. */
function withSettings(before: KeyVersionFact, set: KeySettings): KeyVersionFact {
  const next: KeyVersionFact = { ...before };
  if (set.enabled !== undefined) next.enabled = set.enabled;
  if (set.keyOps !== undefined) next.keyOps = set.keyOps;
  if (set.expires !== undefined) next.expires = set.expires ?? undefined;
  if (set.notBefore !== undefined) next.notBefore = set.notBefore ?? undefined;
  const isSame =
    next.enabled === before.enabled &&
    sameTime(next.expires, before.expires) &&
    sameTime(next.notBefore, before.notBefore) &&
    sorted(next.keyOps) === sorted(before.keyOps);
  return isSame ? before : next;
}

function sameTime(a: string | undefined, b: string | undefined): boolean {
  return a === b || Date.parse(a ?? '') === Date.parse(b ?? '');
}

function sorted(operations: readonly string[] | undefined): string {
  return (operations ?? ['not told'])
    .map((one) => one.toLowerCase())
    .sort()
    .join();
}

/** The dates in the future that a change sets: at each, what it takes down may be another. */
export function datesOf(change: ChangeOf<'keySet'>, now: string): string[] {
  return [change.set.expires, change.set.notBefore].flatMap((date) =>
    typeof date === 'string' && Date.parse(date) > Date.parse(now) ? [date] : [],
  );
}

/** Whether the change is about the key that the policy names. */
export function isOfKey({ policy }: Facts, keyName: string): boolean {
  return policy.state !== 'known' || policy.value.keyName?.toLowerCase() === keyName.toLowerCase();
}
