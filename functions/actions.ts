import { app as functions } from '@azure/functions';
import { authLevelFor } from '../shared/api/access/auth-level.ts';
import { API_ROUTE } from '../shared/api/api-route.ts';
import type { App } from '../shared/compose.ts';
import type { Person } from '../shared/incidents/incident.ts';
import { watchTimerBeside } from '../shared/pipeline/watchdog.ts';
import { readPorts } from './read-ports.ts';
import { sessionOpener } from './session.ts';

/** Every POST that is answered in JSON. */
export function registerActions(app: App): void {
  const { access } = app.settings;
  functions.http('actions', {
    methods: ['POST'],
    route: API_ROUTE,
    authLevel: authLevelFor(access),
    handler: (request, context) =>
      app.run('actions', context, async (ports) => {
        const header = (name: string) => request.headers.get(name);
        const act = async (signedIn?: Person) => {
          const body = new Uint8Array(await request.arrayBuffer());
          const { answerAction } = await import('../shared/api/serve-api.ts');
          const [answered] = await Promise.all([
            answerAction({ url: request.url, header, body }, { access, signedIn }, ports, readPorts(ports)),
            watchTimerBeside(ports, 'actions'),
          ]);
          return answered;
        };
        // Loaded with the first action, so that a process that only takes signals does not pay for it.
        const { guardedEndpoint } = await import('../shared/api/serve-api.ts');
        const open = sessionOpener(request.url, header, true, ports);
        const { publicUrl, config } = ports;
        return guardedEndpoint(access, request, header, open ?? act, { publicUrl, docsUrl: config.docsUrl });
      }),
  });
}
