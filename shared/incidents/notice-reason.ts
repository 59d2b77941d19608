/** Every reason for which Lockwatch sends a notice. */
export const NOTICE_REASONS = [
  'opened',
  'suspected',
  'confirmed',
  'worsened',
  'eased',
  'reminder',
  'deadline',
  'accessRestored',
  'closed',
  'actorLearnt',
  'acknowledged',
  'keyUnreachable',
  'silenced',
  'warning',
  'visibilityLost',
  'visibilityRestored',
  'undelivered',
  'deliveryRestored',
  'drill',
] as const;
export type NoticeReason = (typeof NOTICE_REASONS)[number];
