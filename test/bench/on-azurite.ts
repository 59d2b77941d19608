import { TableClient } from '@azure/data-tables';
import type { Certificate } from '../../dev/stack/certificate.ts';
import { startStorage } from '../../dev/stack/storage.ts';
import { localStorageCredential } from '../../dev/stack/storage-token.ts';
import { createTableStore, type TableStore } from '../../shared/storage/table-store.ts';
import { aTransition } from '../incidents/a-commit.ts';
import { disabled } from '../incidents/a-reading.ts';

/** The product's own store, and a bare client of the same table. */
export interface OnAzurite {
  store: TableStore;
  table: TableClient;
  endpoints: { table: string; queue: string };
  certificate: Certificate;
}

/** Runs with storage of its own, so that no figure reads another's rows. `main.ts` makes the certificate. */
export async function onAzurite<T>(measure: (on: OnAzurite) => Promise<T>): Promise<T> {
  const { LOCKWATCH_LOCAL_TEST_CERT: certFile, LOCKWATCH_LOCAL_TEST_KEY: keyFile } = process.env;
  if (!certFile || !keyFile)
    throw new Error('Run it by "npm run bench": that makes the certificate for Azurite.');
  const storage = await startStorage({ certificate: { certFile, keyFile } });
  try {
    const credential = localStorageCredential();
    const store = createTableStore({ endpoint: storage.tableEndpoint, credential });
    await store.ensureTables();
    return await measure({
      store,
      table: new TableClient(storage.tableEndpoint, 'policies', credential),
      endpoints: { table: storage.tableEndpoint, queue: storage.queueEndpoint },
      certificate: { certFile, keyFile },
    });
  } finally {
    await storage.stop();
  }
}

/** What the first reading of a policy calls for whose key is disabled, and whose environments are all down. */
export function aLock(policyId: string, environments: number, first = 0) {
  const members = Array.from({ length: environments }, (_, n) => disabled(first + n));
  const verdicts = { 'key-disabled': 'revoked' } as const;
  return aTransition(policyId, undefined, { seconds: 0, verdicts, environments: { members } });
}
