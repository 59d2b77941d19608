import { app as functions } from '@azure/functions';
import { authLevelFor } from '../shared/access/admit.ts';
import { guarded } from '../shared/access/guard.ts';
import type { App } from '../shared/compose.ts';
import { answer } from '../shared/status/router.ts';
import { watchTimerBeside } from '../shared/timer-watch.ts';

/** Every GET. */
export function registerStatus(app: App): void {
  functions.http('status', {
    methods: ['GET'],
    route: '{*path}',
    authLevel: authLevelFor(app.settings.access),
    handler: (request, context) =>
      app.run('status', context, async (itself) => {
        const { queueEndpoint, push, auditHub } = app.settings;
        const ports = {
          ...itself,
          unreadableCount: app.queues?.unreadable.count,
          waysIn: { event: queueEndpoint !== undefined || push, audit: auditHub !== undefined },
        };
        const question = { url: request.url, ifNoneMatch: request.headers.get('if-none-match') };
        const header = (name: string) => request.headers.get(name);
        return guarded(app.settings.access, 'read', header, async () => {
          const [answered] = await Promise.all([answer(question, ports), watchTimerBeside(ports, 'status')]);
          return answered;
        });
      }),
  });
}
