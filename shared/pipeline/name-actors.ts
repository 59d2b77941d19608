import { before, deadlineIn } from '../azure/deadline.ts';
import type { PolicyState, Transition } from '../incidents/incident.ts';
import { namelessIds, withName, withNames } from '../signals/actor-names.ts';
import type { NamedActor, Signal } from '../signals/signal.ts';
import type { Ports } from './ports.ts';

type NamePorts = Pick<Ports, 'actorNames'>;

/**
 * How much longer than the reading a notice waits for a name. The next notice includes a name that comes
 * later.
 */
const GRACE_MS = 200;

/** Starts to look up the actors of these signals, so that the lookup runs while the facts are read. */
export function askNames(signals: readonly Signal[], { actorNames }: NamePorts): Promise<void> {
  const ids = actorNames ? namelessIds(signals) : [];
  return actorNames && ids.length > 0 ? actorNames.ask(ids) : Promise.resolve();
}

/**
 * The signals with the names that are known by now. It also waits for the name of the incident's own actor,
 * if the last reading did not get it in time; `withNamedPolicyState` inserts it. `asked`: the result of
 * `askNames`.
 */
export async function nameActors(
  signals: Signal[],
  policyState: PolicyState | undefined,
  asked: Promise<void>,
  ports: NamePorts & Pick<Ports, 'clock'>,
): Promise<Signal[]> {
  const { actorNames, clock } = ports;
  if (!actorNames) return signals;
  const standing = actorsOf(policyState).flatMap((actor) => namelessIds([], actor));
  const ids = [...namelessIds(signals), ...standing];
  if (ids.some((id) => !actorNames.known(id)))
    await before(deadlineIn(GRACE_MS, clock), () => Promise.all([asked, actorNames.ask(standing)]));
  return withNames(signals, actorNames);
}

/** The same policy state where nothing new is known of its incident's actor. */
export function withNamedPolicyState(
  policyState: PolicyState | undefined,
  { actorNames }: NamePorts,
): PolicyState | undefined {
  const incident = policyState?.incident;
  if (!incident || !actorNames) return policyState;
  const isNew = actorsOf(policyState).some((actor) => withName(actor, actorNames) !== actor);
  if (!isNew) return policyState;
  const causes = incident.causes.map((cause) => {
    const { operation } = cause;
    return operation?.actor
      ? { ...cause, operation: { ...operation, actor: withName(operation.actor, actorNames) } }
      : cause;
  });
  const actor = incident.actor && withName(incident.actor, actorNames);
  return { ...policyState, incident: { ...incident, causes, ...(actor ? { actor } : {}) } };
}

/** Of the incident, and of each of its causes. */
function actorsOf(policyState: PolicyState | undefined): NamedActor[] {
  const { actor, causes = [] } = policyState?.incident ?? {};
  return [actor, ...causes.map(({ operation }) => operation?.actor)].filter((one) => one !== undefined);
}

/** The transition, with a timeline entry of its own if the actor's name has only now become known. */
export function withNameLearnt(
  transition: Transition,
  before: PolicyState | undefined,
  now: string,
): Transition {
  const actor = transition.incident?.actor;
  const earlier = before?.incident?.actor;
  const isSame = before?.incident?.id === transition.incident?.id;
  if (!isSame || actor?.name === undefined || earlier === undefined || earlier.name !== undefined)
    return transition;
  const text = `Object id ${actor.objectId} is ${actor.name}.`;
  return { ...transition, timeline: [...transition.timeline, { at: now, what: 'signal', text, actor }] };
}
