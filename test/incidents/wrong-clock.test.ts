import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { livingSign } from '../../shared/api/status/health-answer.ts';
import { propagationEndsAt } from '../../shared/incidents/provisional-reading.ts';
import { later } from '../../shared/notices/outbox.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import { NOBODY_WARNED, nextDigest } from '../../shared/visibility/digest.ts';
import { sourcesToCheck } from '../../shared/visibility/remaining-lost-sources.ts';
import { visibilityGaps } from '../../shared/visibility/visibility-gaps.ts';
import { aPolicyState } from '../api/status/a-head.ts';
import { aWorld, policyId } from '../pipeline/a-world.ts';

const NOW = '2026-11-20T10:00:00.000Z';
const AHEAD = later(NOW, 365 * 86_400_000);

describe('a time that a clock that ran ahead has stored', () => {
  it('puts off no digest of early warnings', () => {
    const finding = {
      advisory: 'key-expiring' as const,
      verdict: 'present' as const,
      severity: 'warning' as const,
      summary: 'The key expires.',
      evidence: [],
      remediation: [],
      scope: 'a',
    };
    const policyStates = [aPolicyState('p', { advisories: { readAt: NOW, findings: [finding] } })];
    const { items, warned } = nextDigest(
      { ...NOBODY_WARNED, digestAt: { warning: AHEAD } },
      policyStates,
      NOW,
    );
    assert.equal(items.length, 1);
    assert.equal(warned.digestAt.warning, NOW);
  });

  it('puts off no look at what Lockwatch sees by', () => {
    const way = { scope: 'a', operation: 'o', since: NOW, state: 'lost' as const, checkedAt: AHEAD };
    assert.deepEqual(sourcesToCheck([way], undefined, NOW), ['a']);
    assert.deepEqual(sourcesToCheck([{ ...way, checkedAt: NOW }], undefined, NOW), []);
  });

  it('keeps no reading provisional', () => {
    assert.equal(propagationEndsAt(aPolicyState('p', { propagationEndsAt: AHEAD }), [], NOW), undefined);
    const real = later(NOW, 15 * 60_000);
    assert.equal(propagationEndsAt(aPolicyState('p', { propagationEndsAt: real }), [], NOW), real);
  });

  it('makes no timer that stopped look alive', () => {
    const sign = livingSign(AHEAD, { now: NOW, sweepIntervalMs: 30_000 });
    assert.deepEqual(sign, { lastAt: AHEAD, ageSeconds: null, isSilent: true });
    const gaps = visibilityGaps({
      policyStates: [],
      heartbeat: { timerAt: AHEAD },
      unlistable: [],
      notReached: [],
      unwritten: [],
      unreadableRows: [],
      subscriptions: [],
      tenants: {},
      watchedSubscriptions: [],
      known: {},
      lostEventSources: [],
      now: NOW,
      sweepIntervalMs: 30_000,
    });
    assert.deepEqual(
      gaps.map(({ id }) => id),
      ['timer'],
    );
  });

  it('puts off no reading of what early warnings stand on', async () => {
    const world = aWorld();
    await world.clock.drive(sweep(world.ports));
    const { store, facts } = world.ports;
    const stored = (await store.readPolicyState(policyId('p1'))) ?? assert.fail();
    const readAt = later(world.clock.now(), 365 * 86_400_000);
    const policyState = { ...stored.policyState, advisories: { readAt, findings: [] } };
    await store.commit(
      { kind: 'none', policyState, environments: [], timeline: [], notices: [] },
      stored.etag,
      [],
    );
    const asked: (boolean | undefined)[] = [];
    world.ports.facts = {
      begin(budgetMs, options) {
        asked.push(options?.protection);
        return facts.begin(budgetMs, options);
      },
    };
    await world.clock.drive(sweep(world.ports));
    assert(asked.includes(true));
  });
});
