import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMessage } from '../../shared/signals/read-message.ts';
import { asCloudEvent, keyVaultEvent, NOW, SUBSCRIPTION, VAULT } from './examples.ts';

function read(event: unknown) {
  return readMessage(event, NOW).signals[0];
}

test('a Key Vault event names the vault, the key and the version', () => {
  assert.deepEqual(read(keyVaultEvent()), {
    id: '00eccf70-95a7-4e7c-8299-2eb17ee9ad64',
    source: 'keyVault',
    type: 'Microsoft.KeyVault.KeyExpired',
    outcome: 'success',
    scope: VAULT.toLowerCase(),
    at: '2026-03-04T05:00:00.103Z',
    keyName: 'cmk',
    keyVersion: 'ee059b2bb5bc48398a53b168c6cdcb10',
  });
});

test('the names of its fields may have stray blanks and any case', () => {
  const event = keyVaultEvent();
  const data = { ' objecttype ': ' KEY ', 'ObjectName ': ' CMK ', vaultname: 'kv-one', VERSION: ' AB12 ' };
  const signal = read({ ...event, data });
  assert.equal(signal?.keyName, 'cmk');
  assert.equal(signal?.keyVersion, 'ab12');
});

test('times of the key come as number, text or null, and none of them hurts', () => {
  for (const NBF of [1559081980, '1559081980', null, '', {}, []]) {
    assert.deepEqual(read(keyVaultEvent(undefined, { NBF, EXP: NBF })), read(keyVaultEvent()));
  }
});

test('the vault is reported by its name where the topic is not a vault', () => {
  const named = '/providers/microsoft.keyvault/vaults/kv-one';
  for (const topic of [undefined, SUBSCRIPTION, '/subscriptions', 'kv-one', 7]) {
    assert.equal(read({ ...keyVaultEvent(), topic })?.scope, named);
  }
  assert.equal(read({ ...keyVaultEvent(undefined, { VaultName: ' KV-One ' }), topic: '' })?.scope, named);
});

test('a vault name that no vault can have names nothing', () => {
  const result = readMessage({ ...keyVaultEvent(undefined, { VaultName: '../x' }), topic: '' }, NOW);
  assert.equal(result.signals.length, 0);
  assert.equal(result.unreadable.length, 1);
});

test('an event about something else in the vault, or about the vault, names no key', () => {
  for (const ObjectType of ['Secret', 'Certificate', 'Vault', 'vault']) {
    const signal = read(keyVaultEvent('Microsoft.KeyVault.VaultAccessPolicyChanged', { ObjectType }));
    assert.equal(signal?.keyName, undefined);
    assert.equal(signal?.keyVersion, undefined);
  }
});

test('without an object type the event type tells whether it is about a key', () => {
  for (const ObjectType of [undefined, null, '']) {
    assert.equal(read(keyVaultEvent('microsoft.keyvault.keynearexpiry', { ObjectType }))?.keyName, 'cmk');
    assert.equal(read(keyVaultEvent('Microsoft.KeyVault.SecretExpired', { ObjectType }))?.keyName, undefined);
  }
});

test('data is taken as an object, as JSON text, and in CloudEvents as base64', () => {
  const event = keyVaultEvent();
  assert.equal(read({ ...event, data: JSON.stringify(event.data) })?.keyName, 'cmk');
  const { data, ...rest } = asCloudEvent(event);
  const encoded = Buffer.from(JSON.stringify(data)).toString('base64');
  assert.equal(read({ ...rest, data_base64: encoded })?.keyName, 'cmk');
});

test('data that says nothing still leaves the hint at the vault', () => {
  for (const data of [null, 'gone', 5, [], '{broken', '"text"']) {
    const signal = read({ ...keyVaultEvent(), data });
    assert.equal(signal?.scope, VAULT.toLowerCase());
    assert.equal(signal?.keyName, undefined);
  }
});

test('types that Key Vault may add are signals, too, and never claim anything', () => {
  const signal = read(keyVaultEvent('Microsoft.KeyVault.SomethingNew'));
  assert.equal(signal?.type, 'Microsoft.KeyVault.SomethingNew');
  assert.equal(signal?.assertion, undefined);
});
