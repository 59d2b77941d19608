import type { Incident } from '../incidents/incident.ts';
import type { IncidentStore } from '../incidents/store.ts';
import { incidentAnswer } from './incident-answer.ts';
import { type Answer, problem } from './problem.ts';

type Reads = Pick<IncidentStore, 'readIncident' | 'listEnvironments' | 'listTimeline' | 'listNotices'>;
export type IncidentAnswer = ReturnType<typeof incidentAnswer>;

/** The incident of that id, however it is spelled; undefined where there is none. */
export async function findIncident(id: string, store: Reads): Promise<Incident | undefined> {
  return /^[a-z0-9-]{1,64}$/i.test(id) ? store.readIncident(id.toLowerCase()) : undefined;
}

/** One incident with all that belongs to it, as it stands in the store now. */
export async function wholeIncident(incident: Incident, store: Reads, now: string): Promise<IncidentAnswer> {
  const [environments, timeline, notices] = await Promise.all([
    store.listEnvironments(incident),
    store.listTimeline(incident),
    store.listNotices(incident),
  ]);
  return incidentAnswer({ incident, environments, timeline, notices }, now);
}

export function noSuchIncident(id: string): Answer {
  return problem(
    404,
    'Not found',
    `There is no incident '${id.slice(0, 64)}'. /api/incidents lists them all, /api/status those that are open.`,
  );
}
