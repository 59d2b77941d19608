import type { Actor, Signal } from './signal.ts';

/** Who an object id belongs to, as the directory tells it. */
export interface FoundActor {
  name: string;
  kind: 'user' | 'application';
}

/** Looks up by name who is known by an object id alone. Never throws: who can't be found keeps the id. */
export interface ActorNames {
  /** Asks for those that are not known yet, and is done when each is found or not. Bounded in time. */
  ask(objectIds: readonly string[]): Promise<void>;
  /** What is known by now, without asking. */
  known(objectId: string): FoundActor | undefined;
}

/** The ids of all that came without a name, and of this actor besides. An act that failed is nobody's doing. */
export function namelessIds(signals: readonly Signal[], actor?: Actor): string[] {
  const actors = signals.filter(({ outcome }) => outcome === 'success').map((signal) => signal.actor);
  return [...new Set([...actors, actor].map(namelessId))].filter((id) => id !== undefined);
}

/** The actor with the name that is known by now, or as it was. */
export function withName<A extends Actor | undefined>(actor: A, names: ActorNames): A | Actor {
  const found = names.known(namelessId(actor) ?? '');
  return actor && found ? { ...actor, ...found } : actor;
}

/** The same signals, their actors named as far as is known by now. */
export function withNames(signals: readonly Signal[], names: ActorNames): Signal[] {
  return signals.map((signal) => {
    const actor = withName(signal.actor, names);
    return actor === signal.actor ? signal : { ...signal, ...(actor && { actor }) };
  });
}

/** The object id of somebody whose name nobody told; undefined where there is a name, or no id to look up. */
function namelessId(actor: Actor | undefined): string | undefined {
  const objectId = actor?.objectId?.trim().toLowerCase() ?? '';
  return actor?.name === undefined && GUID.test(objectId) ? objectId : undefined;
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
