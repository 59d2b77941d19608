/**
 * What a finding is about within its scope: one phrase an item ("version 3f… (in use)", "wrap is missing"), at most
 * `MAX_ITEMS` of them. Empty: the scope as a whole. People who were told of some items have not been told of another.
 */
export type FindingSubject = readonly string[];

/** The items of `subject` that people who know of `known` don't know of. */
export function itemsBeyond(known: FindingSubject = [], subject: FindingSubject = []): string[] {
  const there = new Set(known);
  const isKnown = (item: string) =>
    there.has(item) || there.has(item + IN_USE) || (there.has(MORE_VERSIONS) && !item.endsWith(IN_USE));
  return subject.filter((item) => !isKnown(item));
}

export function coversSubject(
  known: FindingSubject | undefined,
  subject: FindingSubject | undefined,
): boolean {
  return itemsBeyond(known, subject).length === 0;
}

/**
 * One item a version. `isInUse`: it is the version that the policy uses; news even to people who know that the same
 * version was at fault before it came into use. Of very many versions only those in use are told apart.
 */
export function versionItems(
  versions: readonly { version: string; isInUse: boolean; fault?: string }[],
): FindingSubject {
  const items = versions.map(({ version, isInUse, fault = '' }) => ({
    text: `version ${version.toLowerCase().slice(0, MAX_ID)}${fault}${isInUse ? IN_USE : ''}`,
    isInUse,
  }));
  const all = items.map(({ text }) => text);
  if (all.length <= MAX_ITEMS) return all;
  return [...items.filter(({ isInUse }) => isInUse).map(({ text }) => text), MORE_VERSIONS];
}

const MAX_ITEMS = 20;
/** Key Vault's are 32 characters long. */
const MAX_ID = 64;
const IN_USE = ' (in use)';
/** Stands for every version that is not in use. */
const MORE_VERSIONS = 'more than 20 versions';
