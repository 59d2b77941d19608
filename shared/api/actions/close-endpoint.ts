import { actionEndpoint } from '../endpoint.ts';
import { NO_QUERY } from '../read-query.ts';
import { INCIDENT } from '../status/incident-schema.ts';
import { BODIES } from './bodies.ts';
import { answerIncidentAction, INCIDENT_ACTION_PROBLEMS } from './incident-actions.ts';

export const closeEndpoint = actionEndpoint({
  id: 'close',
  method: 'POST',
  path: '/incidents/{id}/close',
  title: 'Close an incident',
  access: 'write',
  query: NO_QUERY,
  body: BODIES.close,
  answer: INCIDENT,
  hasEtag: true,
  problems: INCIDENT_ACTION_PROBLEMS,
  handle: (request, ports) => answerIncidentAction(request, { what: 'close', why: request.body.why }, ports),
});
