import type { NoticeReason } from '../incidents/notice-reason.ts';

/** Which channels a reason goes to, both in lower case, as the settings have it. What is not named goes to all. */
export type Routes = Readonly<Record<string, readonly string[]>>;

/** What must get through wherever it can: that another channel is dead, and the proof that each one works. */
const TO_ALL: ReadonlySet<NoticeReason> = new Set(['undelivered', 'drill']);

/**
 * The channels, of these, that a reason goes to. A route that names none of them is as good as no route: Lockwatch
 * would rather speak on a channel too many than on none. Pure.
 */
export function routed(
  reason: NoticeReason,
  channels: readonly string[],
  routes: Routes | undefined,
): readonly string[] {
  const route = new Map(Object.entries(routes ?? {})).get(reason.toLowerCase());
  if (!route || TO_ALL.has(reason)) return channels;
  const wanted = new Set(route.map((name) => name.toLowerCase()));
  const chosen = channels.filter((channel) => wanted.has(channel.toLowerCase()));
  return chosen.length > 0 ? chosen : channels;
}
