import { deliver } from '../notices/deliver.ts';
import { visibilityRows } from '../notices/outbox.ts';
import { decideAnew } from '../storage/visibility-recovery.ts';
import type { Visibility, VisibilityStep } from '../visibility/visibility-state.ts';
import { CommitConflictError, commitUnderEtag } from './decide-and-commit.ts';
import type { Ports } from './ports.ts';

/**
 * Commits a decision about Lockwatch's own visibility, with its notices, and sends them. Concurrent calls are
 * safe: the second decides again on the state that the first wrote. If others keep writing, the next sweep
 * decides.
 */
export async function commitVisibility(
  decide: (visibility: Visibility, now: string) => VisibilityStep,
  ports: Ports,
): Promise<void> {
  try {
    const { step, rows } = await commitUnderEtag(
      'what Lockwatch can see',
      ports.clock,
      () => ports.visibility.read(ports.clock.now()),
      async ({ visibility, etag, unreadable }, now) => {
        if (unreadable) ports.log.error('visibility-unreadable', { ...unreadable });
        const decided = unreadable
          ? decideAnew(decide, visibility, unreadable, now)
          : decide(visibility, now);
        if (!decided.changed) return { step: decided, rows: [] };
        const notices = visibilityRows(decided.notices, ports.channels, now, ports.routes);
        const committed = await ports.visibility.commit(decided.visibility, etag, notices);
        return committed.outcome === 'conflict' ? 'conflict' : { step: decided, rows: committed.rows };
      },
    );
    if (!step.changed) return;
    for (const { reason, gaps, warnings, channels } of step.notices)
      ports.log.warn(reason, {
        gaps: gaps.map(({ text }) => text),
        warnings: warnings?.items.length,
        channels: channels?.map(({ channel }) => channel),
      });
    await deliver({ rows }, ports);
  } catch (error) {
    if (!(error instanceof CommitConflictError)) throw error;
    ports.log.warn('visibility-left-for-later');
  }
}
