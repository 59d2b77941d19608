import { isUnder } from '../../../shared/azure/arm-id.ts';
import type { Lock, World } from '../world/world.ts';
import { ScenarioRefusedError } from './scenario.ts';

/**
 * The lock that forbids its deletion: its own, or one above it ("Lock your resources": locks are inherited).
 */
export function lockOn(world: World, id: string): Lock | undefined {
  return world.locks.find(({ scope }) => isUnder(id, scope));
}

/** Throws `ScenarioRefusedError` where a lock forbids its deletion. */
export function heedLocks(world: World, id: string): void {
  const lock = lockOn(world, id);
  if (lock)
    throw new ScenarioRefusedError(
      409,
      `ScopeLocked: the lock ${lock.name} on ${lock.scope} forbids deleting ${id}.`,
    );
}
