import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide } from '../../shared/incidents/decide.ts';
import type { Signal } from '../../shared/signals/signal.ts';
import { aReading, aSignal, POLICY, type ReadingOptions, VAULT } from '../incidents/a-reading.ts';

const PRINCIPAL = '99999999-aaaa-4000-8000-000000000009';
const history: ReadingOptions['history'] = {
  policy: {
    id: POLICY,
    name: 'cmk',
    principalId: PRINCIPAL,
    vaultId: VAULT,
    keyName: 'CMK',
    geo: 'europe',
    managedHsm: false,
    seenAt: '2026-11-23T03:00:00.000Z',
  },
};

function refused(seconds: number, more: Partial<Signal> = {}): Signal {
  return aSignal(seconds, {
    source: 'audit',
    type: 'KeyUnwrap',
    operation: undefined,
    outcome: 'failure',
    keyName: 'cmk',
    actor: { kind: 'application', objectId: PRINCIPAL.toUpperCase() },
    ...more,
  });
}
const reading = (seconds: number, verdict: 'clear' | 'suspected' | 'unknown', signals: Signal[] = []) =>
  aReading({ seconds, history, verdicts: { 'network-restricted': verdict }, signals });

/** Clear at 0, suspected at 100. */
function suspicion() {
  const { policyState } = decide(undefined, reading(0, 'clear'));
  const { policyState: suspected, incident } = decide(policyState, reading(100, 'suspected'));
  assert.equal(incident?.state, 'suspected');
  return suspected;
}

describe('a key refused to the policy’s own identity', () => {
  it('confirms the suspicion that stands, says so once, and shows it as evidence', () => {
    const { kind, incident, notices, policyState } = decide(
      suspicion(),
      reading(160, 'suspected', [refused(130)]),
    );
    assert.equal(kind, 'confirmed');
    assert.equal(incident?.state, 'revoked');
    assert.deepEqual(
      notices.map(({ reason }) => reason),
      ['confirmed'],
    );
    assert.match(incident?.causes[0]?.finding.evidence.at(-1)?.text ?? '', /refused its key.*KeyUnwrap/);
    const again = decide(policyState, reading(190, 'suspected', [refused(130)]));
    assert.equal(again.kind, 'none');
    assert.equal(again.incident?.state, 'revoked', 'and it stays so when the next reading only suspects');
  });

  it('together with the first reading that suspects opens the incident as revoked', () => {
    const { policyState } = decide(undefined, reading(0, 'clear'));
    assert.equal(decide(policyState, reading(100, 'suspected', [refused(50)])).incident?.state, 'revoked');
  });

  it('opens nothing by itself: neither where all reads clear nor where it can’t be read', () => {
    const { policyState } = decide(undefined, reading(0, 'clear'));
    for (const verdict of ['clear', 'unknown'] as const)
      assert.equal(decide(policyState, reading(100, verdict, [refused(90)])).incident, undefined);
  });

  it('proves nothing where it is from before the suspicion, or nobody knows since when that stands', () => {
    const { policyState } = decide(undefined, reading(50, 'clear'));
    assert.equal(decide(policyState, reading(100, 'suspected', [refused(49)])).incident?.state, 'suspected');
    assert.equal(decide(undefined, reading(100, 'suspected', [refused(90)])).incident?.state, 'suspected');
  });

  const others: [string, Partial<Signal>][] = [
    ['somebody else’s', { actor: { kind: 'application', objectId: 'somebody' } }],
    ['nobody’s', { actor: undefined }],
    ['on another key', { keyName: 'other' }],
    ['in another vault', { scope: `${VAULT.toLowerCase()}2` }],
    ['that succeeded', { outcome: 'success' }],
    ['of another operation', { type: 'KeyWrap' }],
  ];
  for (const [what, more] of others)
    it(`is not one ${what}`, () => {
      const { incident } = decide(suspicion(), reading(160, 'suspected', [refused(130, more)]));
      assert.equal(incident?.state, 'suspected');
    });
});
