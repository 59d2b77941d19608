import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { DEFAULT_OPERATION_FILTERS } from '../../dev/azure-simulator/events/filters.ts';
import { SUBSCRIPTION_EVENT, VAULT_EVENT, WATCHED_OPERATIONS } from '../../shared/signals/operation-names.ts';
import { raisedBy } from '../../shared/triggers/detection-sources.ts';
import { TRIGGERS } from '../../shared/triggers/register.ts';
import {
  appSettings,
  at,
  DEPLOYMENTS,
  type Deployment,
  deployment,
  listAt,
  type SnapshotResource,
  textAt,
} from './deployment.ts';

const SUBSCRIPTIONS = 'Microsoft.EventGrid/systemTopics/eventSubscriptions';
const TOPICS = 'Microsoft.EventGrid/systemTopics';

const topicOf = (subscription: SnapshotResource) =>
  subscription.id.slice(0, subscription.id.lastIndexOf('/eventSubscriptions/'));
const filtersOf = (subscription: SnapshotResource) =>
  listAt(subscription.properties, 'filter', 'advancedFilters');
const typesOf = (subscription: SnapshotResource) =>
  listAt(subscription.properties, 'filter', 'includedEventTypes');
const ofVault = (subscription: SnapshotResource) =>
  typesOf(subscription).some((type) => /^Microsoft\.KeyVault\./.test(String(type)));

function one(deployed: Deployment, which: (subscription: SnapshotResource) => boolean): SnapshotResource {
  const [first] = deployed.of(SUBSCRIPTIONS).filter(which);
  return first ?? assert.fail(`${deployed.name} has no such event subscription`);
}

for (const deployed of DEPLOYMENTS)
  describe(`the events of the scenario ${deployed.name}`, () => {
    const subscriptions = deployed.of(SUBSCRIPTIONS);

    it('come by exactly one event subscription of each topic', () => {
      const topics = subscriptions.map((one) => topicOf(one).toLowerCase());
      assert.equal(new Set(topics).size, topics.length);
      for (const { id } of deployed.of(TOPICS)) assert.ok(topics.includes(id.toLowerCase()), id);
    });

    it('come of every watched subscription', () => {
      const watched = (appSettings(deployed).LOCKWATCH_SUBSCRIPTIONS ?? '').split(',');
      const bySubscription = subscriptions.filter((one) => !ofVault(one)).map((one) => one.id.split('/')[2]);
      // With separate duties, owners make the event subscriptions: test/tools/doctor/owner-tasks.test.ts.
      assert.deepEqual(bySubscription.sort(), deployed.name === 'separate-duties' ? [] : watched.sort());
    });

    it('pass one filter of at most 25 values, in each scenario the one that the local stack runs on', () => {
      for (const subscription of subscriptions.filter((one) => !ofVault(one))) {
        const filters = filtersOf(subscription);
        assert.equal(filters.length, 1);
        assert.equal(at(filters[0], 'operatorType'), 'StringBeginsWith');
        assert.equal(at(filters[0], 'key'), 'data.operationName');
        assert.deepEqual(listAt(filters[0], 'values'), [...DEFAULT_OPERATION_FILTERS]);
        assert.ok(listAt(filters[0], 'values').length <= 25);
      }
    });

    it('wait for 24 hours, and are then kept', () => {
      for (const { id, properties } of subscriptions) {
        assert.deepEqual(
          at(properties, 'retryPolicy'),
          { eventTimeToLiveInMinutes: 1440, maxDeliveryAttempts: 30 },
          id,
        );
        const container = textAt(
          properties,
          'deadLetterWithResourceIdentity',
          'deadLetterDestination',
          'properties',
          'blobContainerName',
        );
        const made = deployed.of('Microsoft.Storage/storageAccounts/blobServices/containers');
        assert.ok(
          made.some(({ name }) => name.endsWith(`/${container}`)),
          `${id}: ${container}`,
        );
      }
    });

    it('go to the one way in that the app listens at', () => {
      const isPushed = appSettings(deployed).LOCKWATCH_PUSH === 'true';
      for (const { properties } of subscriptions) {
        const queue = at(properties, 'deliveryWithResourceIdentity', 'destination');
        const pushed = at(properties, 'destination');
        assert.equal(queue === undefined, isPushed);
        assert.equal(pushed === undefined, !isPushed);
        if (isPushed) {
          assert.equal(at(pushed, 'endpointType'), 'AzureFunction');
          assert.match(
            textAt(pushed, 'properties', 'resourceId'),
            /\/sites\/func-[^/]+\/functions\/eventGrid$/,
          );
        } else {
          assert.equal(at(queue, 'endpointType'), 'StorageQueue');
          assert.equal(at(queue, 'properties', 'queueName'), appSettings(deployed).LOCKWATCH_QUEUE);
          assert.equal(
            at(queue, 'properties', 'resourceId'),
            deployed.one('Microsoft.Storage/storageAccounts').id,
          );
          assert.equal(
            at(queue, 'properties', 'queueMessageTimeToLiveInSeconds'),
            -1,
            'messages never expire',
          );
        }
      }
    });

    it('come from topics with an identity, in the source’s own subscription, global for a subscription', () => {
      for (const topic of deployed.of(TOPICS)) {
        assert.equal(at(topic, 'identity', 'type'), 'SystemAssigned');
        const source = textAt(topic.properties, 'source');
        assert.equal(topic.id.split('/')[2], source.split('/')[2]);
        assert.equal(topic.location === 'global', source.split('/').length === 3, topic.id);
      }
    });
  });

