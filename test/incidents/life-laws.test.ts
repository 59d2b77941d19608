import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Action, applyIncidentAction } from '../../shared/incidents/actions.ts';
import { decide } from '../../shared/incidents/decide.ts';
import { evaluateTimers } from '../../shared/incidents/evaluate-timers.ts';
import type { PolicyState, Transition } from '../../shared/incidents/incident.ts';
import { silencePolicy } from '../../shared/incidents/request-silence.ts';
import { anEnvironment, aReading, at, disabled, type ReadingOptions } from './a-reading.ts';

/** A life: readings, hours and people in any order. Each step takes some minutes. */
type Happening =
  | { what: 'reads'; options: Omit<ReadingOptions, 'seconds'> }
  | { what: 'old reading'; options: Omit<ReadingOptions, 'seconds'> }
  | { what: 'nothing' }
  | { what: 'act'; act: Action['what'] | 'silence policy'; hours: number };

const verdict = fc.constantFrom(
  'clear' as const,
  'clear' as const,
  'unknown' as const,
  'suspected' as const,
  'revoked' as const,
);
const options = fc.record({
  verdicts: fc.record({
    'key-disabled': verdict,
    'permissions-revoked': verdict,
    'network-restricted': verdict,
  }),
  environments: fc
    .array(fc.tuple(fc.constantFrom('Production', 'Sandbox'), fc.boolean()), { minLength: 1, maxLength: 3 })
    .map((list) => ({
      members: list.map(([sku, isOff], n) => (isOff ? disabled(n, { sku }) : anEnvironment(n, { sku }))),
    })),
});
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 4, arbitrary: options.map((one) => ({ what: 'reads' as const, options: one })) },
  { weight: 1, arbitrary: options.map((one) => ({ what: 'old reading' as const, options: one })) },
  { weight: 3, arbitrary: fc.constant({ what: 'nothing' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('act' as const),
      act: fc.constantFrom(
        'acknowledge' as const,
        'silence' as const,
        'supportCase' as const,
        'close' as const,
        'silence policy' as const,
      ),
      hours: fc.integer({ min: -1, max: 100 }),
    }),
  },
);
const life = fc.array(fc.tuple(fc.integer({ min: 1, max: 600 }), happening), { minLength: 1, maxLength: 25 });
const BY = { name: 'Ann' };

function happen(
  policyState: PolicyState | undefined,
  what: Happening,
  seconds: number,
): Transition | undefined {
  switch (what.what) {
    case 'reads':
      return decide(policyState, aReading({ seconds, ...what.options }));
    case 'old reading':
      return decide(policyState, {
        ...aReading({ seconds: seconds - 86_400, ...what.options }),
        now: at(seconds),
      });
    case 'nothing':
      return policyState && evaluateTimers(policyState, at(seconds));
    case 'act': {
      if (!policyState) return undefined;
      const until = at(seconds + what.hours * 3600);
      if (what.act === 'silence policy')
        return given(silencePolicy(policyState, { from: at(seconds), until, why: 'x' }, BY, at(seconds)));
      if (!policyState.incident) return undefined;
      const acts: Record<Action['what'], Action> = {
        acknowledge: { what: 'acknowledge' },
        silence: { what: 'silence', until, why: 'x' },
        supportCase: { what: 'supportCase', number: '1' },
        close: { what: 'close', why: 'x' },
      };
      return given(
        applyIncidentAction(policyState, policyState.incident.id, acts[what.act], BY, at(seconds)),
      );
    }
  }
}

function given(result: Transition | { refused: string }): Transition | undefined {
  return 'refused' in result ? undefined : result;
}

function live(
  steps: [minutes: number, Happening][],
  visit: (now: Transition, before: PolicyState | undefined, seconds: number) => void,
) {
  let policyState: PolicyState | undefined;
  let seconds = 86_400;
  for (const [minutes, what] of steps) {
    seconds += minutes * 60;
    const transition = happen(policyState, what, seconds);
    if (!transition) continue;
    visit(transition, policyState, seconds);
    policyState = transition.policyState;
  }
  return { policyState, seconds };
}
const RUNS = { numRuns: 500 };

describe('the laws, over a whole life of readings, hours and people', () => {
  it('2: one incident at a time, and each time is reported once', () => {
    fc.assert(
      fc.property(life, (steps) => {
        const ids: string[] = [];
        live(steps, ({ kind, incident, notices }, before) => {
          assert.ok(notices.length <= 1);
          if (kind === 'opened') {
            assert.equal(before?.incident, undefined);
            assert.ok(incident && !ids.includes(incident.id));
            ids.push(incident.id);
          }
        });
      }),
      RUNS,
    );
  });

  it('3: an older reading changes nothing', () => {
    fc.assert(
      fc.property(life, options, (steps, old) => {
        const { policyState, seconds } = live(steps, () => {});
        if (!policyState) return;
        const late = decide(policyState, { ...aReading({ seconds: -1, ...old }), now: at(seconds) });
        assert.equal(late.policyState, policyState);
        assert.deepEqual(late.notices, []);
      }),
      RUNS,
    );
  });

  it('5: what is decided a second time on what it made says nothing more', () => {
    fc.assert(
      fc.property(life, (steps) => {
        live(steps, ({ policyState }, _before, seconds) => {
          const first = evaluateTimers(policyState, at(seconds));
          const second = evaluateTimers(first.policyState, at(seconds));
          assert.deepEqual([second.policyState === first.policyState, second.notices], [true, []]);
        });
      }),
      RUNS,
    );
  });

  it('7: the deadline never moves later while access is lost', () => {
    fc.assert(
      fc.property(life, (steps) => {
        live(steps, ({ policyState }, before) => {
          // Lost again is another lock: a purge that was stopped in between counts no more.
          if (
            before?.incident &&
            before.incident.state !== 'accessRestored' &&
            policyState.incident?.state !== 'accessRestored' &&
            policyState.incident?.id === before.incident.id
          )
            assert.ok(Date.parse(policyState.incident.recoverBy) <= Date.parse(before.incident.recoverBy));
        });
      }),
      RUNS,
    );
  });

  it('1: a lock that stands, that nobody silenced and nobody closed, has been reported', () => {
    fc.assert(
      fc.property(life, (steps) => {
        const { policyState, seconds } = live(steps, () => {});
        if (policyState?.incident?.state !== 'revoked') return;
        // After the last silence, and once it has settled.
        const ends = [
          ...(policyState.silences ?? []),
          ...(policyState.incident.silence ? [policyState.incident.silence] : []),
        ].map(({ until }) => Date.parse(until));
        const quietAt = new Date(Math.max(Date.parse(at(seconds)), ...ends) + 11 * 60_000).toISOString();
        const { incident } = evaluateTimers(policyState, quietAt);
        assert.equal((incident ?? policyState.incident).notification?.notified?.state, 'revoked');
      }),
      RUNS,
    );
  });
});
