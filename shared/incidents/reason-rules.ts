import type { NoticeReason } from './notice-reason.ts';

/**
 * News that makes sense only to people who know the incident. `accessRestored` is not among them:
 * environments must be enabled in any case.
 */
export const ENDS: ReadonlySet<NoticeReason> = new Set(['eased', 'closed', 'actorLearnt']);
/**
 * Transitions that may wait until they are stable. The first notice of a lock is not among them: a real lock
 * must always be notified.
 */
export const FLAPPING: ReadonlySet<NoticeReason> = new Set([
  'accessRestored',
  'eased',
  'suspected',
  'keyUnreachable',
]);

/** These keep their reason, even where they are the first notice of an incident. */
export const KEPT: ReadonlySet<NoticeReason> = new Set([
  'closed',
  'accessRestored',
  'deadline',
  'keyUnreachable',
]);

/** Only these are deferred: reminders and deadlines come due again by themselves. */
export const DEFERRABLE: ReadonlySet<NoticeReason> = new Set([
  'opened',
  'suspected',
  'confirmed',
  'worsened',
  'accessRestored',
  'keyUnreachable',
]);
