import { app as functions } from '@azure/functions';
import type { App } from '../shared/compose.ts';
import { respond } from '../shared/respond.ts';

/** The default way in: Event Grid delivers to a storage queue by its identity. */
export function registerStorageQueue(app: App): void {
  functions.storageQueue('storageQueue', {
    queueName: app.settings.queue,
    connection: 'AzureWebJobsStorage',
    handler: async (message, context) => {
      await respond(message, app.logTo(context));
    },
  });
}
