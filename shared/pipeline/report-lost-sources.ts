import type { About, Signal } from '../signals/signal.ts';
import { blindsWatcher } from '../signals/watch-list.ts';
import { nextLostEventSources, sourceOf } from '../visibility/lost-event-sources.ts';
import { commitVisibility } from './commit-visibility.ts';
import { askNames, nameActors } from './name-actors.ts';
import type { Ports, Watched } from './ports.ts';

/**
 * Whether this act takes away something that Lockwatch itself sees by. `auditNamespaces`: the names of the Event Hubs
 * namespaces that the audit log comes by; without any, no setting and no hub can be missed.
 */
export function losesEventSource(
  signal: About,
  watched: Watched,
  subscriptions: readonly string[],
  auditNamespaces: readonly string[],
): boolean {
  if (!blindsWatcher(signal)) return false;
  const { signals, base } = sourceOf(signal.scope);
  const isWatched = subscriptions.some((id) =>
    signal.scope.startsWith(`/subscriptions/${id.toLowerCase()}/`),
  );
  if (signals === 'audit') {
    if (auditNamespaces.length === 0) return false;
    // A diagnostic setting counts where it lies on, or above, a watched vault; of event hubs, ours.
    if (base !== '') return watched.list.sharing(base).length > 0;
    const isOurs = (name: string) => `${signal.scope}/`.includes(`/namespaces/${name.toLowerCase()}/`);
    return isWatched && auditNamespaces.some(isOurs);
  }
  // Azure's own events come by system topics alone: a topic that somebody made for an application is not ours.
  if (base.includes('/providers/')) return watched.list.sharing(base).length > 0;
  return isWatched && OURS.test(signal.scope);
}

const OURS = /\/providers\/microsoft\.eventgrid\/(?:systemtopics|eventsubscriptions)\//;

/** Tells of each such act once, whoever delivers it how often. */
export async function reportLostSources(signals: readonly Signal[], ports: Ports): Promise<void> {
  if (signals.length === 0) return;
  const named = await nameActors([...signals], undefined, askNames(signals, ports), ports);
  await commitVisibility((visibility, now) => nextLostEventSources(visibility, named, now), ports);
}
