import type { Refusal } from '../../incidents/action-result.ts';
import { type Action, applyIncidentAction } from '../../incidents/actions.ts';
import type { Incident, Person, PolicyState, Transition } from '../../incidents/incident.ts';
import type { Ports } from '../../pipeline/ports.ts';
import { answerEtag, namesTag } from '../json-answer.ts';
import { ProblemError, type ProblemKind } from '../problem.ts';
import { type IncidentAnswer, incidentNamed, wholeIncident } from '../status/incident-by-id.ts';
import { commitAction } from './commit-action.ts';
import type { Moment } from './moment.ts';
import { silenceUntil } from './silence-times.ts';

/** What an action on an incident may answer besides. */
export const INCIDENT_ACTION_PROBLEMS: readonly ProblemKind[] = [
  'not-found',
  'not-possible-now',
  'changed-meanwhile',
  'not-readable',
];

/** An action as requested; a moment in it is not resolved yet. */
export type AskedAction =
  | Exclude<Action, { what: 'silence' }>
  | { what: 'silence'; until: Moment; why: string };

/**
 * Does the action, and answers with the incident as `GET /api/incidents/{id}` returns it. The same action a
 * second time gives the same answer and writes nothing. `ifMatch`: only where the incident still has this
 * ETag.
 */
export async function answerIncidentAction(
  { id, by, ifMatch }: { id: string; by: Person; ifMatch: string | null },
  asked: AskedAction,
  ports: Ports,
): Promise<IncidentAnswer> {
  const incident = await incidentNamed(id, ports.store);
  const isUnchanged = ifMatch === null ? undefined : () => mustMatch(incident.id, ifMatch, ports);
  if (asked.what === 'close' && isClosedSo(incident, asked.why)) await isUnchanged?.();
  else
    await commitAction(
      incident.policyId,
      (policyState, now) => decideOn(policyState, incident.id, asked, by, now),
      ports,
      isUnchanged,
    );
  return wholeIncident(await incidentNamed(incident.id, ports.store), ports.store, ports.clock.now());
}

function decideOn(
  policyState: PolicyState,
  id: string,
  asked: AskedAction,
  by: Person,
  now: string,
): Transition | Refusal {
  if (asked.what !== 'silence') return applyIncidentAction(policyState, id, asked, by, now);
  const { incident } = policyState;
  // Ending a silence that does not exist is not an action.
  if (asked.until === 'now' && incident?.id === id && !incident.silence)
    return { kind: 'none', policyState, incident, environments: [], timeline: [], notices: [] };
  const until = silenceUntil(asked, incident?.silence, { from: now, now });
  return applyIncidentAction(policyState, id, { what: 'silence', until, why: asked.why }, by, now);
}

/**
 * The policy state drops a closed incident, so the incident's own row shows that this same action closed it.
 */
function isClosedSo({ state, closedBy }: Incident, why: string): boolean {
  return state === 'closed' && closedBy?.why === why;
}

async function mustMatch(id: string, ifMatch: string, ports: Ports): Promise<void> {
  const incident = await incidentNamed(id, ports.store);
  const now = answerEtag(await wholeIncident(incident, ports.store, ports.clock.now()));
  if (!namesTag(ifMatch, now))
    throw new ProblemError(
      'changed-meanwhile',
      'The incident has changed since it was read (If-Match). Read it again, and decide on what it says now.',
      'If-Match',
    );
}
