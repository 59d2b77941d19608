import type { Incident } from '../../incidents/incident.ts';
import type { NamedActor } from '../../signals/signal.ts';

/** Who did it, and by which source, as an answer shows it. Null: not known. */
export function actorIn({ actor }: Pick<Incident, 'actor'>): Omit<NamedActor, 'strength'> | null {
  if (!actor) return null;
  const { strength: _, ...shown } = actor;
  return shown;
}
