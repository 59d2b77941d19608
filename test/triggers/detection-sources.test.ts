import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_OPERATION_FILTERS, passes } from '../../dev/azure-simulator/events/filters.ts';
import { perform } from '../../dev/azure-simulator/scenarios/register.ts';
import type { RaisedEvent } from '../../dev/azure-simulator/scenarios/scenario.ts';
import { seedWorld } from '../../dev/azure-simulator/world/seed.ts';
import { withDemoPolicies } from '../../dev/azure-simulator/world/seed-demo.ts';
import type { Facts } from '../../shared/facts/facts.ts';
import type { Signal } from '../../shared/signals/signal.ts';
import { makeWatchList } from '../../shared/signals/watch-list.ts';
import {
  type DetectionSource,
  expectedDelay,
  type NeededPart,
  raisedBy,
} from '../../shared/triggers/detection-sources.ts';
import { TRIGGERS } from '../../shared/triggers/register.ts';
import {
  DISABLED,
  environment,
  environments,
  finding,
  gone,
  POLICY_ID,
  PRINCIPAL,
  reading,
  unread,
  VAULT_ID,
} from './a-reading.ts';

const NOW = '2026-11-23T12:00:00.000Z';
const list = makeWatchList([
  { policyId: POLICY_ID, vaultId: VAULT_ID, keyName: 'cmk', principalId: PRINCIPAL },
]);

/** What reaches the signals room when Azure shows this of a watched policy. */
function signalOf(shown: string, source: Signal['source']): Signal {
  const signal: Signal = {
    id: 'e1',
    source,
    type: shown,
    outcome: 'success',
    scope: VAULT_ID.toLowerCase(),
    at: NOW,
  };
  // An unwrap shows a lock only where the policy's own identity was refused.
  if (shown === 'KeyUnwrap')
    return { ...signal, outcome: 'failure', actor: { kind: 'application', objectId: PRINCIPAL } };
  if (source !== 'resourceManager') return signal;
  const act = shown.endsWith('/delete') ? 'Delete' : 'Write';
  return {
    ...signal,
    type: `Microsoft.Resources.Resource${act}Success`,
    operation: shown,
    scope: scopeOf(shown),
  };
}

function scopeOf(operation: string): string {
  const [, subscription, group] = VAULT_ID.split(/\/(?:subscriptions|resourceGroups|providers)\//i);
  const inGroup = `/subscriptions/${subscription}/resourcegroups/${group}`;
  if (/resourceGroups\/(delete|moveResources)/.test(operation)) return inGroup.toLowerCase();
  if (/enterprisePolicies/.test(operation)) return POLICY_ID.toLowerCase();
  if (/purge/.test(operation))
    return `/subscriptions/${subscription}/providers/microsoft.keyvault/locations/westeurope/deletedvaults/${VAULT_ID.split('/').at(-1)}`.toLowerCase();
  return VAULT_ID.toLowerCase();
}

for (const { id, detectionSources } of TRIGGERS) {
  test(`whatever ${id} is said to show by leads to a reading of the policy`, () => {
    for (const shown of detectionSources.event.shows) {
      const source = raisedBy(shown) === 'vault' ? 'keyVault' : 'resourceManager';
      assert.deepEqual(list.concerns(signalOf(shown, source)), [POLICY_ID], shown);
      if (source === 'resourceManager') assert.ok(passes(DEFAULT_OPERATION_FILTERS, shown), shown);
    }
    for (const shown of detectionSources.audit.shows)
      assert.deepEqual(list.concerns(signalOf(shown, 'audit')), [POLICY_ID], shown);
  });

  test(`what the simulated tenant raises for ${id} is what the register tells`, () => {
    const world = withDemoPolicies(seedWorld(Date.parse(NOW)), Date.parse(NOW));
    const { outcome } = perform(world, id, { policy: `ep-${id}` }, Date.parse(NOW));
    const told: readonly string[] = [...detectionSources.event.shows, ...detectionSources.audit.shows];
    for (const event of outcome.events) assert.ok(told.includes(nameOf(event)), nameOf(event));
    for (const { operation } of outcome.audit) assert.ok(told.includes(operation), operation);
  });

  test(`${id} says why where a way does not show it, and names a document for each way`, () => {
    for (const way of [detectionSources.event, detectionSources.audit]) {
      assert.ok(way.sources.length > 0);
      for (const { document, section, link } of way.sources) {
        assert.ok(document && section);
        assert.match(link, /^https:\/\/learn\.microsoft\.com\//);
      }
      assert.match(reasonOf(way), /^(?:|[^|\n]*[^.|\n])$/);
      if (way.shows.length === 0) assert.notEqual(reasonOf(way), '');
    }
  });

  test(`${id} is reported less surely without a part that it needs, and just as well without any other`, () => {
    const parts: NeededPart[] = ['policy', 'vault', 'key', 'permission', 'environments'];
    for (const part of parts) {
      // Which environments there are matters only once the policy is gone.
      const base: Partial<Facts> =
        id === 'policy-deleted' && part === 'environments'
          ? { policy: gone(), environments: environments([environment('e1', DISABLED)]) }
          : {};
      const whole = finding(id, reading(base)).verdict;
      const less = finding(id, reading({ ...base, [part]: unread() })).verdict;
      assert.equal(less !== whole, detectionSources.needs.includes(part), `${part}: ${whole}, ${less}`);
    }
  });
}

function nameOf(event: RaisedEvent): string {
  return event.from === 'keyVault' ? `Microsoft.KeyVault.${event.type}` : event.operation;
}

function reasonOf(way: DetectionSource): string {
  return 'because' in way ? way.because : (way.but ?? '');
}

test('events come within a minute, the audit log after some, the sweep within its interval', () => {
  assert.deepEqual(expectedDelay('event', 30), { from: 1, to: 60 });
  assert.deepEqual(expectedDelay('audit', 30), { from: 180, to: 600 });
  assert.deepEqual(expectedDelay('sweep', 90), { from: 0, to: 90 });
});

test('a name with a slash is an operation of the subscription, one without is an event of the vault', () => {
  assert.equal(raisedBy('Microsoft.KeyVault/vaults/write'), 'subscription');
  assert.equal(raisedBy('Microsoft.KeyVault.KeyExpired'), 'vault');
});
