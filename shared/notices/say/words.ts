/**
 * A duration in its two largest units, rounded: "6 days 23 hours", "45 seconds". Milliseconds; negative
 * counts as 0.
 */
export function duration(ms: number): string {
  const seconds = rounded(Math.max(0, Math.floor(ms / 1000)));
  const parts = UNITS.map(([unit, size], index) => {
    const larger = UNITS[index - 1]?.[1];
    return { unit, amount: Math.floor((larger === undefined ? seconds : seconds % larger) / size) };
  });
  const first = parts.findIndex(({ amount }) => amount > 0);
  if (first === -1) return 'less than a second';
  return parts
    .slice(first, first + 2)
    .filter(({ amount }) => amount > 0)
    .map(({ unit, amount }) => count(amount, unit))
    .join(' ');
}

/** Rounded to the smaller unit: a second short of a week is a week, not "6 days 23 hours". */
function rounded(seconds: number): number {
  const step = seconds >= 86_400 ? 3600 : seconds >= 3600 ? 60 : 1;
  return Math.round(seconds / step) * step;
}

/** An instant to the second, as in logs: "23 Nov 2025, 19:42:10 UTC". Takes ISO 8601. */
export function exact(at: string | undefined): string {
  const date = new Date(at ?? '');
  if (Number.isNaN(date.getTime())) return 'a time that is not known';
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}, ${date.toISOString().slice(11, 19)} UTC`;
}

/** From one instant to another in milliseconds; undefined if either is not known. */
export function between(from: string | undefined, to: string | undefined): number | undefined {
  const ms = Date.parse(to ?? '') - Date.parse(from ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}

/** "1 environment", "12,000 environments", "2 policies". */
export function count(amount: number, noun: string): string {
  const plural = noun.endsWith('cy') ? `${noun.slice(0, -1)}ies` : `${noun}s`;
  return `${thousands(amount)} ${amount === 1 ? noun : plural}`;
}

/** "a", "a and b", "a, b and 3 more". */
export function listed(names: readonly string[], most = 3): string {
  const shown = names.length > most ? names.slice(0, most - 1) : names;
  const rest = names.length - shown.length;
  const last = rest > 0 ? `${thousands(rest)} more` : shown.at(-1);
  const before = rest > 0 ? shown : shown.slice(0, -1);
  return before.length === 0 ? (last ?? '') : `${before.join(', ')} and ${last}`;
}

// Without Intl: its first use costs a cold process 10 ms before its first notice.
export function thousands(amount: number): string {
  return String(amount).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}

const UNITS: readonly (readonly [unit: string, seconds: number])[] = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export function upperFirst(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
