import { later } from '../../shared/notices/outbox.ts';
import type { Ports } from '../../shared/pipeline/ports.ts';
import type { World } from './a-world.ts';

export const YEAR_MS = 365 * 86_400_000;

/** Another process over the same tables, whose clock runs ahead: all that it stamps, reads included. */
export function aheadOf(world: World, ms = YEAR_MS): Ports {
  const { clock } = world;
  const ports = world.restart();
  const { begin } = ports.facts;
  const facts: Ports['facts'] = {
    begin(...options) {
      const session = begin(...options);
      return {
        ...session,
        async read(...args) {
          const read = await session.read(...args);
          const now = read.readAt;
          return JSON.parse(JSON.stringify(read).replaceAll(now, later(now, ms)));
        },
      };
    },
  };
  const ahead = { ...clock, now: () => later(clock.now(), ms), nowMs: () => clock.nowMs() + ms };
  return { ...ports, facts, clock: ahead };
}

/** The process that hangs in whatever it sends, for ever: as good as dead from there on. */
export function dyingInSending(ports: Ports): Ports {
  const channels = ports.channels.map(({ name }) => ({ name, send: () => new Promise<never>(() => {}) }));
  return { ...ports, channels, channelTimeoutMs: 1e12 };
}
