import { nextCuts } from './incidents/cuts.ts';
import { deliver } from './notices/deliver.ts';
import { sightRows } from './notices/outbox.ts';
import type { Ports, Watched } from './ports.ts';
import type { About, Signal } from './signals/signal.ts';
import { blindsWatcher } from './signals/watch-list.ts';

const COMMIT_TRIES = 3;

/** Whether this act takes away something that Lockwatch itself sees by. */
export function cutsUs(signal: About, watched: Watched, subscriptions: readonly string[]): boolean {
  if (!blindsWatcher(signal)) return false;
  // A diagnostic setting counts where it lies on, or above, a watched vault; the rest anywhere in a watched subscription.
  const setting = signal.scope.lastIndexOf('/providers/microsoft.insights/diagnosticsettings/');
  if (setting >= 0) return watched.list.sharing(signal.scope.slice(0, setting)).length > 0;
  return subscriptions.some((id) => signal.scope.startsWith(`/subscriptions/${id.toLowerCase()}/`));
}

/** Tells of each such act once, whoever delivers it how often. */
export async function tellCuts(signals: readonly Signal[], ports: Ports): Promise<void> {
  if (signals.length === 0) return;
  for (let attempt = 0; attempt < COMMIT_TRIES; attempt += 1) {
    const now = ports.clock.now();
    const { sight, etag } = await ports.sight.read();
    const step = nextCuts(sight, signals, now);
    if (!step.changed) return;
    const channels = ports.channels.map(({ name }) => name);
    const committed = await ports.sight.commit(step.sight, etag, sightRows(step.notices, channels, now));
    if (committed.outcome === 'conflict') continue;
    await deliver({ rows: committed.rows }, ports);
    return;
  }
}
