import { app as functions } from '@azure/functions';
import { authLevelFor } from '../shared/api/access/auth-level.ts';
import { API_ROUTE } from '../shared/api/api-route.ts';
import type { Answer } from '../shared/api/problem.ts';
import { createAnswerSharing } from '../shared/api/status/answer-sharing.ts';
import type { App } from '../shared/compose.ts';
import { watchTimerBeside } from '../shared/pipeline/watchdog.ts';
import { readPorts } from './read-ports.ts';
import { sessionOpener } from './session.ts';

/** Every GET that is answered in JSON. */
export function registerStatus(app: App): void {
  const shared = createAnswerSharing<Answer>();
  functions.http('status', {
    methods: ['GET'],
    route: API_ROUTE,
    authLevel: authLevelFor(app.settings.access),
    handler: (request, context) =>
      app.run('status', context, async (itself) => {
        const question = { url: request.url, ifNoneMatch: request.headers.get('if-none-match') };
        const header = (name: string) => request.headers.get(name);
        const open = sessionOpener(request.url, header, false, itself);
        // Loaded with the first question, so that a process that only takes signals does not pay for it.
        const [{ answer, guardedEndpoint }, { withDocs }] = await Promise.all([
          import('../shared/api/serve-api.ts'),
          import('../shared/api/problem.ts'),
        ]);
        const { docsUrl } = itself.config;
        if (open) return withDocs(await open(), docsUrl);
        const ask = async () => {
          const { withPageLink } = await import('../shared/api/alternate.ts');
          const ports = readPorts(itself, shared);
          const [answered] = await Promise.all([answer(question, ports), watchTimerBeside(ports, 'status')]);
          return withPageLink(answered, request.url);
        };
        return guardedEndpoint(app.settings.access, request, header, ask, { docsUrl });
      }),
  });
}
