import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decide } from '../../shared/incidents/decide.ts';
import type { PolicyState, Transition } from '../../shared/incidents/incident.ts';
import { TRIGGER_IDS, type Verdict } from '../../shared/triggers/finding.ts';
import {
  aFinding,
  anEnvironment,
  aReading,
  at,
  disabled,
  type Environments,
  type ReadingOptions,
} from './a-reading.ts';

const verdict = fc.constantFrom<Verdict[]>('clear', 'clear', 'clear', 'unknown', 'suspected', 'revoked');
const trigger = fc.constantFrom(...TRIGGER_IDS.slice(0, 6));
const member = fc.tuple(
  fc.integer({ min: 1, max: 4 }),
  fc.boolean(),
  fc.constantFrom('Production', 'Sandbox', 'Trial'),
);
const members = fc
  .uniqueArray(member, { maxLength: 4, selector: ([n]) => n })
  .map((list) => list.map(([n, isOff, sku]) => (isOff ? disabled(n, { sku }) : anEnvironment(n, { sku }))));
const environments: fc.Arbitrary<Environments> = fc.oneof(
  fc.record({ source: fc.constantFrom('powerPlatform' as const, 'inventory' as const), members }),
  fc.record({ unreadable: fc.constant(true as const), members: fc.option(members, { nil: undefined }) }),
);
/** A purge date that jumps about: only the rule of the deadline keeps it from moving later. */
const purge = fc.option(fc.integer({ min: 1, max: 50 }), { nil: undefined });

const step: fc.Arbitrary<ReadingOptions> = fc
  .record({
    seconds: fc.integer({ min: 0, max: 400 }),
    verdicts: fc.dictionary(trigger, verdict, { maxKeys: 3 }),
    environments,
    purge,
  })
  .map(({ purge: days, verdicts, ...rest }) => ({
    ...rest,
    verdicts: Object.fromEntries(
      TRIGGER_IDS.flatMap((id) => {
        const says = verdicts[id];
        if (says === undefined) return [];
        const recoverBy =
          days && says === 'revoked'
            ? { at: at(days * 86_400), because: 'purge', estimate: false }
            : undefined;
        return [[id, aFinding(id, says, { recoverBy })]];
      }),
    ),
  }));
/** Any readings, some of them delivered twice, in any order of their times. */
const story = fc
  .array(step, { minLength: 1, maxLength: 14 })
  .chain((steps) =>
    fc
      .array(fc.nat({ max: steps.length - 1 }), { maxLength: 6 })
      .map((again) => [...steps, ...again.flatMap((n) => steps[n] ?? [])]),
  );

function play(
  steps: ReadingOptions[],
  visit: (transition: Transition, before: PolicyState | undefined) => void,
): void {
  let policyState: PolicyState | undefined;
  for (const options of steps) {
    const reading = aReading(options);
    // Memory forgets no list: see `remember`.
    reading.history.environments ??= policyState?.history.environments;
    const transition = decide(policyState, reading);
    visit(transition, policyState);
    policyState = transition.policyState;
  }
}

const RUNS = { numRuns: 400 };

