import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { shortKey } from '../../shared/incidents/ids.ts';
import type { PolicyState } from '../../shared/incidents/incident.ts';
import type { AdvisoryFinding, Severity } from '../../shared/triggers/advisories/advisory.ts';
import { NOBODY_WARNED, nextDigest, type Warned } from '../../shared/visibility/digest.ts';
import { aPolicyState } from '../api/status/a-head.ts';

type Verdict = AdvisoryFinding['verdict'];
function finding(scope: string, severity: Severity, verdict: Verdict = 'present'): AdvisoryFinding {
  const remediation = verdict === 'present' ? [{ text: `Fix ${scope}.` }] : [];
  return {
    advisory: 'key-expiring',
    verdict,
    severity,
    summary: `${scope} is ${severity}`,
    evidence: [],
    remediation,
    scope,
  };
}
const policyStates = (...findings: AdvisoryFinding[]): PolicyState[] => [
  aPolicyState('p', { advisories: { readAt: hour(0), findings } }),
];
const hour = (n: number) => new Date(Date.UTC(2026, 0, 1, n)).toISOString();

/** Plays one set of findings per hour and gives what each hour's digest says. */
function play(...story: AdvisoryFinding[][]): string[][] {
  let warned: Warned = NOBODY_WARNED;
  return story.map((findings, n) => {
    const step = nextDigest(warned, policyStates(...findings), hour(n));
    warned = step.warned;
    return step.items.map(({ text }) => text);
  });
}

describe('a digest of early warnings', () => {
  it('tells what stands once, the gravest first, and is silent while nothing changes', () => {
    const both = [finding('a', 'info'), finding('b', 'urgent')];
    assert.deepEqual(play(both, both, both), [['b is urgent', 'a is info'], [], []]);
  });

  it('keeps what is new for the day’s next digest of its severity', () => {
    const one = [finding('a', 'warning')];
    const two = [...one, finding('b', 'warning')];
    const days = play(one, ...Array.from({ length: 24 }, () => two));
    assert.deepEqual(days.slice(1, 24).flat(), []);
    assert.deepEqual(days[24], ['a is warning', 'b is warning']);
  });

  it('speaks at once where something has become graver, or is urgent from the start', () => {
    const spoken = play(
      [finding('a', 'info')],
      [finding('a', 'warning')],
      [finding('a', 'urgent')],
      [finding('a', 'urgent'), finding('b', 'urgent')],
    );
    assert.deepEqual(spoken, [
      ['a is info'],
      ['a is warning'],
      ['a is urgent'],
      ['a is urgent', 'b is urgent'],
    ]);
  });

  it('reports one that comes and goes at once only once a day, and keeps it for the day’s next digest', () => {
    const there = [finding('a', 'urgent')];
    const days = play(...Array.from({ length: 49 }, (_, n) => (n % 2 === 0 ? there : [])));
    assert.deepEqual(
      days.flatMap((said, n) => (said.length > 0 ? [n] : [])),
      [0, 24, 48],
    );
  });

  it('lets no warning that comes and goes use up the limit of another', () => {
    const flapping = (n: number) => (n % 2 === 0 ? [finding('a', 'urgent')] : []);
    const days = play(
      ...Array.from({ length: 12 }, (_, n) => [
        ...flapping(n),
        ...(n >= 3 ? [finding('b', 'urgent')] : []),
        finding('c', n >= 5 ? 'urgent' : 'info'),
      ]),
    );
    assert.deepEqual(
      days.map((said) => said.join(', ')),
      [
        'a is urgent, c is info',
        '',
        '',
        'b is urgent',
        '',
        'b is urgent, c is urgent',
        ...Array.from({ length: 6 }, () => ''),
      ],
    );
  });

  it('limits each severity of a warning for itself: one that returns graver is reported at once', () => {
    const info = [finding('a', 'info')];
    const warning = [finding('a', 'warning')];
    const urgent = [finding('a', 'urgent')];
    assert.deepEqual(play(info, warning, info, warning, info, urgent, info, urgent).flat(), [
      'a is info',
      'a is warning',
      'a is urgent',
    ]);
  });

  it('cuts a long list by what people know, never by what is new or has become graver', () => {
    const many = Array.from({ length: 100 }, (_, n) => finding(`k${n}`, 'warning'));
    const [, graver] = play([...many, finding('z', 'info')], [...many, finding('z', 'warning')]);
    assert.equal(graver?.at(-1), 'z is warning');
    assert.equal(graver?.length, 40);
    const urgent = Array.from({ length: 100 }, (_, n) => finding(`u${n}`, 'urgent'));
    const before = nextDigest(NOBODY_WARNED, policyStates(...urgent, ...many), hour(0)).warned;
    const now = [...urgent, finding('v', 'urgent'), ...many, finding('new', 'warning')];
    const later = nextDigest(before, policyStates(...now), hour(24));
    for (const text of ['v is urgent', 'new is warning'])
      assert.ok(
        later.items.some((item) => item.text === text),
        text,
      );
    assert.equal(later.items.length + later.more, now.length);
  });

  it('does not take what can not be read for fixed: when it is read again it is not reported again', () => {
    const seen = [finding('a', 'info')];
    assert.deepEqual(play(seen, [finding('a', 'info', 'unknown')], seen), [['a is info'], [], []]);
  });

  it('tells again what was fixed and has come back, on another day', () => {
    const seen = [finding('a', 'info')];
    const days = play(seen, ...Array.from({ length: 24 }, () => []), seen);
    assert.deepEqual(days[25], ['a is info']);
  });

  it('counts what several policies share once, and cuts what nobody would read', () => {
    const shared = [...policyStates(finding('KV', 'info')), ...policyStates(finding('kv', 'warning'))];
    assert.deepEqual(
      nextDigest(NOBODY_WARNED, shared, hour(0)).items.map(({ text }) => text),
      ['kv is warning'],
    );
    const many = policyStates(...Array.from({ length: 100 }, (_, n) => finding(`k${n}`, 'info')));
    const { items, more } = nextDigest(NOBODY_WARNED, many, hour(0));
    assert.equal(items.length + more, 100);
    assert.ok(more > 0);
  });

  it('never goes out twice a day for one severity, unless something became graver', () => {
    const severity = fc.constantFrom<Severity>('info', 'warning');
    const set = fc.dictionary(fc.constantFrom('a', 'b', 'c'), severity);
    fc.assert(
      fc.property(fc.array(set, { maxLength: 60 }), (story) => {
        let warned: Warned = NOBODY_WARNED;
        const last: Partial<Record<Severity, number>> = {};
        for (const [n, state] of story.entries()) {
          const before = warned;
          const findings = Object.entries(state).map(([scope, of]) => finding(scope, of));
          const step = nextDigest(before, policyStates(...findings), hour(n));
          warned = step.warned;
          for (const of of new Set(step.items.map((item) => item.severity))) {
            const rose = findings.some(
              ({ scope, severity: now }) =>
                now === of && of === 'warning' && before.known[shortKey(`key-expiring|${scope}`)] === 'info',
            );
            assert.ok(
              rose || last[of] === undefined || n - (last[of] ?? 0) >= 24,
              `${of} at ${last[of]} and ${n}`,
            );
            last[of] = n;
          }
        }
      }),
    );
  });
});
