const MINUTE_MS = 60_000;

/** What the console offers: the first reminder, the second, a day, and the day before a deletion. */
export const CLOCK_MOVES = [
  { name: '15m', text: '15 min', ms: 15 * MINUTE_MS },
  { name: '1h', text: '1 hour', ms: 60 * MINUTE_MS },
  { name: '1d', text: '1 day', ms: 24 * 60 * MINUTE_MS },
  { name: '7d', text: '7 days', ms: 7 * 24 * 60 * MINUTE_MS },
] as const;

export function clockMove(name: string | undefined): (typeof CLOCK_MOVES)[number] | undefined {
  return CLOCK_MOVES.find((move) => move.name === name);
}
