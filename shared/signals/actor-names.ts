import type { Actor, Signal } from './signal.ts';

/** The owner of an object id, as the directory names it. */
export interface FoundActor {
  name: string;
  kind: 'user' | 'application';
}

/**
 * Looks up the names of actors known only by an object id. Never throws: an actor that can't be found keeps
 * the id.
 */
export interface ActorNames {
  /** Requests the ids that are not known yet, and resolves when each look-up has ended. Limited in time. */
  ask(objectIds: readonly string[]): Promise<void>;
  /** The name known so far, without a request. */
  known(objectId: string): FoundActor | undefined;
}

/**
 * The ids of all actors without a name, and of this actor. A failed operation is not attributed to anyone.
 */
export function namelessIds(signals: readonly Signal[], actor?: Actor): string[] {
  const actors = signals.filter(({ outcome }) => outcome === 'success').map((signal) => signal.actor);
  return [...new Set([...actors, actor].map(namelessId))].filter((id) => id !== undefined);
}

/** The actor with the name known so far, or unchanged. */
export function withName<A extends Actor | undefined>(actor: A, names: ActorNames): A | Actor {
  const found = names.known(namelessId(actor) ?? '');
  return actor && found ? { ...actor, ...found } : actor;
}

/** The same signals with their actors named, as far as names are known so far. */
export function withNames(signals: readonly Signal[], names: ActorNames): Signal[] {
  return signals.map((signal) => {
    const actor = withName(signal.actor, names);
    return actor === signal.actor ? signal : { ...signal, ...(actor && { actor }) };
  });
}

/** The object id of an actor without a name; undefined where there is a name, or no id to look up. */
function namelessId(actor: Actor | undefined): string | undefined {
  const objectId = actor?.objectId?.trim().toLowerCase() ?? '';
  return actor?.name === undefined && GUID.test(objectId) ? objectId : undefined;
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
