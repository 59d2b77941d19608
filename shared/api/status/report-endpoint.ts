import * as z from 'zod';
import { DATED } from '../components.ts';
import { readEndpoint } from '../endpoint.ts';
import { NO_QUERY } from '../read-query.ts';
import { ACTIVITY_ENTRY } from './activity-schema.ts';
import { incidentNamed } from './incident-by-id.ts';
import { CAUSE, INCIDENT } from './incident-schema.ts';
import { reportAnswer } from './report-answer.ts';

const SECONDS = z.int().nullable();

export const reportEndpoint = readEndpoint({
  id: 'report',
  method: 'GET',
  path: '/incidents/{id}/report',
  title: 'The report on an incident, for afterwards',
  access: 'read',
  query: NO_QUERY,
  answer: z.object({
    ...DATED,
    times: z
      .object({
        toDetectSeconds: SECONDS.describe('From the change to the reading that showed it; null: unknown.'),
        toNotifySeconds: SECONDS.describe('From there to the first notice that a channel accepted.'),
        toAcknowledgeSeconds: SECONDS,
        toRestoreSeconds: SECONDS.describe('From the detection until the key could be used again.'),
        toCloseSeconds: SECONDS,
      })
      .meta({ id: 'IncidentTimes' }),
    deliveries: z.array(z.object({ channel: z.string(), sent: z.int(), pending: z.int(), givenUp: z.int() })),
    chronology: z.array(ACTIVITY_ENTRY).describe('All that happened and was sent, the oldest first.'),
    easedCauses: z.array(CAUSE).describe('Causes that cleared while others remained.'),
    incident: INCIDENT.omit({ answeredAt: true }).meta({ id: 'ReportedIncident' }),
  }),
  problems: ['not-found', 'not-readable'],
  handle: async ({ id }, { store, clock }) =>
    reportAnswer(await incidentNamed(id, store), store, clock.now()),
});
