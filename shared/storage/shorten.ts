/** How much of descriptive content is kept: characters of a text, entries of a list. */
interface Limits {
  characters: number;
  entries: number;
}

/** Applied step by step, until it fits. */
export const SHORTER: readonly [Limits, ...Limits[]] = [
  { characters: 2_000, entries: 50 },
  { characters: 500, entries: 10 },
  { characters: 150, entries: 2 },
  { characters: 60, entries: 0 },
];

/** Sentences and names for people. No decision depends on them. */
const TEXTS: ReadonlySet<string> = new Set([
  'summary',
  'text',
  'detail',
  'because',
  'recoverByBecause',
  'why',
  'note',
  'displayName',
  'lastError',
  'portal',
]);
/** Half of such a value is worse than none. */
const WHOLE_OR_NOT: ReadonlySet<string> = new Set(['command', 'link', 'url']);
/** Lists of which some entries are sufficient. */
const LISTS: ReadonlySet<string> = new Set(['evidence', 'remediation', 'remediation', 'steps', 'warnings']);
/**
 * Environments that left while an incident was open: a single one keeps it open, and the others would only
 * count as new if they returned.
 */
const LEFT = 'environmentsLeft';
const LEFT_KEPT = 5_000;

/** The value as JSON, with its descriptive parts shortened. The input of decisions is unchanged. */
export function shortened(value: unknown, { characters, entries }: Limits): string {
  return JSON.stringify(value, (key, one: unknown) => {
    if (typeof one === 'string' && one.length > characters) {
      if (TEXTS.has(key)) return `${one.slice(0, characters).toWellFormed()}…`;
      if (WHOLE_OR_NOT.has(key)) return undefined;
    }
    if (!Array.isArray(one)) return one;
    if (LISTS.has(key)) return one.slice(0, entries);
    return key === LEFT ? one.slice(0, LEFT_KEPT) : one;
  });
}
