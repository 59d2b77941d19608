import { randomUUID } from 'node:crypto';
import type { AccessToken } from '@azure/core-auth';
import { createDefaultHttpClient, createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import { TableClient } from '@azure/data-tables';
import { app } from '@azure/functions';
import { ManagedIdentityCredential } from '@azure/identity';

/**
 * The floor of the figures from a signal to Teams: the least that anybody would write by hand to pass a signal on, with
 * the same SDKs. A token, one read, one transaction, one POST; it knows no policy, decides nothing, remembers nothing.
 */
const { RELAY_READ = '', RELAY_TABLES = '', RELAY_CLIENT_ID = '', RELAY_TEAMS = '' } = process.env;
const credential = new ManagedIdentityCredential({ clientId: RELAY_CLIENT_ID });
const http = createDefaultHttpClient();
const table = new TableClient(RELAY_TABLES, 'relay', credential);
let token: AccessToken | undefined;

app.storageQueue('storageQueue', {
  queueName: 'lockwatch-signals',
  connection: 'AzureWebJobsStorage',
  handler: async (message) => {
    // The credential itself asks the platform each time.
    if (!token || token.expiresOnTimestamp - Date.now() < 300_000)
      token = await credential.getToken('https://management.azure.com/.default');
    const headers = createHttpHeaders({ authorization: `Bearer ${token.token}`, accept: 'application/json' });
    const read = await http.sendRequest(createPipelineRequest({ url: RELAY_READ, headers }));
    if (read.status !== 200) throw new Error(`The read answered ${read.status}.`);
    const partitionKey = randomUUID();
    await table.submitTransaction([
      ['create', { partitionKey, rowKey: 'signal', message: JSON.stringify(message) }],
      ['create', { partitionKey, rowKey: 'truth', body: read.bodyAsText ?? '' }],
    ]);
    const posted = await fetch(RELAY_TEAMS, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(card(read.bodyAsText ?? '')),
    });
    await posted.body?.cancel();
    if (!posted.ok) throw new Error(`Teams answered ${posted.status}.`);
  },
});

function card(text: string) {
  const content = { type: 'AdaptiveCard', version: '1.4', body: [{ type: 'TextBlock', text, wrap: true }] };
  return {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }],
  };
}
