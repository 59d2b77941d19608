import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAIN_BICEP, moduleOrder } from './module-order.ts';

const order = moduleOrder(MAIN_BICEP);
const before = (name: string) => order.get(name) ?? assert.fail(`main.bicep has no module ${name}`);

describe('the order of a deployment', () => {
  it('makes each topic, its identity and its rights as soon as there is a storage account', () =>
    assert.deepEqual([...before('sourceTopics')].sort(), ['eventGroups', 'identity', 'storage']));

  it('makes the event subscriptions last: after the app, the alerts and every right', () => {
    for (const name of [
      'sourceTopics',
      'app',
      'alerts',
      'workbook',
      'readingRights',
      'auditSettings',
      'logs',
    ])
      assert.ok(before('eventSubscriptions').has(name), `they do not wait for ${name}`);
    for (const [name, earlier] of order)
      assert.ok(!earlier.has('eventSubscriptions'), `${name} waits for the event subscriptions`);
  });

  it('leaves the rights the time of all that takes longest: the app and its private endpoints', () => {
    for (const name of ['app', 'privateEndpoints', 'secretVault'])
      assert.ok(before('eventSubscriptions').has(name) && !before('sourceTopics').has(name), name);
  });
});
