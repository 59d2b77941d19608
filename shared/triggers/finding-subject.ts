/**
 * The subject of a finding within its scope: one phrase per item ("version 3f… (in use)", "wrap is missing"),
 * at most `MAX_ITEMS` of them. Empty: the scope as a whole. A new item is news to people who were notified of
 * the others.
 */
export type FindingSubject = readonly string[];

/** The items of `subject` that are not in `known`, so that people have not been notified of them. */
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
 * One item per version. `isInUse`: the policy uses this version; that is news even to people who know that
 * the same version was faulty before it came into use. If there are very many versions, only those in use get
 * their own item.
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
/** Key Vault's version ids are 32 characters long. */
const MAX_ID = 64;
const IN_USE = ' (in use)';
/** Replaces the items of all versions that are not in use. */
const MORE_VERSIONS = 'more than 20 versions';
