import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { applyIncidentAction } from '../../shared/incidents/actions.ts';
import { decide } from '../../shared/incidents/decide.ts';
import { evaluateTimers } from '../../shared/incidents/evaluate-timers.ts';
import type { PolicyState, Transition } from '../../shared/incidents/incident.ts';
import { anEnvironment, aReading, at, disabled } from './a-reading.ts';

const OFF = { members: [disabled(0, { sku: 'Sandbox' })] };
const ON = { members: [anEnvironment(0, { sku: 'Sandbox' })] };
const DAY = 86_400;

/** One policy: what is read and done at which second, and the alert of each notice. */
function aLife() {
  let policyState: PolicyState | undefined;
  const told: [reason: string, alert: string | undefined][] = [];
  const take = (transition: Transition) => {
    policyState = transition.policyState;
    for (const { reason } of transition.notices)
      told.push([reason, transition.incident?.notification?.alert]);
  };
  return {
    told,
    alerts: () => policyState?.incident?.notification?.alerts,
    reads: (seconds: number, verdict: 'clear' | 'suspected' | 'revoked', environments = OFF) =>
      take(decide(policyState, aReading({ seconds, verdicts: { 'key-disabled': verdict }, environments }))),
    passes: (seconds: number) => take(evaluateTimers(policyState ?? assert.fail(), at(seconds))),
    acknowledges: (seconds: number, name: string, why?: string) => {
      const id = policyState?.incident?.id ?? assert.fail();
      const action = { what: 'acknowledge' as const, ...(why === undefined ? {} : { why }) };
      const done = applyIncidentAction(policyState ?? assert.fail(), id, action, { name }, at(seconds));
      assert(!('refused' in done));
      take(done);
    },
  };
}

describe('the alert of a notice', () => {
  it('is the first one for all that is added to it, and one of its own where access is lost again', () => {
    const life = aLife();
    life.reads(0, 'revoked');
    life.passes(16 * 60);
    life.reads(DAY, 'clear');
    life.reads(DAY + 3600, 'revoked');
    life.passes(DAY + 3600 + 16 * 60);
    life.reads(DAY + 7200, 'clear');
    life.reads(DAY + 9000, 'revoked');
    assert.deepEqual(life.told, [
      ['opened', ''],
      ['reminder', ''],
      ['accessRestored', undefined],
      ['worsened', 'lost-again-1'],
      ['reminder', 'lost-again-1'],
      ['accessRestored', undefined],
      ['worsened', 'lost-again-2'],
    ]);
    assert.deepEqual(life.alerts(), ['', 'lost-again-1', 'lost-again-2']);
  });

  it('to enable the environments wakes nobody, and that little time is left does', () => {
    const life = aLife();
    life.reads(0, 'revoked');
    life.reads(60, 'clear');
    life.passes(5 * 3600);
    life.passes(6 * DAY + 3600);
    assert.deepEqual(life.told, [
      ['opened', ''],
      ['accessRestored', undefined],
      ['reminder', undefined],
      ['deadline', 'deadline-1d'],
    ]);
  });

  for (const [seconds, isAcknowledged, alert] of [
    [90, false, ''],
    [90, true, 'confirmed'],
    [150, false, 'confirmed'],
  ] as const)
    it(`of a confirmation ${seconds} s after the suspicion, ${isAcknowledged ? 'acknowledged' : 'not acknowledged'}, is ${alert || 'the same'}`, () => {
      const life = aLife();
      life.reads(0, 'suspected', ON);
      if (isAcknowledged) life.acknowledges(30, 'Ann');
      life.reads(seconds, 'revoked', ON);
      assert.deepEqual(life.told.at(-1), ['confirmed', alert]);
    });

  it('a second deadline of the same step wakes somebody again', () => {
    const life = aLife();
    life.reads(0, 'revoked');
    life.passes(6 * DAY + 3600);
    life.reads(6 * DAY + 7200, 'clear');
    // The environment is enabled, so that a new lock has a deadline of its own.
    life.reads(6 * DAY + 7300, 'clear', {
      members: [anEnvironment(0, { sku: 'Sandbox' }), ...OFF.members.map((one) => ({ ...one, id: 'other' }))],
    });
    life.reads(6 * DAY + 7400, 'revoked');
    life.passes(12 * DAY + 9000);
    const deadlines = life.told.flatMap(([reason, alert]) => (reason === 'deadline' ? [alert] : []));
    assert.equal(new Set(deadlines).size, deadlines.length, deadlines.join());
  });
});

describe('acknowledging', () => {
  it('is told to the others once for each person who takes it, and never of what nobody heard of', () => {
    const life = aLife();
    life.reads(0, 'revoked');
    life.acknowledges(60, 'Ann', 'calling the key admin');
    life.acknowledges(70, 'Ann');
    life.acknowledges(80, 'Ann', 'still calling');
    life.acknowledges(90, 'Bob');
    assert.deepEqual(
      life.told.map(([reason]) => reason),
      ['opened', 'acknowledged', 'acknowledged'],
    );
  });
});
