import type { Trigger } from './finding.ts';
import type { History } from './history.ts';

const BY_RESOURCE: Readonly<Record<Trigger['about'], (history: History) => string | undefined>> = {
  policy: ({ policy }) => policy?.seenAt,
  vault: ({ vault }) => vault?.seenAt,
  key: ({ key }) => key?.seenAt,
  permission: ({ permission }) => permission?.grantedAt,
  network: ({ network }) => network?.seenAt,
  // It is judged by several parts, each of which another trigger stands on.
  effect: () => undefined,
};

/** The last known reading that could show the trigger clear. Undefined: none ever could. ISO 8601. */
export function lastReadAt(trigger: Trigger, history: History): string | undefined {
  return trigger.lastReadAt ? trigger.lastReadAt(history) : BY_RESOURCE[trigger.about](history);
}
