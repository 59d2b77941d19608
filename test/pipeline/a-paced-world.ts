import { onTimer } from '../../shared/pipeline/watchdog.ts';
import { slowedFrom } from '../../shared/visibility/slowed-subscriptions.ts';
import { aBigWorld, policyStatesOf } from './a-big-world.ts';

const TICK_MS = 5_000;
/** What Azure grants one identity in one subscription. */
export const AZURE = { capacity: 250, perSecond: 25 };

export interface Swept {
  atMs: number;
  intervalSeconds: number;
  /** Of each slowed subscription. */
  slowedSeconds: number[];
  notReached: number;
  /** The addresses that it asked, each with how often. */
  asked: Map<string, number>;
  /** How long ago each policy was last read before this sweep, in seconds. */
  oldest: number;
}

/** The timer as the platform runs it over Azure's own limit: a tick that comes while another runs waits for it. */
export function aPacedWorld(size: Parameters<typeof aBigWorld>[0]) {
  const big = aBigWorld(size);
  const { world, tenant } = big;
  world.ports.config.sweepBounds = { minMs: TICK_MS, maxMs: 480_000 };
  for (const id of tenant.subscriptions) tenant.grant(id, AZURE);
  const sweepOnce = async (): Promise<Swept> => {
    for (;;) {
      await world.clock.advance(TICK_MS - (world.clock.nowMs() % TICK_MS));
      tenant.asked.clear();
      const atMs = world.clock.nowMs();
      const result = await world.clock.drive(onTimer(world.ports));
      if (!result) continue;
      const { sweepIntervalMs = 0, slowedSubscriptions } = await world.ports.heartbeat.read();
      const ages = (await policyStatesOf(world)).map(
        ({ readAt }) => world.clock.nowMs() - Date.parse(readAt),
      );
      return {
        atMs,
        intervalSeconds: sweepIntervalMs / 1000,
        slowedSeconds: [...slowedFrom(slowedSubscriptions).values()].map(
          ({ intervalMs }) => intervalMs / 1000,
        ),
        notReached: result.notReached,
        asked: new Map(tenant.asked),
        oldest: Math.max(...ages) / 1000,
      };
    }
  };
  const sweep = async (times: number) => {
    const swept: Swept[] = [];
    for (let n = 0; n < times; n += 1) swept.push(await sweepOnce());
    return swept;
  };
  return { ...big, sweep };
}
