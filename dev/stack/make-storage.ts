import { TableClient } from '@azure/data-tables';
import { QueueClient } from '@azure/storage-queue';
import { contosoDeployment } from '../expected-deployment/contoso.ts';
import { localStorageCredential } from './storage-token.ts';

/**
 * `node dev/stack/make-storage.ts <queue endpoint> <table endpoint>`: creates the expected queues and tables.
 */
const [queueEndpoint, tableEndpoint] = process.argv.slice(2);
if (!queueEndpoint || !tableEndpoint) throw new Error('Give the queue endpoint and the table endpoint.');
const credential = localStorageCredential();
const { queues, tables } = contosoDeployment();
for (const queue of queues)
  await new QueueClient(`${queueEndpoint}/${queue}`, credential).createIfNotExists();
for (const table of tables) await new TableClient(tableEndpoint, table, credential).createTable();
console.log('made');
