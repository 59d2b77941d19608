import { app as functions } from '@azure/functions';
import type { App } from '../shared/compose.ts';
import { respondToPoison } from '../shared/pipeline/on-poison.ts';

/**
 * Messages that failed too often are not left unread: each is tried once more, and stored where a person can
 * find it.
 */
export function registerPoison(app: App): void {
  functions.storageQueue('poison', {
    queueName: `${app.settings.queue}-poison`,
    connection: 'AzureWebJobsStorage',
    handler: (message, context) =>
      app.run('poison', context, async (ports) => {
        await respondToPoison(message, ports);
      }),
  });
}
