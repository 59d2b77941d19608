import { actionEndpoint } from '../endpoint.ts';
import { NO_QUERY } from '../read-query.ts';
import { INCIDENT } from '../status/incident-schema.ts';
import { BODIES } from './bodies.ts';
import { answerIncidentAction, INCIDENT_ACTION_PROBLEMS } from './incident-actions.ts';

export const supportCaseEndpoint = actionEndpoint({
  id: 'supportCase',
  method: 'POST',
  path: '/incidents/{id}/support-case',
  title: 'Record the support case of an incident',
  access: 'write',
  query: NO_QUERY,
  body: BODIES.supportCase,
  answer: INCIDENT,
  hasEtag: true,
  problems: INCIDENT_ACTION_PROBLEMS,
  handle(request, ports) {
    const { number, note } = request.body;
    return answerIncidentAction(request, { what: 'supportCase', number, note }, ports);
  },
});
