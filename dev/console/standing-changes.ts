import type { ScenarioAnswer } from '../azure-simulator/state.ts';

/** A change that somebody made in the simulator and nobody has undone. */
export interface StandingChange {
  scenario: string;
  undo: string;
  policy: string | undefined;
  vault: string | undefined;
}

/** The newest first. `happened`: the oldest first; `names`: every scenario, because not each has an undo. */
export function standingChanges(
  happened: readonly ScenarioAnswer[],
  names: readonly string[],
): StandingChange[] {
  const standing = new Map<string, StandingChange>();
  const keyOf = (scenario: string, policy: string | undefined) => `${scenario} ${policy ?? ''}`;
  for (const { scenario, policy, vault } of happened) {
    const undone = /^undo-(.+)$/.exec(scenario)?.[1];
    if (undone !== undefined) standing.delete(keyOf(undone, policy));
    const undo = `undo-${scenario}`;
    if (!names.includes(undo)) continue;
    standing.delete(keyOf(scenario, policy));
    standing.set(keyOf(scenario, policy), { scenario, undo, policy, vault });
  }
  return [...standing.values()].reverse();
}
