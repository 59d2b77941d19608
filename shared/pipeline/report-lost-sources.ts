import type { About, Signal } from '../signals/signal.ts';
import { removesEventSource } from '../signals/watch-list.ts';
import { nextLostEventSources, sourceOf } from '../visibility/lost-event-sources.ts';
import { commitVisibility } from './commit-visibility.ts';
import { askNames, nameActors } from './name-actors.ts';
import type { Ports, Watched } from './ports.ts';

/**
 * Whether this operation removes an event source of Lockwatch. `auditNamespaces`: the names of the Event Hubs
 * namespaces that carry the audit log; without any, no diagnostic setting and no event hub is used.
 */
export function losesEventSource(
  signal: About,
  watched: Watched,
  subscriptions: readonly string[],
  auditNamespaces: readonly string[],
): boolean {
  if (!removesEventSource(signal)) return false;
  const { signals, base } = sourceOf(signal.scope);
  const isWatched = subscriptions.some((id) =>
    signal.scope.startsWith(`/subscriptions/${id.toLowerCase()}/`),
  );
  if (signals === 'audit') {
    if (auditNamespaces.length === 0) return false;
    // A diagnostic setting counts if it is on a watched vault or above it; an event hub counts if it is ours.
    if (base !== '') return watched.list.sharing(base).length > 0;
    const isOurs = (name: string) => `${signal.scope}/`.includes(`/namespaces/${name.toLowerCase()}/`);
    return isWatched && auditNamespaces.some(isOurs);
  }
  // Azure's own events come only through system topics: a custom topic of an application is not ours.
  if (base.includes('/providers/')) return watched.list.sharing(base).length > 0;
  return isWatched && OURS.test(signal.scope);
}

const OURS = /\/providers\/microsoft\.eventgrid\/(?:systemtopics|eventsubscriptions)\//;

/** Reports each such operation once, however often its signal is delivered. */
export async function reportLostSources(signals: readonly Signal[], ports: Ports): Promise<void> {
  if (signals.length === 0) return;
  const named = await nameActors([...signals], undefined, askNames(signals, ports), ports);
  await commitVisibility((visibility, now) => nextLostEventSources(visibility, named, now), ports);
}
