import { app as functions } from '@azure/functions';
import type { App } from '../shared/compose.ts';
import { respond } from '../shared/pipeline/on-message.ts';
import { watchTimer } from '../shared/pipeline/watchdog.ts';

/** The alternative event source, for events that are pushed instead of queued. */
export function registerEventGrid(app: App): void {
  functions.eventGrid('eventGrid', {
    handler: (event, context) =>
      app.run('eventGrid', context, async (ports) => {
        await respond(event, ports);
        await watchTimer(ports, 'signal');
      }),
  });
}
