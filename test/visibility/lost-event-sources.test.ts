import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Head } from '../../shared/incidents/incident.ts';
import type { Signal } from '../../shared/signals/signal.ts';
import { nextCuts, standingWays, waysToLookAt } from '../../shared/visibility/lost-event-sources.ts';
import type { CutWay } from '../../shared/visibility/visibility-state.ts';
import { NOTHING_BLIND } from '../../shared/visibility/visibility-state.ts';
import { aHead } from '../api/status/a-head.ts';
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
const cutWay = (scope: string): CutWay => ({
  scope,
  operation: 'delete',
  since: at(0),
  state: 'cut',
  lookedAt: at(0),
});
const head = (lastSignals: Head['lastSignals']) =>
  aHead('p1', { lastSignals, remembered: { policyId: 'p1', vault: { ...vault(), seenAt: at(0) } } });
const stands = (scope: string, heads: Head[], looks = new Map()) =>
  standingWays([cutWay(scope)], { looks, heads, watchedSubscriptions: [SUBSCRIPTION], now: at(60) }).length;

describe('a way that was cut', () => {
  it('of the audit log is over when a record came that can not have been under way', () => {
    assert.equal(stands(setting, [head({ audit: { [vaultId]: at(14) } })]), 1);
    assert.equal(stands(setting, [head({ audit: { [vaultId]: at(16) } })]), 0);
    assert.equal(stands(hub, [head({ audit: { [vaultId]: at(16) } })]), 0);
    assert.equal(stands(setting, [head({ event: { [`/subscriptions/${SUBSCRIPTION}`]: at(16) } })]), 1);
  });

  it('is not ended by what comes from another vault', () => {
    const other = head({ audit: { [vaultId.replace('kv-eu', 'kv-other')]: at(30) } });
    assert.equal(stands(setting, [other]), 1);
  });

  it('is forgotten where nothing that is watched hangs on it any more', () => {
    assert.equal(stands(setting, []), 0);
    assert.equal(stands(hub.replace(SUBSCRIPTION, 'another'), [head(undefined)]), 0);
  });

  it('is looked at no more than once a minute, whatever else goes on', () => {
    const ways = [cutWay(hub)];
    assert.deepEqual(waysToLookAt(ways, new Date(Date.parse(at(1)) - 1).toISOString()), []);
    assert.deepEqual(waysToLookAt(ways, at(1)), [hub]);
    const looks = new Map([[hub, unread('throttled')]]);
    const [after] = standingWays(ways, {
      looks,
      heads: [],
      watchedSubscriptions: [SUBSCRIPTION],
      now: at(1),
    });
    assert.deepEqual([after?.state, after?.lookedAt], ['cut', at(1)]);
    const open = new Map([[hub, known({ isOpen: true })]]);
    assert.equal(stands(hub, [head(undefined)], open), 0);
  });
});

it('however many are cut, how often and in whatever order it is told, each is told once and a hundred stand', () => {
  const story = fc.array(fc.tuple(fc.nat(150), fc.nat(5)), { maxLength: 300 });
  fc.assert(
    fc.property(story, (acts) => {
      let sight = NOTHING_BLIND;
      const told: string[] = [];
      for (const [n, minute] of acts) {
        const step = nextCuts(sight, [deletion(`${hub}${n}`, minute, `${n}`)], at(minute));
        told.push(...step.notices.flatMap(({ spots }) => spots.map(({ text }) => text)));
        sight = step.sight;
      }
      const distinct = new Set(acts.map(([n]) => n)).size;
      if (distinct <= 100) assert.equal(told.length, distinct);
      assert.ok((sight.cutWays?.length ?? 0) <= 100 && (sight.cuts?.length ?? 0) <= 100);
      assert.equal(sight.cutWays?.length ?? 0, Math.min(100, distinct));
    }),
  );
});
