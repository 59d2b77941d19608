import type { Signal } from '../signals/signal.ts';
import { nextLostEventSources } from '../visibility/lost-event-sources.ts';
import { commitVisibility } from './commit-visibility.ts';
import { askNames, nameActors } from './name-actors.ts';
import type { Ports } from './ports.ts';

/** Reports the loss of each of ours once, however often its signal is delivered. */
export async function reportLostSources(signals: readonly Signal[], ports: Ports): Promise<void> {
  const { eventSources } = ports.config;
  const named = await nameActors([...signals], undefined, askNames(signals, ports), ports);
  await commitVisibility(
    (visibility, now) => nextLostEventSources(visibility, named, eventSources, now),
    ports,
  );
}
