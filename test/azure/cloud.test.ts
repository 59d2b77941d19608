import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CLOUDS } from '../../shared/azure/cloud.ts';
import { SETTINGS } from '../../shared/settings/settings.ts';

it('every cloud that the settings allow has https addresses and token scopes of its own kind', () => {
  const names = SETTINGS.cloud.schema.options;
  assert.deepEqual(Object.keys(CLOUDS).sort(), [...names].sort());
  for (const [name, cloud] of Object.entries(CLOUDS))
    for (const [key, address] of Object.entries(cloud)) {
      assert.equal(new URL(address).protocol, 'https:', `${name} ${key}`);
      assert.equal(address.endsWith('/.default'), key.endsWith('Scope'), `${name} ${key}`);
    }
});

it('no two clouds share a Power Platform, and GCC shares Azure with the public cloud', () => {
  const clouds = Object.values(CLOUDS);
  for (const key of ['powerPlatformEndpoint', 'powerPlatformScope', 'adminCenterUrl'] as const)
    assert.equal(new Set(clouds.map((cloud) => cloud[key])).size, clouds.length, key);
  assert.equal(CLOUDS.gcc.armEndpoint, CLOUDS.public.armEndpoint);
});
