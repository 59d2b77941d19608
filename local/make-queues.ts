import { createStorageQueues } from '../shared/storage-queues.ts';
import { localStorageCredential } from './storage-token.ts';

/** `node local/make-queues.ts <queue endpoint> <queue>`: makes the queues that a deployment would have made. */
const [endpoint, queue] = process.argv.slice(2);
if (!endpoint || !queue) throw new Error('Give the queue endpoint and the name of the queue.');
await createStorageQueues({ endpoint, queue, credential: localStorageCredential() }).ensureQueues();
console.log('made');
