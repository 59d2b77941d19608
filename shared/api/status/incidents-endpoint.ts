import * as z from 'zod';
import { DATED, INCIDENT_SUMMARY_FIELDS, UNREADABLE_ROW } from '../components.ts';
import { readEndpoint } from '../endpoint.ts';
import { NAMED, oneOf, POINT_IN_TIME } from '../read-query.ts';
import { INCIDENT_FILTER_STATES, incidentsAnswer, pageOf } from './incidents-answer.ts';

export const incidentsEndpoint = readEndpoint({
  id: 'incidents',
  method: 'GET',
  path: '/incidents',
  title: 'All incidents, the open ones first',
  access: 'read',
  query: z.strictObject({
    state: oneOf(INCIDENT_FILTER_STATES).optional(),
    policy: NAMED.optional(),
    from: POINT_IN_TIME.optional(),
    to: POINT_IN_TIME.optional(),
    after: z.string().toLowerCase().optional(),
  }),
  answer: z.object({
    ...DATED,
    counts: z.object({ incidents: z.int(), open: z.int() }),
    incidents: z.array(
      z.object({ policyId: z.string(), ...INCIDENT_SUMMARY_FIELDS }).meta({ id: 'ListedIncident' }),
    ),
    unreadableRows: z.array(UNREADABLE_ROW),
    next: z.string().nullable().describe('The address of the next page.'),
  }),
  problems: [],
  /** The list itself reads only a few columns; only the incidents of the page are read completely. */
  async handle({ query }, ports) {
    const { store, clock } = ports;
    const page = pageOf(await store.listIncidents(), query);
    const read = await Promise.all(page.ids.map((id) => store.readIncident(id)));
    const incidents = read.filter((incident) => incident !== undefined);
    const unreadable = store.unreadableRows().all.filter(({ rowKey }) => rowKey.startsWith('incident|'));
    return incidentsAnswer({ ...page, incidents, unreadable }, query, clock.now());
  },
});
