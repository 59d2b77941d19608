import { app as functions } from '@azure/functions';
import type { App } from '../shared/compose.ts';
import { respond } from '../shared/pipeline/on-message.ts';
import { heartbeatIn, onHeartbeat, watchTimer } from '../shared/pipeline/watchdog.ts';

/** The default event source: Event Grid delivers to a storage queue by its identity. */
export function registerStorageQueue(app: App): void {
  functions.storageQueue('storageQueue', {
    queueName: app.settings.queue,
    connection: 'AzureWebJobsStorage',
    handler: (message, context) =>
      app.run('storageQueue', context, async (ports) => {
        const heartbeat = heartbeatIn(message);
        if (heartbeat !== undefined) return onHeartbeat(heartbeat, ports);
        await respond(message, ports);
        await watchTimer(ports, 'signal');
      }),
  });
}