describe('the laws, for any readings in any order', () => {
  it('2: no second incident opens while one is open, and one opens only from none', () => {
    fc.assert(
      fc.property(story, (steps) => {
        const seen = new Set<string>();
        play(steps, ({ kind, incident, policyState }, before) => {
          if (kind === 'opened') {
            assert.equal(before?.incident, undefined);
            assert.ok(incident && !seen.has(incident.id));
            seen.add(incident.id);
          } else if (before?.incident) {
            assert.equal(incident?.id ?? before.incident.id, before.incident.id);
          }
          if (policyState.incident) assert.equal(policyState.incident.sequence, policyState.sequence);
        });
      }),
      RUNS,
    );
  });

  it('2: the same reading decided again says nothing and changes nothing', () => {
    fc.assert(
      fc.property(story, (steps) => {
        let policyState: PolicyState | undefined;
        for (const options of steps) {
          policyState = decide(policyState, aReading(options)).policyState;
          const again = decide(policyState, aReading({ ...options, seconds: 401 }));
          // Closing takes a second reading by design: access comes back first, then environments are seen enabled.
          if (again.kind === 'closed') continue;
          if (Date.parse(policyState.readAt) === Date.parse(at(options.seconds))) {
            assert.deepEqual([again.kind, again.notices, again.timeline], ['none', [], []]);
          }
        }
      }),
      RUNS,
    );
  });

  it('3: an older reading never overwrites a newer one', () => {
    fc.assert(
      fc.property(story, (steps) => {
        play(steps, ({ policyState, kind }, before) => {
          if (!before) return;
          assert.ok(Date.parse(policyState.readAt) >= Date.parse(before.readAt));
          if (policyState.readAt !== before.readAt) return;
          if (kind === 'none') assert.equal(policyState.sequence, before.sequence);
        });
      }),
      RUNS,
    );
  });

  it('4: a reading in which nothing can be read neither opens, worsens, eases, restores nor closes', () => {
    fc.assert(
      fc.property(story, (steps) => {
        let policyState: PolicyState | undefined;
        for (const options of steps) policyState = decide(policyState, aReading(options)).policyState;
        const visibilityLost = aReading({
          seconds: 500,
          rest: 'unknown',
          environments: { unreadable: true },
        });
        visibilityLost.history = { ...visibilityLost.history, ...policyState?.history };
        const { kind, policyState: after, notices } = decide(policyState, visibilityLost);
        assert.equal(kind, 'none');
        assert.deepEqual(notices, []);
        assert.equal(after.verdict, 'unknown');
        assert.deepEqual(after.incident?.causes, policyState?.incident?.causes);
      }),
      RUNS,
    );
  });

  it('7: while a cause stands the deadline never moves later', () => {
    fc.assert(
      fc.property(story, (steps) => {
        play(steps, ({ incident }, before) => {
          const earlier = before?.incident;
          if (!earlier || earlier.state === 'accessRestored' || !incident) return;
          // No cause stands any more: a purge that was stopped counts no longer.
          if (incident.state === 'accessRestored') return;
          assert.ok(Date.parse(incident.recoverBy) <= Date.parse(earlier.recoverBy));
        });
      }),
      RUNS,
    );
  });

  it('every transition speaks once, to the group of its root cause, or says in the timeline why it does not', () => {
    fc.assert(
      fc.property(story, (steps) => {
        play(steps, ({ kind, notices, incident, timeline, environments }) => {
          const suppressed = timeline.filter(({ what }) => what === 'suppressed');
          assert.equal(notices.length + suppressed.length, kind === 'none' ? 0 : 1);
          for (const { text } of suppressed) assert.match(text, /^Not notified \(\w+\): ./);
          for (const { because, reason, group } of notices) {
            assert.ok(because.length > 10);
            assert.equal(group.split('|')[0], reason);
            assert.equal(group.split('|')[1], incident?.causes[0]?.trigger);
          }
          assert.equal(timeline.length - suppressed.length, kind === 'none' ? 0 : 1);
          assert.equal(new Set(environments.map(({ id }) => id)).size, environments.length);
          for (const { deletedAt } of environments) assert.ok(!Number.isNaN(Date.parse(deletedAt)));
          if (incident && incident.state !== 'accessRestored') assert.ok(incident.causes.length > 0);
        });
      }),
      RUNS,
    );
  });

  it('what is stored of the environments is always what the head would give', () => {
    fc.assert(
      fc.property(story, (steps) => {
        const stored = new Map<string, string>();
        let incidentId: string | undefined;
        play(steps, ({ incident, environments, policyState }) => {
          if (incident && incident.id !== incidentId) stored.clear();
          incidentId = incident?.id ?? incidentId;
          for (const environment of environments) stored.set(environment.id, environment.state);
          if (policyState.incident) assert.equal(stored.size, policyState.incident.environmentCount);
        });
      }),
      RUNS,
    );
  });
});
