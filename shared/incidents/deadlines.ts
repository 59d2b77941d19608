/** Hours before `recoverBy` at which people are notified, even if somebody acknowledged the incident. */
const DEADLINES = [7 * 24, 3 * 24, 24, 1] as const;

/** The shortest of the deadlines that has been reached with so many hours left. Undefined if none has. */
export function tightestDeadline(hoursLeft: number): number | undefined {
  return DEADLINES.filter((hours) => hoursLeft <= hours).at(-1);
}
