import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readOptions } from '../../../tools/deploy/options.ts';
import { findTopics, sourcesOf } from '../../../tools/deploy/topics.ts';
import { subscriptionsIn } from '../../../tools/deploy/watched-subscriptions.ts';

const SUBSCRIPTION = '/subscriptions/11111111-1111-4111-8111-111111111111';
const VAULT = `${SUBSCRIPTION}/resourceGroups/rg-keys/providers/Microsoft.KeyVault/vaults/kv-Contoso`;
const topic = (changes: Record<string, unknown> = {}) => ({
  id: `${SUBSCRIPTION}/resourceGroups/rg-governance/providers/Microsoft.EventGrid/systemTopics/evgt-activity`,
  identity: { type: 'SystemAssigned' },
  properties: { source: SUBSCRIPTION.toUpperCase() },
  ...changes,
});

describe('a system topic that is there already', () => {
  it('is reused, by the lower-case id of its source', () => {
    assert.deepEqual(findTopics([topic()], [SUBSCRIPTION], 'lockwatch'), {
      existing: { [SUBSCRIPTION]: topic().id },
      faults: [],
    });
  });

  it('of a vault is reused for the vault', () => {
    const vaults = topic({ properties: { source: VAULT.toLowerCase() } });
    assert.deepEqual(Object.keys(findTopics([vaults], [SUBSCRIPTION, VAULT], 'lockwatch').existing), [
      VAULT.toLowerCase(),
    ]);
  });

  it('of another source is left alone', () => {
    const other = topic({ properties: { source: `${SUBSCRIPTION}/resourceGroups/x` } });
    assert.deepEqual(findTopics([other, {}, null], [SUBSCRIPTION], 'lockwatch').existing, {});
  });

  it('and was made by this deployment goes on being made by it', () => {
    const id = topic().id.replace('evgt-activity', 'egst-lockwatch-abc');
    const own = topic({ id, tags: { 'azd-env-name': 'lockwatch' } });
    assert.deepEqual(findTopics([own], [SUBSCRIPTION], 'lockwatch').existing, {});
    assert.equal(Object.keys(findTopics([own], [SUBSCRIPTION], 'another').existing).length, 1);
  });

  it('and was made by another azd project with an environment of the same name is reused', () => {
    const other = topic({ tags: { 'azd-env-name': 'lockwatch' } });
    assert.equal(findTopics([other], [SUBSCRIPTION], 'lockwatch').existing[SUBSCRIPTION], other.id);
  });

  it('and has no identity is a fault, with the command that fixes it', () => {
    for (const identity of [undefined, { type: 'None' }, { type: 'UserAssigned' }]) {
      const { faults } = findTopics([topic({ identity })], [SUBSCRIPTION], 'lockwatch');
      assert.match(
        faults[0] ?? '',
        /az eventgrid system-topic update --ids \/subscriptions.* --mi-system-assigned/,
      );
    }
    assert.deepEqual(
      findTopics([topic({ identity: { type: 'SystemAssigned, UserAssigned' } })], [SUBSCRIPTION], 'x').faults,
      [],
    );
  });
});

describe('sources of events', () => {
  it('are the subscriptions, and the vaults whose own events are wanted', () => {
    const vaults = [
      { id: VAULT, events: true },
      { id: `${VAULT}2`, events: false },
    ];
    assert.deepEqual(sourcesOf(['11111111-1111-4111-8111-111111111111'], vaults), [SUBSCRIPTION, VAULT]);
  });

  it('are, of a management group, the subscriptions at any depth', () => {
    const below = [
      { type: 'Microsoft.Management/managementGroups', name: 'emea' },
      { type: 'Microsoft.Management/managementGroups/subscriptions', name: 's1' },
      { type: '/subscriptions', name: 's2' },
    ];
    assert.deepEqual(subscriptionsIn(below), ['s1', 's2']);
  });
});

describe('what a person asks for in the azd environment', () => {
  const LEAST = {
    AZURE_ENV_NAME: 'lockwatch',
    AZURE_SUBSCRIPTION_ID: '11111111-1111-4111-8111-111111111111',
  };

  it('may be nothing at all: sign-in is on, events wait in the queue', () => {
    const { signIn, push, watchedSubscriptions } = readOptions(LEAST);
    assert.deepEqual(
      { signIn, push, watchedSubscriptions },
      { signIn: true, push: false, watchedSubscriptions: [] },
    );
  });

  it('is refused with every fault at once, by name', () => {
    const faulty = {
      LOCKWATCH_WATCHED_SUBSCRIPTIONS: '["Contoso Production"]',
      LOCKWATCH_WATCHED_VAULTS: '[{"id":"kv-contoso"}]',
    };
    assert.throws(
      () => readOptions(faulty),
      (error: Error) => {
        for (const name of [
          'AZURE_ENV_NAME',
          'AZURE_SUBSCRIPTION_ID',
          'Contoso Production',
          'kv-contoso',
          'location',
        ])
          assert.match(error.message, new RegExp(name));
        return true;
      },
    );
  });

  it('is refused where a list is none', () => {
    for (const text of ['11111111', '{', '"x"'])
      assert.throws(
        () => readOptions({ ...LEAST, LOCKWATCH_WATCHED_SUBSCRIPTIONS: text }),
        /LOCKWATCH_WATCHED_SUBSCRIPTIONS must (be a list|have an id)/,
      );
  });
});
