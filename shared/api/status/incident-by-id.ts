import type { Incident } from '../../incidents/incident.ts';
import type { IncidentStore } from '../../storage/incident-store.ts';
import { incidentRow } from '../../storage/keys.ts';
import { ProblemError } from '../problem.ts';
import { incidentAnswer } from './incident-answer.ts';

type Reads = Pick<
  IncidentStore,
  'readIncident' | 'listEnvironments' | 'listTimeline' | 'listNotices' | 'unreadableRows'
>;
export type IncidentAnswer = ReturnType<typeof incidentAnswer>;

/** The incident with that id, in any spelling. Throws `ProblemError` where there is none. */
export async function incidentNamed(id: string, store: Reads): Promise<Incident> {
  const incident = await findIncident(id, store);
  if (incident) return incident;
  throw noSuchIncident(id, store);
}

async function findIncident(id: string, store: Reads): Promise<Incident | undefined> {
  return /^[a-z0-9-]{1,64}$/i.test(id) ? store.readIncident(id.toLowerCase()) : undefined;
}

/** One incident with all its rows, as currently stored. */
export async function wholeIncident(incident: Incident, store: Reads, now: string): Promise<IncidentAnswer> {
  const [environments, timeline, notices] = await Promise.all([
    store.listEnvironments(incident),
    store.listTimeline(incident),
    store.listNotices(incident),
  ]);
  const isItsOwn = (key: string) => key.split('|')[1] === incident.id;
  const unreadable = store.unreadableRows().all.filter(({ rowKey }) => isItsOwn(rowKey));
  return incidentAnswer({ incident, environments, timeline, notices, unreadable }, now);
}

/** The reason why there is none: it never existed, or its row can't be read. */
function noSuchIncident(id: string, store: Pick<Reads, 'unreadableRows'>): ProblemError {
  const key = incidentRow(id.toLowerCase());
  const row = store.unreadableRows().all.find(({ rowKey }) => rowKey === key);
  if (row)
    return new ProblemError(
      'not-readable',
      `What is stored of the incident '${id.slice(0, 64)}' can't be read: ${row.why}. It is left as it is. Table ${row.table}, PartitionKey ${row.partitionKey}, RowKey ${row.rowKey}.${row.command ? ` To delete it: ${row.command}` : ''}`,
    );
  return new ProblemError(
    'not-found',
    `There is no incident '${id.slice(0, 64)}'. /api/incidents lists them all, /api/status those that are open.`,
  );
}
