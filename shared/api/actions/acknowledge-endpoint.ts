import { actionEndpoint } from '../endpoint.ts';
import { NO_QUERY } from '../read-query.ts';
import { INCIDENT } from '../status/incident-schema.ts';
import { BODIES } from './bodies.ts';
import { answerIncidentAction, INCIDENT_ACTION_PROBLEMS } from './incident-actions.ts';

export const acknowledgeEndpoint = actionEndpoint({
  id: 'acknowledge',
  method: 'POST',
  path: '/incidents/{id}/acknowledge',
  title: 'Acknowledge an incident',
  access: 'write',
  query: NO_QUERY,
  body: BODIES.acknowledge,
  answer: INCIDENT,
  hasEtag: true,
  problems: INCIDENT_ACTION_PROBLEMS,
  handle: (request, ports) =>
    answerIncidentAction(request, { what: 'acknowledge', why: request.body.why }, ports),
});
