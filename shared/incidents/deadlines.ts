/** Hours before `recoverBy` at which it is told, acknowledged or not. */
const DEADLINES = [7 * 24, 3 * 24, 24, 1] as const;

/** The least of the deadlines that has been reached with so many hours left. Undefined: none has. */
export function tightestDeadline(hoursLeft: number): number | undefined {
  return DEADLINES.filter((hours) => hoursLeft <= hours).at(-1);
}
