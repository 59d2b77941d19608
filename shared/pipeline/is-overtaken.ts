import type { PolicyState } from '../incidents/incident.ts';

/** Whether the stored state shows a reading or a signal that is later than this one of the same policy. */
export function isOvertaken(
  { readAt: stateReadAt, recentSignals = [] }: Pick<PolicyState, 'readAt' | 'recentSignals'>,
  readAt: string,
): boolean {
  const readMs = Date.parse(readAt);
  return [stateReadAt, ...recentSignals.map(({ receivedAt }) => receivedAt)].some(
    (at) => Date.parse(at) > readMs,
  );
}
