import type { Clock } from '../../shared/clock.ts';
import type { EnvironmentSource } from '../../shared/facts/environments.ts';

/** A source for readings in which environments don't matter. */
export function noEnvironmentsHere(clock: Clock): EnvironmentSource {
  return {
    begin: () => ({
      forPolicy: async () => ({
        state: 'unknown',
        reason: 'notConfigured',
        detail: 'No source is set.',
        readAt: clock.now(),
      }),
    }),
  };
}
