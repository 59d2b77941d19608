import type { Head } from '../../incidents/incident.ts';

type Part = Head['parts'][string];
/** As many sweeps may pass before a list of environments that was too slow counts as unread. */
const SWEEPS = 3;

/**
 * A policy's parts as they count for health: a list of environments that a reading did not wait for, and that one of the
 * last sweeps brought, is known, as of then. A signal's notice must not wait for a slow list; that alone is no trouble.
 */
export function partsOf(
  head: Head,
  { now, sweepIntervalMs }: { now: string; sweepIntervalMs: number },
): Record<string, Part> {
  const listedAt = head.remembered.environments?.asOf;
  const isLate = head.parts.environments?.reason === 'timeout';
  if (!isLate || listedAt === undefined) return head.parts;
  if (Date.parse(now) - Date.parse(listedAt) > SWEEPS * sweepIntervalMs) return head.parts;
  return { ...head.parts, environments: { state: 'known', readAt: listedAt } };
}
