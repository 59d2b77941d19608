import { app as functions } from '@azure/functions';
import { WEB_FUNCTION } from '../shared/api/api-route.ts';
import { createAnswerSharing } from '../shared/api/status/answer-sharing.ts';
import { CLOUDS } from '../shared/azure/cloud.ts';
import type { App } from '../shared/compose.ts';
import { watchTimerBeside } from '../shared/pipeline/watchdog.ts';
import { readPorts } from './read-ports.ts';

/** Every page. The host asks for no key here, so the pages decide themselves who may see them. */
export function registerWeb(app: App): void {
  const answers = createAnswerSharing<unknown>();
  const links = CLOUDS[app.settings.cloud];
  functions.http('web', {
    ...WEB_FUNCTION,
    handler: (request, context) =>
      app.run('web', context, async (itself) => {
        const { access } = app.settings;
        const page = {
          method: request.method,
          url: request.url,
          header: (name: string) => request.headers.get(name),
          body: async () => new Uint8Array(await request.arrayBuffer()),
        };
        // Loaded with the first page, so that a process that only takes signals does not pay for it.
        const { servePage } = await import('../shared/api/pages/serve-page.ts');
        const ports = { ...itself, access, links, answers, read: readPorts(itself) };
        const [answered] = await Promise.all([servePage(page, ports), watchTimerBeside(ports, 'web')]);
        return answered;
      }),
  });
}
