import type { Signal } from '../signals/signal.ts';
import { isPolicyWrite } from '../signals/watch-list.ts';
import { mayReadNow } from './asked-sweep.ts';
import { discover, hasListedAll, waitForDiscovery } from './discovery.ts';
import type { Ports, Watched } from './ports.ts';

/** What is watched now, and the signals that only a sweep may follow up. */
export interface Discovered {
  watched: Watched;
  postponed: Signal[];
}

/**
 * Looks for new policies where signals call for it: they write a policy that is not watched, or nothing is
 * watched and this process has not listed every subscription yet. At most once in an interval; the others are
 * postponed to a sweep. While nothing is known, nobody can say whom a signal concerns, so it waits for the
 * discovery that another began: an app that starts with a full queue reads the tenant once.
 */
export async function discoverForSignals(
  signals: readonly Signal[],
  watched: Watched,
  ports: Ports,
): Promise<Discovered> {
  const calling = callingFor(signals, watched, ports);
  if (calling.length === 0) return { watched, postponed: [] };
  const another = watched.policies.length === 0 ? waitForDiscovery(ports) : undefined;
  if (!another && !mayReadNow('discovery', ports)) return { watched, postponed: calling };
  await (another ?? discover(ports));
  const now = await ports.watched(true);
  // The other discovery may have listed the policies before this signal's was written.
  return { watched: now, postponed: another ? callingFor(signals, now, ports) : [] };
}

function callingFor(signals: readonly Signal[], { policies, list }: Watched, ports: Ports): Signal[] {
  if (policies.length === 0 && !hasListedAll(ports)) return [...signals];
  return signals.filter((signal) => isPolicyWrite(signal) && list.concerns(signal).length === 0);
}
