import type { NoticeReason } from '../incidents/notice-reason.ts';
import type { Channel } from './notice.ts';

/**
 * The channels of each reason, both in lower case, as in the settings. A reason that is not listed goes to
 * all.
 */
export type Routes = Readonly<Record<string, readonly string[]>>;

/** Notices for every channel: that another channel has failed or works again, and the drill that tests each one. */
const TO_ALL: ReadonlySet<NoticeReason> = new Set(['undelivered', 'deliveryRestored', 'drill']);

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

/** These end or acknowledge what others opened. */
const ENDS: readonly NoticeReason[] = ['acknowledged', 'accessRestored', 'closed', 'visibilityRestored'];

/**
 * The routes, with the ends of alerts on every channel that keeps alerts open, whatever the route says: an alert
 * that another reason opened there would stay open, and go on waking people. Such a service drops the end of what
 * is not open. Pure.
 */
export function withAlertEnds(
  routes: Routes | undefined,
  channels: readonly Pick<Channel, 'name' | 'keepsAlerts'>[],
): Routes | undefined {
  const keepers = channels.filter(({ keepsAlerts }) => keepsAlerts).map(({ name }) => name);
  if (routes === undefined || keepers.length === 0) return routes;
  const ends = new Set(ENDS.map((reason) => reason.toLowerCase()));
  return Object.fromEntries(
    Object.entries(routes).map(([reason, route]) => [
      reason,
      ends.has(reason) ? [...route, ...keepers] : route,
    ]),
  );
}
