import { after, before, describe } from 'node:test';
import { type LocalStorage, startStorage } from '../../dev/stack/storage.ts';
import { localStorageCredential } from '../../dev/stack/storage-token.ts';
import { createTableStore, type TableStore } from '../../shared/storage/table-store.ts';
import { storeContract } from './store-contract.ts';
import { twoProcesses } from './two-processes-contract.ts';

const { LOCKWATCH_LOCAL_TEST_CERT: certFile, LOCKWATCH_LOCAL_TEST_KEY: keyFile } = process.env;
const skip = certFile && keyFile ? false : 'npm test makes the certificate that Azurite needs';

describe('the store, over HTTPS and by token, on Azurite', { skip }, () => {
  let storage: LocalStorage | undefined;
  let store: TableStore | undefined;
  let second: TableStore | undefined;
  before(async () => {
    if (!certFile || !keyFile) return;
    storage = await startStorage({ certificate: { certFile, keyFile } });
    const options = { endpoint: storage.tableEndpoint, credential: localStorageCredential() };
    store = createTableStore(options);
    second = createTableStore(options);
    await store.ensureTables();
    await store.ensureTables();
  });
  after(() => storage?.stop());

  storeContract(async () => {
    if (!store) throw new Error('Azurite has not started.');
    return store;
    // More than one page of 1,000 rows; 10,000 in memory (table-store.test.ts) and in the bench.
  }, 1_200);

  twoProcesses(async () => {
    if (!store || !second) throw new Error('Azurite has not started.');
    return [store, second];
  });
});