describe('the event filter of the deployment', () => {
  const bicep = readFileSync(new URL('../../infra/events.bicep', import.meta.url), 'utf8');
  const listOf = (name: string) => {
    const [, lines = ''] = new RegExp(`var ${name} = \\[\\n([^\\]]*)\\]`).exec(bicep) ?? [];
    return [...lines.matchAll(/'([^']*)'/g)].map(([, value]) => value);
  };

  it('holds the operations and events that signals/ names, and no others', () => {
    assert.deepEqual(listOf('watchedOperations'), WATCHED_OPERATIONS);
    assert.deepEqual(listOf('subscriptionEventTypes'), Object.values(SUBSCRIPTION_EVENT));
    assert.deepEqual(listOf('vaultEventTypes'), Object.values(VAULT_EVENT));
  });
});

describe('what the triggers show by', () => {
  const full = deployment('audit-log');
  const subscription = one(full, (candidate) => !ofVault(candidate));
  const vault = one(full, ofVault);
  const values = listAt(filtersOf(subscription)[0], 'values').map((value) => String(value).toLowerCase());

  for (const { id, detectionSources } of TRIGGERS)
    it(`passes the event subscriptions: ${id}`, () => {
      for (const shown of detectionSources.event.shows)
        if (raisedBy(shown) === 'vault') assert.ok(typesOf(vault).includes(shown), shown);
        else
          assert.ok(
            values.some((value) => shown.toLowerCase().startsWith(value)),
            shown,
          );
    });
});

describe('a topic that is there already', () => {
  const reused = deployment('topic-reused');

  it('is used as it is, and no second one is made for its source', () => {
    const [own] = reused.of(TOPICS);
    assert.equal(reused.of(TOPICS).length, 1, 'the second subscription has none yet');
    assert.equal(own?.id.split('/')[2], '33333333-3333-4333-8333-333333333331');
    const used = reused.of(SUBSCRIPTIONS).map((subscription) => topicOf(subscription).split('/').at(-1));
    assert.deepEqual(used.filter((name) => name?.startsWith('evgt-')).sort(), [
      'evgt-activity',
      'evgt-kv-contoso',
    ]);
  });
});
