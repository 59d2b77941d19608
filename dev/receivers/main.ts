import { readFile } from 'node:fs/promises';
import { whenToldToEnd } from '../stack/on-shutdown.ts';
import { startSinks } from './receivers.ts';

/** `node dev/receivers/main.ts <cert file> <key file>`: prints one line of JSON with its addresses, runs until it is told to end. */
const [certFile, keyFile] = process.argv.slice(2);
if (!certFile || !keyFile) {
  console.error('The sinks need two files: a certificate and its key.');
  process.exit(1);
}
const sinks = await startSinks({
  cert: await readFile(certFile, 'utf8'),
  key: await readFile(keyFile, 'utf8'),
});
const { stop: _stop, ...addresses } = sinks;
console.log(JSON.stringify(addresses));
whenToldToEnd(() => {
  void sinks.stop().then(() => process.exit(0));
});
