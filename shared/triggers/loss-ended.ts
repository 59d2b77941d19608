import type { History } from './history.ts';

/**
 * The history after access read clear again, or after a person closed the incident: environments that are
 * disabled by now, a policy that is Unhealthy by now and refusals up to now are the effect of that loss, and
 * no witness of another one.
 */
export function withLossEnded(history: History, at: string): History {
  const { unwraps: _, others: __, ...effect } = history.effect ?? {};
  return { ...history, effect: { ...effect, lossEndedAt: at, environmentsJudgedAt: at } };
}

/** While an incident waits for its environments, those that are disabled are its own. */
export function withEnvironmentsHeld(history: History, at: string): History {
  return { ...history, effect: { ...history.effect, environmentsJudgedAt: at } };
}
