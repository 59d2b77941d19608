import type { PolicyState, Silence } from './incident.ts';
import { hasEnded } from './silence.ts';

/** Silences with less than this between them are in a row: nobody would be reminded in between. */
const PAUSE_MS = 86_400_000;
/** People forget that they requested a silence longer than this. */
export const MAX_SILENCE_DAYS = 30;
export const MAX_SILENCE_MS = MAX_SILENCE_DAYS * 86_400_000;
const MAX_ROWS = 40;

export type SilenceRow = Pick<Silence, 'from' | 'until'>;

/**
 * The times without notices over a policy once this silence is added: silences in a row are one. Pure; `sum`
 * is the length of the row that it belongs to, in milliseconds.
 */
export function withSilence(
  policyState: PolicyState,
  added: SilenceRow,
  now: string,
): { rows: SilenceRow[]; sum: number } {
  const { silences = [], silenceRows = [], incident } = policyState;
  const known = [...silences, ...silenceRows, ...(incident?.silence ? [incident.silence] : [])];
  const rows = joined([...known, added]).filter(({ until }) => !hasEnded({ until: pauseAfter(until) }, now));
  const own = rows.find(
    ({ from, until }) =>
      Date.parse(from) <= Date.parse(added.from) && Date.parse(added.until) <= Date.parse(until),
  );
  const sum = own ? Date.parse(own.until) - Date.parse(own.from) : 0;
  return { rows: rows.slice(-MAX_ROWS), sum };
}

/** Once a person has ended silences: what has passed is known, and the others are in `silences`. */
export function endedRows(
  { silenceRows = [] }: Pick<PolicyState, 'silenceRows'>,
  now: string,
): Pick<PolicyState, 'silenceRows'> {
  const rows = silenceRows
    .filter(({ from }) => Date.parse(from) < Date.parse(now))
    .map(({ from, until }) => ({ from, until: hasEnded({ until }, now) ? until : now }));
  return rows.length > 0 ? { silenceRows: rows } : {};
}

function joined(all: readonly SilenceRow[]): SilenceRow[] {
  const rows: SilenceRow[] = [];
  for (const { from, until } of all.toSorted((a, b) => Date.parse(a.from) - Date.parse(b.from))) {
    const last = rows.at(-1);
    if (!last || Date.parse(from) >= Date.parse(pauseAfter(last.until))) rows.push({ from, until });
    else if (Date.parse(until) > Date.parse(last.until)) last.until = until;
  }
  return rows;
}

function pauseAfter(until: string): string {
  return new Date(Date.parse(until) + PAUSE_MS).toISOString();
}
