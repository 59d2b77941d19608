import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { applyIncidentAction } from '../../shared/incidents/actions.ts';
import { decide } from '../../shared/incidents/decide.ts';
import { evaluateTimers } from '../../shared/incidents/evaluate-timers.ts';
import type { Incident, PolicyState, Transition } from '../../shared/incidents/incident.ts';
import type { Finding, TriggerId } from '../../shared/triggers/finding.ts';
import { aFinding, aReading, at } from './a-reading.ts';

type Happening =
  | { what: 'reads'; findings: Partial<Record<TriggerId, Finding>> }
  | { what: 'closes' | 'acknowledges' | 'silences' | 'nothing' };

const verdict = fc.constantFrom<Finding['verdict'][]>('clear', 'unknown', 'suspected', 'revoked', 'revoked');
const about = (trigger: TriggerId, items: string[]) =>
  fc
    .tuple(verdict, fc.subarray(items, { minLength: 1 }))
    .map(([says, subject]) =>
      aFinding(trigger, says, says === 'clear' || says === 'unknown' ? {} : { subject }),
    );
const reads = fc.record({
  what: fc.constant('reads' as const),
  findings: fc.record({
    'key-version-disabled': about('key-version-disabled', [
      'version v2 (in use)',
      'version v2',
      'version v1',
    ]),
    'permissions-revoked': about('permissions-revoked', ['read is missing', 'wrap is missing']),
    'key-disabled': verdict.map((says) => aFinding('key-disabled', says)),
  }),
});
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 6, arbitrary: reads },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constantFrom(
        'closes' as const,
        'acknowledges' as const,
        'silences' as const,
        'nothing' as const,
      ),
    }),
  },
);
const life = fc.array(fc.tuple(fc.integer({ min: 1, max: 90 }), happening), { minLength: 1, maxLength: 20 });
const BY = { name: 'Ann' };

/** What people were notified of, or closed an incident over: the verdict and the items, by trigger. */
type Known = Map<string, { verdict: string; items: Set<string> }>;
const knowing = (known: Known, { trigger, verdict: says, subject = [] }: Finding): boolean => {
  const of = known.get(trigger);
  return (
    of?.verdict === says && subject.every((item) => of.items.has(item) || of.items.has(`${item} (in use)`))
  );
};
const knownOf = (findings: readonly Finding[]): Known =>
  new Map(
    findings.map(({ trigger, verdict: says, subject }) => [
      trigger,
      { verdict: says, items: new Set(subject) },
    ]),
  );

/** As people read them: a cause that was revoked once is not called a suspicion while it stands. */
const causesIn = ({ causes }: Incident): Known =>
  knownOf(causes.map(({ finding, verdict }) => ({ ...finding, verdict })));

/** Keeps its own books of what people were last notified of and what they closed incidents over. */
function live(steps: [minutes: number, Happening][], visit: (books: Books) => void) {
  let policyState: PolicyState | undefined;
  let seconds = 86_400;
  let notified: Known = new Map();
  const muted: Known = new Map();
  for (const [minutes, what] of steps) {
    seconds += minutes * 60;
    const now = at(seconds);
    const before = policyState?.incident;
    const transition = happen(policyState, what, seconds);
    if (!transition) continue;
    if (what.what === 'closes' && before && before.state !== 'accessRestored')
      for (const [trigger, one] of causesIn(before)) muted.set(trigger, one);
    if (what.what === 'reads') narrow(muted, Object.values(what.findings));
    const toldBefore = notified;
    notified = toldAfter(notified, transition);
    policyState = transition.policyState;
    visit({ policyState, notified, toldBefore, muted, transition, now });
  }
  return { policyState, seconds, notified, muted };
}

interface Books {
  policyState: PolicyState;
  notified: Known;
  toldBefore: Known;
  muted: Known;
  transition: Transition;
  now: string;
}

function happen(
  policyState: PolicyState | undefined,
  happens: Happening,
  seconds: number,
): Transition | undefined {
  const now = at(seconds);
  if (happens.what === 'reads') return decide(policyState, aReading({ seconds, verdicts: happens.findings }));
  if (!policyState?.incident) return undefined;
  if (happens.what === 'nothing') return evaluateTimers(policyState, now);
  const act = {
    closes: { what: 'close', why: 'we know' },
    acknowledges: { what: 'acknowledge' },
    silences: { what: 'silence', until: at(seconds + 7200), why: 'we know' },
  } as const;
  const result = applyIncidentAction(policyState, policyState.incident.id, act[happens.what], BY, now);
  return 'refused' in result ? undefined : result;
}

/** Every notice names the causes that stand, whole; the end of an incident leaves nothing known. */
function toldAfter(notified: Known, { notices: [notice], incident, policyState }: Transition): Known {
  if (!policyState.incident) return new Map();
  // A silence's notice names no cause.
  if (!notice || !incident || notice.reason === 'silenced' || notice.reason === 'acknowledged')
    return notified;
  if (notice.reason === 'accessRestored') return new Map();
  return causesIn(incident);
}

/** What reads clear, whole or in part, would be news again. */
function narrow(muted: Known, findings: readonly Finding[]) {
  for (const { trigger, verdict: says, subject = [] } of findings) {
    const of = muted.get(trigger);
    if (!of || says === 'unknown') continue;
    const left = subject.filter((item) => of.items.has(item) || of.items.has(`${item} (in use)`));
    if (says === 'clear' || (of.items.size > 0 && left.length === 0)) muted.delete(trigger);
    else muted.set(trigger, { verdict: of.verdict, items: new Set(left) });
  }
}

const unheard = (policyState: PolicyState, notified: Known, muted: Known) =>
  policyState.findings.filter(
    (finding) => finding.verdict === 'revoked' && !knowing(notified, finding) && !knowing(muted, finding),
  );

describe('whatever is read and whatever people do', () => {
  it('1: nothing reads revoked that people were not notified of, or closed an incident over, exactly', () => {
    fc.assert(
      fc.property(life, (steps) => {
        const { policyState, seconds, notified, muted } = live(steps, (books) => {
          const { silence, notification } = books.transition.policyState.incident ?? {};
          // Told within the hour, and again once it stays.
          if (silence || notification?.deferred?.reason === 'worsened') return;
          assert.deepEqual(unheard(books.policyState, books.notified, books.muted), []);
        });
        if (!policyState) return;
        // What a silence held back is told when it ends.
        const later = evaluateTimers(policyState, at(seconds + 7200 + 60));
        assert.deepEqual(unheard(later.policyState, toldAfter(notified, later), muted), []);
      }),
      { numRuns: 2000 },
    );
  });

  it('2: a cause that people know of is never called worse, however often part of it comes and goes', () => {
    fc.assert(
      fc.property(life, (steps) => {
        live(steps, ({ transition: { kind, notices, incident }, toldBefore }) => {
          if (kind !== 'worsened' || notices[0]?.reason !== 'worsened') return;
          const news = incident?.causes.filter(({ finding }) => {
            const of = toldBefore.get(finding.trigger);
            // What was a suspicion and is revoked now is news; the other way round it is none.
            const verdict = of?.verdict === 'suspected' ? of.verdict : finding.verdict;
            return !of || !knowing(new Map([[finding.trigger, { ...of, verdict }]]), finding);
          });
          assert.notDeepEqual(news, []);
        });
      }),
      { numRuns: 1000 },
    );
  });
});
