import { createRequire } from 'node:module';
import type { Certificate } from './certificate.ts';
import { type Child, startChild } from './child.ts';
import { freePort } from './free-port.ts';

export interface LocalStorage {
  blobEndpoint: string;
  queueEndpoint: string;
  tableEndpoint: string;
  stop(): Promise<void>;
}

/**
 * Starts Azurite in a process of its own, over HTTPS and with bearer tokens only, as Azure serves a storage
 * account without shared keys. `directory`: the folder of its data; none: in memory. Passing the same ports
 * again lets a stopped account come back at the same address.
 */
export async function startStorage(options: {
  certificate: Certificate;
  directory?: string;
  /** Arguments of Node itself. */
  nodeArgs?: readonly string[];
  ports?: { blob: number; queue: number; table: number };
  onEnd?: (fault: string) => void;
}): Promise<LocalStorage> {
  const ports = options.ports ?? { blob: await freePort(), queue: await freePort(), table: await freePort() };
  const ready = new Set<string>();
  const child: Child = await startChild(
    [
      ...(options.nodeArgs ?? []),
      createRequire(import.meta.url).resolve('azurite/dist/src/azurite.js'),
      ...['--oauth', 'basic', '--cert', options.certificate.certFile, '--key', options.certificate.keyFile],
      ...['--blobHost', '127.0.0.1', '--queueHost', '127.0.0.1', '--tableHost', '127.0.0.1'],
      ...['--blobPort', `${ports.blob}`, '--queuePort', `${ports.queue}`, '--tablePort', `${ports.table}`],
      ...(options.directory ? ['--location', options.directory] : ['--inMemoryPersistence']),
      ...['--silent', '--disableTelemetry', '--skipApiVersionCheck'],
    ],
    {
      name: 'The embedded storage (Azurite)',
      onEnd: options.onEnd,
      ready(line) {
        const service = /Azurite (Blob|Queue|Table) service is successfully/.exec(line)?.[1];
        if (service) ready.add(service);
        return ready.size === 3;
      },
    },
  );
  return {
    blobEndpoint: `https://127.0.0.1:${ports.blob}/devstoreaccount1`,
    queueEndpoint: `https://127.0.0.1:${ports.queue}/devstoreaccount1`,
    tableEndpoint: `https://127.0.0.1:${ports.table}/devstoreaccount1`,
    stop: () => child.stop(),
  };
}
