import { actionEndpoint } from '../endpoint.ts';
import { NO_QUERY } from '../read-query.ts';
import { INCIDENT } from '../status/incident-schema.ts';
import { BODIES } from './bodies.ts';
import { answerIncidentAction, INCIDENT_ACTION_PROBLEMS } from './incident-actions.ts';

export const silenceEndpoint = actionEndpoint({
  id: 'silence',
  method: 'POST',
  path: '/incidents/{id}/silence',
  title: 'Silence an incident',
  access: 'write',
  query: NO_QUERY,
  body: BODIES.silence,
  answer: INCIDENT,
  hasEtag: true,
  problems: INCIDENT_ACTION_PROBLEMS,
  handle(request, ports) {
    const { until, why } = request.body;
    return answerIncidentAction(request, { what: 'silence', until, why }, ports);
  },
});
