import type { NoticeReason } from '../incidents/notice-reason.ts';

/**
 * The channels of each reason, both in lower case, as in the settings. A reason that is not listed goes to
 * all.
 */
export type Routes = Readonly<Record<string, readonly string[]>>;

/** Notices for every channel: that another channel has failed, and the drill that tests each one. */
const TO_ALL: ReadonlySet<NoticeReason> = new Set(['undelivered', 'drill']);

/**
 * The channels, of these, that a reason goes to. A route that names none of them is ignored: one channel too
 * many is better than none. Pure.
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
