import { readEndpoint } from '../endpoint.ts';
import { NO_QUERY } from '../read-query.ts';
import { incidentNamed, wholeIncident } from './incident-by-id.ts';
import { INCIDENT } from './incident-schema.ts';

export const incidentEndpoint = readEndpoint({
  id: 'incident',
  method: 'GET',
  path: '/incidents/{id}',
  title: 'All of one incident',
  access: 'read',
  query: NO_QUERY,
  answer: INCIDENT,
  problems: ['not-found', 'not-readable'],
  handle: async ({ id }, { store, clock }) =>
    wholeIncident(await incidentNamed(id, store), store, clock.now()),
});
