import type { PolicyState } from '../../incidents/incident.ts';

const DAY_MS = 86_400_000;
const DAYS = 30;

/** One day, in UTC. */
export interface DayOfIncidents {
  /** "2026-11-29". */
  date: string;
  /** How many were open at some time of that day, … */
  incidents: number;
  /** … and how many of these took environments offline. */
  revoked: number;
}

/** The last 30 days, the oldest first. From the policies' states alone: no history is read. Pure. */
export function lastDays(
  policyStates: readonly Pick<PolicyState, 'incident' | 'endedIncidents'>[],
  now: string,
): DayOfIncidents[] {
  const today = Math.floor(Date.parse(now) / DAY_MS);
  const days = Array.from({ length: DAYS }, (_, index) => ({
    date: new Date((today - DAYS + 1 + index) * DAY_MS).toISOString().slice(0, 10),
    incidents: 0,
    revoked: 0,
  }));
  for (const { openedAt, endedAt, revoked } of policyStates.flatMap(spans)) {
    const first = Math.floor(Date.parse(openedAt) / DAY_MS) - (today - DAYS + 1);
    const last =
      endedAt === undefined ? DAYS - 1 : Math.floor(Date.parse(endedAt) / DAY_MS) - (today - DAYS + 1);
    for (const day of days.slice(Math.max(first, 0), Math.max(last + 1, 0))) {
      day.incidents += 1;
      if (revoked) day.revoked += 1;
    }
  }
  return days;
}

function spans({ incident, endedIncidents = [] }: Pick<PolicyState, 'incident' | 'endedIncidents'>) {
  const open = incident
    ? [
        {
          openedAt: incident.openedAt,
          endedAt: undefined,
          revoked: incident.confirmedAt !== undefined && !incident.noEnvironments,
        },
      ]
    : [];
  return [...endedIncidents, ...open];
}
