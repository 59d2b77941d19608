import { randomUUID } from 'node:crypto';
import { createKeyVaultManagement } from '@azure/arm-keyvault/api';
import { get } from '@azure/arm-keyvault/api/vaults';
import { TableClient } from '@azure/data-tables';
import { app } from '@azure/functions';
import { ManagedIdentityCredential } from '@azure/identity';

/**
 * The floor of the figures from a signal to Teams: the least that anybody would write by hand to pass a signal on, with
 * the same SDKs. A token, one read, one transaction, one POST; it knows no policy, decides nothing, remembers nothing.
 */
const { RELAY_ARM = '', RELAY_VAULT = '', RELAY_TABLES = '', RELAY_CLIENT_ID = '' } = process.env;
const { RELAY_TEAMS = '' } = process.env;
const credential = new ManagedIdentityCredential({ clientId: RELAY_CLIENT_ID });
const [, , subscriptionId = '', , group = '', , , , vaultName = ''] = RELAY_VAULT.split('/');
// Its pipeline keeps the token, which the credential itself asks the platform for each time.
const vaults = createKeyVaultManagement(credential, subscriptionId, {
  endpoint: RELAY_ARM,
  credentials: { scopes: ['https://management.azure.com/.default'] },
});
const table = new TableClient(RELAY_TABLES, 'relay', credential);

app.storageQueue('storageQueue', {
  queueName: 'lockwatch-signals',
  connection: 'AzureWebJobsStorage',
  handler: async (message) => {
    const vault = JSON.stringify(await get(vaults, group, vaultName));
    const partitionKey = randomUUID();
    await table.submitTransaction([
      ['create', { partitionKey, rowKey: 'signal', message: JSON.stringify(message) }],
      ['create', { partitionKey, rowKey: 'truth', body: vault }],
    ]);
    const posted = await fetch(RELAY_TEAMS, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(card(vault)),
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
