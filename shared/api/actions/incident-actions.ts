import { type Act, actOnIncident, type Refusal } from '../../incidents/actions.ts';
import type { Head, Incident, Person, Transition } from '../../incidents/incident.ts';
import type { Ports } from '../../pipeline/ports.ts';
import { etagOf, jsonAnswer, namesTag } from '../json-answer.ts';
import type { Answer } from '../problem.ts';
import { findIncident, noSuchIncident, wholeIncident } from '../status/incident-by-id.ts';
import { ActProblem } from './action-error.ts';
import { commitAct } from './commit-action.ts';
import type { Moment } from './moment.ts';
import { silenceUntil } from './silence-times.ts';

/** An act as it was asked for; a moment in it is not worked out yet. */
export type AskedAct = Exclude<Act, { what: 'silence' }> | { what: 'silence'; until: Moment; why: string };

/**
 * Does the act, and answers with the incident as `GET /api/incidents/{id}` gives it. The same act a second time answers
 * the same and writes nothing. `ifMatch`: only where the incident is still the one that has this ETag.
 */
export async function answerIncidentAct(
  id: string,
  asked: AskedAct,
  by: Person,
  ifMatch: string | null,
  ports: Ports,
): Promise<Answer> {
  const incident = await findIncident(id, ports.store);
  if (!incident) return noSuchIncident(id, ports.store);
  const isUnchanged = ifMatch === null ? undefined : () => mustMatch(incident.id, ifMatch, ports);
  if (asked.what === 'close' && isClosedSo(incident, asked.why)) await isUnchanged?.();
  else
    await commitAct(
      incident.policyId,
      (head, now) => decideOn(head, incident.id, asked, by, now),
      ports,
      isUnchanged,
    );
  const after = (await findIncident(incident.id, ports.store)) ?? incident;
  return jsonAnswer(await wholeIncident(after, ports.store, ports.clock.now()));
}

function decideOn(head: Head, id: string, asked: AskedAct, by: Person, now: string): Transition | Refusal {
  if (asked.what !== 'silence') return actOnIncident(head, id, asked, by, now);
  const { incident } = head;
  // To end what is not there is no act.
  if (asked.until === 'now' && incident?.id === id && !incident.silence)
    return { kind: 'none', head, incident, environments: [], timeline: [], notices: [] };
  const until = silenceUntil(asked, incident?.silence, { from: now, now });
  return actOnIncident(head, id, { what: 'silence', until, why: asked.why }, by, now);
}

/** The head forgets an incident that is closed, so the incident itself tells that it was closed by this very act. */
function isClosedSo({ state, closedBy }: Incident, why: string): boolean {
  return state === 'closed' && closedBy?.why === why;
}

async function mustMatch(id: string, ifMatch: string, ports: Ports): Promise<void> {
  const incident = await findIncident(id, ports.store);
  const now = incident && etagOf(await wholeIncident(incident, ports.store, ports.clock.now()));
  if (now === undefined || !namesTag(ifMatch, now))
    throw new ActProblem(
      412,
      'The incident has changed since it was read (If-Match). Read it again, and decide on what it says now.',
      'If-Match',
    );
}
