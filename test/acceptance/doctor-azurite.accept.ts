import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { freePort } from '../../dev/stack/free-port.ts';
import { startStorage } from '../../dev/stack/storage.ts';
import { compose } from '../../shared/compose.ts';
import { readSettings } from '../../shared/settings/settings.ts';
import { atEnd, testCertificate } from '../dev/azure-simulator/harness.ts';
import { patient } from '../tools/doctor/doctor-harness.ts';

test('real storage: what the app has not made yet is missing, and what it made is reached', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'lockwatch-doctor-'));
  atEnd(() => rm(directory, { recursive: true, force: true }));
  const storage = await startStorage({
    certificate: await testCertificate(),
    directory,
    ports: { blob: await freePort(), queue: await freePort(), table: await freePort() },
  });
  atEnd(() => storage.stop());
  const sick = await patient();
  const environment = {
    ...sick.settings,
    AzureWebJobsStorage__tableServiceUri: storage.tableEndpoint,
    AzureWebJobsStorage__queueServiceUri: storage.queueEndpoint,
  };
  const storageOf = async () =>
    (await sick.examine({ environment })).wiring
      .filter(({ about }) => about === 'storage')
      .map(({ id, state }) => `${id}: ${state}`);
  const names = [
    'lockwatch-signals',
    'lockwatch-signals-poison',
    'lockwatch-unreadable',
    'policies',
    'history',
    'readmodel',
  ];
  assert.deepEqual(
    await storageOf(),
    names.map((name) => `${name}: missing`),
  );
  const settings = readSettings({ ...environment, WEBSITE_AUTH_ENABLED: 'True' });
  const app = compose(settings, environment);
  await Promise.all([app.prepareTables(app.log), app.prepareQueues(app.log)]);
  assert.deepEqual(
    await storageOf(),
    names.map((name) => `${name}: ok`),
  );
});
