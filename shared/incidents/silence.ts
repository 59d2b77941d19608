import type { Incident, Silence } from './incident.ts';

/**
 * The silence that is in force now, over the incident or the policy; the one that ends last. Times ISO 8601.
 */
export function standingSilence(
  silences: readonly Silence[] | undefined,
  incident: Pick<Incident, 'silence'> | undefined,
  now: string,
): { silence: Silence; isPlanned: boolean } | undefined {
  const all = [
    ...(silences ?? []).map((silence) => ({ silence, isPlanned: true })),
    ...(incident?.silence ? [{ silence: incident.silence, isPlanned: false }] : []),
  ];
  return all
    .filter(({ silence }) => isStanding(silence, now))
    .sort((a, b) => Date.parse(b.silence.until) - Date.parse(a.silence.until))[0];
}

function isStanding({ from, until }: Silence, now: string): boolean {
  return Date.parse(from) <= Date.parse(now) && Date.parse(now) < Date.parse(until);
}

export function hasEnded({ until }: Pick<Silence, 'until'>, now: string): boolean {
  return Date.parse(until) <= Date.parse(now);
}
