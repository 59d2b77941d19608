/** What is known of a channel's deliveries (`storage/channel-health.ts`). Times ISO 8601. */
export interface ChannelDeliveries {
  channel: string;
  /** When it last gave up a notice, or did not reach some recipients. */
  gaveUpAt?: string;
  /** When a notice after that one reached everybody. */
  deliveredAt?: string;
}

/** A channel that was reported as failing, and is no longer. */
export interface RestoredChannel {
  channel: string;
  gaveUpAt: string;
  /** Absent: the channel is not configured any more. */
  deliveredAt?: string;
}

/** By channel: the failure whose end was reported last. */
export type ReportedRestored = Readonly<Record<string, string>>;

/**
 * The channels that deliver again, or are not configured any more, since they failed: each failure ends once.
 * `reported`: what is to be stored. Pure.
 */
export function restoredChannels(
  before: ReportedRestored,
  channels: readonly ChannelDeliveries[],
  configured: readonly string[],
): { restored: RestoredChannel[]; reported: ReportedRestored } {
  const restored = channels.flatMap(({ channel, gaveUpAt, deliveredAt }) => {
    if (gaveUpAt === undefined || before[channel] === gaveUpAt) return [];
    if (deliveredAt === undefined && configured.includes(channel)) return [];
    return [{ channel, gaveUpAt, ...(deliveredAt === undefined ? {} : { deliveredAt }) }];
  });
  const now = restored.map(({ channel, gaveUpAt }) => [channel, gaveUpAt] as const);
  return { restored, reported: { ...before, ...Object.fromEntries(now) } };
}
