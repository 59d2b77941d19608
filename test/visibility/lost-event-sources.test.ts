import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { PolicyState } from '../../shared/incidents/incident.ts';
import type { Signal } from '../../shared/signals/signal.ts';
import { nextLostEventSources } from '../../shared/visibility/lost-event-sources.ts';
import { remainingLostSources, sourcesToCheck } from '../../shared/visibility/remaining-lost-sources.ts';
import type { LostEventSource } from '../../shared/visibility/visibility-state.ts';
import { NO_GAPS } from '../../shared/visibility/visibility-state.ts';
import { aPolicyState } from '../api/status/a-head.ts';
import { known, SUBSCRIPTION, unread, VAULT_ID, vault } from '../triggers/a-reading.ts';

const vaultId = VAULT_ID.toLowerCase();
const hub = `/subscriptions/${SUBSCRIPTION}/resourcegroups/rg/providers/microsoft.eventhub/namespaces/lw-audit`;
const setting = `${vaultId}/providers/microsoft.insights/diagnosticsettings/audit`;
const at = (minute: number) => new Date(Date.UTC(2026, 10, 23, 0, minute)).toISOString();
const deletion = (scope: string, minute = 0, id = scope): Signal => ({
  id,
  source: 'resourceManager',
  type: 'Microsoft.Resources.ResourceDeleteSuccess',
  operation: 'Microsoft.EventHub/namespaces/delete',
  outcome: 'success',
  scope,
  at: at(minute),
});
const lostEventSource = (scope: string): LostEventSource => ({
  scope,
  operation: 'delete',
  since: at(0),
  state: 'lost',
  checkedAt: at(0),
});
const policyState = (lastSignals: PolicyState['lastSignals']) =>
  aPolicyState('p1', { lastSignals, history: { policyId: 'p1', vault: { ...vault(), seenAt: at(0) } } });
const stands = (scope: string, policyStates: PolicyState[], checks = new Map()) =>
  remainingLostSources([lostEventSource(scope)], {
    checks,
    policyStates,
    watchedSubscriptions: [SUBSCRIPTION],
    now: at(60),
  }).length;

describe('a way that was cut', () => {
  it('of the audit log is over when a record came that can not have been under way', () => {
    assert.equal(stands(setting, [policyState({ audit: { [vaultId]: at(14) } })]), 1);
    assert.equal(stands(setting, [policyState({ audit: { [vaultId]: at(16) } })]), 0);
    assert.equal(stands(hub, [policyState({ audit: { [vaultId]: at(16) } })]), 0);
    assert.equal(
      stands(setting, [policyState({ event: { [`/subscriptions/${SUBSCRIPTION}`]: at(16) } })]),
      1,
    );
  });

  it('is not ended by what comes from another vault', () => {
    const other = policyState({ audit: { [vaultId.replace('kv-eu', 'kv-other')]: at(30) } });
    assert.equal(stands(setting, [other]), 1);
  });

  it('is forgotten where nothing that is watched hangs on it any more', () => {
    assert.equal(stands(setting, []), 0);
    assert.equal(stands(hub.replace(SUBSCRIPTION, 'another'), [policyState(undefined)]), 0);
  });

  it('is looked at no more than once a minute, whatever else goes on', () => {
    const lostSources = [lostEventSource(hub)];
    assert.deepEqual(
      sourcesToCheck(lostSources, undefined, new Date(Date.parse(at(1)) - 1).toISOString()),
      [],
    );
    assert.deepEqual(sourcesToCheck(lostSources, undefined, at(1)), [hub]);
    const checks = new Map([[hub, unread('throttled')]]);
    const [after] = remainingLostSources(lostSources, {
      checks,
      policyStates: [],
      watchedSubscriptions: [SUBSCRIPTION],
      now: at(1),
    });
    assert.deepEqual([after?.state, after?.checkedAt], ['lost', at(1)]);
    const open = new Map([[hub, known({ isOpen: true })]]);
    assert.equal(stands(hub, [policyState(undefined)], open), 0);
  });
});

it('however many are cut, how often and in whatever order it is told, each is told once and a hundred stand', () => {
  const story = fc.array(fc.tuple(fc.nat(150), fc.nat(5)), { maxLength: 300 });
  fc.assert(
    fc.property(story, (acts) => {
      let visibility = NO_GAPS;
      const told: string[] = [];
      for (const [n, minute] of acts) {
        const step = nextLostEventSources(
          visibility,
          [deletion(`${hub}${n}`, minute, `${n}`)],
          undefined,
          at(minute),
        );
        told.push(...step.notices.flatMap(({ gaps }) => gaps.map(({ text }) => text)));
        visibility = step.visibility;
      }
      const distinct = new Set(acts.map(([n]) => n)).size;
      if (distinct <= 100) assert.equal(told.length, distinct);
      assert.ok(
        (visibility.lostEventSources?.length ?? 0) <= 100 && (visibility.heardSignals?.length ?? 0) <= 100,
      );
      assert.equal(visibility.lostEventSources?.length ?? 0, Math.min(100, distinct));
    }),
  );
});
