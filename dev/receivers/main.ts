import { readFile } from 'node:fs/promises';
import { onShutdown } from '../stack/on-shutdown.ts';
import { startReceivers } from './receivers.ts';

/**
 * `node dev/receivers/main.ts <cert file> <key file>`: prints its addresses as one line of JSON, runs until
 * it is ended.
 */
const [certFile, keyFile] = process.argv.slice(2);
if (!certFile || !keyFile) {
  console.error('The receivers need two files: a certificate and its key.');
  process.exit(1);
}
const receivers = await startReceivers({
  cert: await readFile(certFile, 'utf8'),
  key: await readFile(keyFile, 'utf8'),
});
const { stop: _stop, ...addresses } = receivers;
console.log(JSON.stringify(addresses));
onShutdown(() => {
  void receivers.stop().then(() => process.exit(0));
});
