import { TableClient } from '@azure/data-tables';
import { QueueClient } from '@azure/storage-queue';
import { contosoDeployment } from '../../dev/expected-deployment/contoso.ts';
import type { Stack } from '../../dev/stack/stack.ts';
import { localStorageCredential } from '../../dev/stack/storage-token.ts';

/** Every secret that the app of a run was given. */
export function secretsOf({ receivers, settings }: Stack): Record<string, string> {
  const signature = new URL(receivers.teamsUrl).searchParams.get('sig') ?? '';
  const password = decodeURIComponent(new URL(receivers.smtpUrl).password);
  const own = {
    'the Teams webhook address': receivers.teamsUrl,
    'its signature': signature,
    'the SMTP address': receivers.smtpUrl,
    'the SMTP password': password,
    'the webhook address': receivers.webhookUrl,
    'the webhook secret': receivers.webhookSecret,
    'the identity header': settings.IDENTITY_HEADER ?? '',
  };
  return Object.fromEntries(Object.entries(own).filter(([, value]) => value !== ''));
}

/** All that a run left: its log, its answers, its rows, its messages, and what people were sent. */
export async function outputsOf(stack: Stack, lines: readonly string[]): Promise<Record<string, string>> {
  // The receivers and the simulator print their addresses and secrets for whoever starts them.
  const ofApp = lines.filter((line) => line.startsWith('[app] '));
  const outputs: Record<string, string> = { 'the log': ofApp.join('\n') };
  const read = async (name: string, address: string) => {
    outputs[name] = await (await fetch(address)).text();
  };
  for (const path of ['status', 'coverage', 'health', 'incidents'])
    await read(`/api/${path}`, `${stack.url}/api/${path}`);
  const { incidents } = JSON.parse(outputs['/api/incidents'] ?? '') as { incidents: { id: string }[] };
  for (const { id } of incidents) await read(`/api/incidents/${id}`, `${stack.url}/api/incidents/${id}`);
  for (const path of ['nothing', 'drill', 'status?policy=%00', 'incidents/%'])
    await read(`/api/${path}`, `${stack.url}/api/${path}`);
  for (const path of ['teams', 'mails', 'events'])
    await read(`the receiver of ${path}`, `${stack.receivers.readUrl}/${path}`);
  for (const url of stack.hostUrls) await read(`the lines dropped at ${url}`, `${url}/local/dropped-lines`);
  const { tables, queues } = contosoDeployment();
  const credential = localStorageCredential();
  for (const table of tables) {
    const rows: unknown[] = [];
    for await (const row of new TableClient(stack.storage.tableEndpoint, table, credential).listEntities())
      rows.push(row);
    outputs[`the table ${table}`] = JSON.stringify(rows);
  }
  for (const name of queues) {
    const client = new QueueClient(`${stack.storage.queueEndpoint}/${name}`, credential);
    const { peekedMessageItems } = await client.peekMessages({ numberOfMessages: 32 });
    const texts = peekedMessageItems.map(({ messageText }) => messageText);
    outputs[`the queue ${name}`] = [...texts, ...texts.map(decoded)].join('\n');
  }
  return outputs;
}

function decoded(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}
