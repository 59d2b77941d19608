import { blindSpots } from './incidents/blind-spots.ts';
import type { Head } from './incidents/incident.ts';
import { nextSight } from './incidents/sight.ts';
import { deliver } from './notices/deliver.ts';
import { sightRows } from './notices/outbox.ts';
import type { Ports } from './ports.ts';

const COMMIT_TRIES = 3;

/**
 * After a sweep: what can't be seen, for how long, and whether people must hear of it or hear that it is over. Several
 * at once do no harm: whoever comes second decides anew on what the first wrote.
 */
export async function tellSight(
  seen: {
    heads: readonly Head[];
    unlistable: readonly { subscriptionId: string; detail: string }[];
    notReached: number;
  },
  ports: Ports,
): Promise<void> {
  const beat = await ports.heartbeat.read();
  for (let attempt = 0; attempt < COMMIT_TRIES; attempt += 1) {
    const now = ports.clock.now();
    const { sight, etag } = await ports.sight.read();
    const { watchedSubscriptions, sweepIntervalMs, blindAfterMs } = ports;
    const spots = blindSpots({ ...seen, beat, watchedSubscriptions, sweepIntervalMs, now });
    const step = nextSight(sight, spots, now, blindAfterMs);
    if (!step.changed) return;
    const channels = ports.channels.map(({ name }) => name);
    const committed = await ports.sight.commit(step.sight, etag, sightRows(step.notices, channels, now));
    if (committed.outcome === 'conflict') continue;
    for (const { reason, spots: told } of step.notices)
      ports.log.warn(reason, { spots: told.map(({ text }) => text) });
    await deliver({ rows: committed.rows }, ports);
    return;
  }
}
