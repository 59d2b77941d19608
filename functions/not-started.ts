import { app as functions } from '@azure/functions';
import { authLevelFor } from '../shared/api/access/auth-level.ts';
import { API_ROUTE, WEB_FUNCTION } from '../shared/api/api-route.ts';
import { everySeconds, SettingsError } from '../shared/settings/settings.ts';

/**
 * Replaces the app where it can't start: `status`, `actions` and `web` report that at every address, and the timer
 * fails, so that the platform's own alerts fire. Nothing listens to the queue or the event hub: waiting
 * messages are kept until the settings are right.
 */
export function registerNotStarted(error: unknown): void {
  const access = error instanceof SettingsError ? error.access : undefined;
  const answer = async (request: { headers: { get(name: string): string | null } }) => {
    const { notStartedAnswer } = await import('../shared/settings/not-started.ts');
    return notStartedAnswer(error, (name) => request.headers.get(name));
  };
  // If the access setting is itself at fault, everyone may learn that, and nothing more.
  const authLevel = access === undefined ? 'anonymous' : authLevelFor(access);
  functions.http('status', { methods: ['GET'], route: API_ROUTE, authLevel, handler: answer });
  functions.http('actions', { methods: ['POST'], route: API_ROUTE, authLevel, handler: answer });
  functions.http('web', {
    ...WEB_FUNCTION,
    handler: async (request) => {
      const [{ notStartedPage }, { notStartedAnswer }] = await Promise.all([
        import('../shared/api/pages/not-started-page.ts'),
        import('../shared/settings/not-started.ts'),
      ]);
      // With keys, nobody has shown one here.
      const shown = access === 'keys' ? undefined : error;
      return notStartedPage(
        notStartedAnswer(shown, (name) => request.headers.get(name)),
        request.url,
        // The settings can't be read as a whole, and their names are public.
        process.env.LOCKWATCH_NAME?.trim() || process.env.WEBSITE_SITE_NAME?.trim() || undefined,
      );
    },
  });
  functions.timer('timer', {
    schedule: everySeconds(60),
    runOnStartup: true,
    handler: async () => {
      const { NotStartedError } = await import('../shared/settings/not-started.ts');
      throw new NotStartedError(error);
    },
  });
}
