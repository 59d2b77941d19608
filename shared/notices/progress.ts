import type { OutboxRow, Progress } from '../storage/incident-store.ts';
import type { Notice } from './notice.ts';

export function noProgress(): Progress {
  return { taken: [], refused: [], underway: [] };
}

/** The progress that a channel adds to. */
export function progressOf(notice: Notice): Progress {
  return notice.progress ?? noProgress();
}

export function isBegun({ taken, refused, underway }: Progress): boolean {
  return taken.length + refused.length + underway.length > 0;
}

/** Of these parts, those that no try has decided, and that are not on their way. */
export function openParts(parts: readonly string[], { taken, refused, underway }: Progress): string[] {
  const decided = new Set([...taken, ...refused.map(({ to }) => to), ...underway.flatMap(({ to }) => to)]);
  return parts.filter((part) => !decided.has(part));
}

/**
 * Rows of one message: those of one group, and of those that have been partly sent, only the ones that were in
 * the same message, so that nobody gets the others twice.
 */
export function messageKeyOf({ group, progress }: Pick<OutboxRow, 'group' | 'progress'>): string {
  return `${group}\n${progress?.messageId ?? ''}`;
}
