import { deliver } from '../notices/deliver.ts';
import { visibilityRows } from '../notices/outbox.ts';
import { decideAnew } from '../storage/visibility-recovery.ts';
import type { Visibility, VisibilityStep } from '../visibility/visibility-state.ts';
import type { Ports } from './ports.ts';

const COMMIT_TRIES = 3;

/**
 * Commits a decision about Lockwatch's own visibility, with its notices, and sends them. Concurrent calls are
 * safe: the second decides again on the state that the first wrote. If others keep writing, the next sweep
 * decides.
 */
export async function commitVisibility(
  decide: (visibility: Visibility, now: string) => VisibilityStep,
  ports: Ports,
): Promise<void> {
  for (let attempt = 0; attempt < COMMIT_TRIES; attempt += 1) {
    const now = ports.clock.now();
    const { visibility, etag, unreadable } = await ports.visibility.read(now);
    if (unreadable) ports.log.error('visibility-unreadable', { ...unreadable });
    const step = unreadable ? decideAnew(decide, visibility, unreadable, now) : decide(visibility, now);
    if (!step.changed) return;
    const channels = ports.channels.map(({ name }) => name);
    const rows = visibilityRows(step.notices, channels, now, ports.routes);
    const committed = await ports.visibility.commit(step.visibility, etag, rows);
    if (committed.outcome === 'conflict') continue;
    for (const { reason, gaps, warnings } of step.notices)
      ports.log.warn(reason, { gaps: gaps.map(({ text }) => text), warnings: warnings?.items.length });
    await deliver({ rows: committed.rows }, ports);
    return;
  }
}
