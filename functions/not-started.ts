import { app as functions } from '@azure/functions';
import { authLevelFor } from '../shared/api/access/admit.ts';
import { NotStartedError, notStartedAnswer } from '../shared/settings/not-started.ts';
import { everySeconds, SettingsError } from '../shared/settings/settings.ts';

/**
 * Stands in for the app where it can't start: `status` and `act` say so at every address, and the timer fails, so that
 * the platform's own alerts see it. Nothing listens to the queue or the event hub: what waits there is kept until the
 * settings are right.
 */
export function registerNotStarted(error: unknown): void {
  const access = error instanceof SettingsError ? error.access : undefined;
  const answer = async (request: { headers: { get(name: string): string | null } }) =>
    notStartedAnswer(error, (name) => request.headers.get(name));
  // Where the setting of the access is itself at fault, everybody may hear that it is, and nobody more.
  const authLevel = access === undefined ? 'anonymous' : authLevelFor(access);
  functions.http('status', { methods: ['GET'], route: '{*path}', authLevel, handler: answer });
  functions.http('act', { methods: ['POST'], route: '{*path}', authLevel, handler: answer });
  functions.timer('timer', {
    schedule: everySeconds(60),
    runOnStartup: true,
    handler: () => {
      throw new NotStartedError(error);
    },
  });
}
