import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide } from '../../shared/incidents/decide.ts';
import type { PolicyState } from '../../shared/incidents/incident.ts';
import { type JudgedReading, ReadingError } from '../../shared/incidents/reading.ts';
import { aReading, at, disabled, POLICY, type ReadingOptions } from './a-reading.ts';
import { HEALTHY, LOCKED, last, RESTORED, REVOKED, SUSPECTED } from './play.ts';

describe('each state, met by each reading', () => {
  const states: Record<string, ReadingOptions[]> = {
    'no head': [],
    'no incident': [HEALTHY],
    suspected: [HEALTHY, { seconds: 60, verdicts: SUSPECTED }],
    revoked: LOCKED,
    accessRestored: RESTORED,
  };
  const away = { members: [disabled(1), disabled(2)] };
  const readings: Record<string, Omit<ReadingOptions, 'seconds'>> = {
    clear: { environments: away },
    'clear and enabled': {},
    revoked: { verdicts: REVOKED, environments: away },
    'another suspicion': { verdicts: SUSPECTED, environments: away },
    unknown: { rest: 'unknown', environments: away },
  };
  // kind, state after, reason of the notice
  const expected: Record<string, Record<string, [string, string, string]>> = {
    'no head': {
      clear: ['none', '-', '-'],
      'clear and enabled': ['none', '-', '-'],
      revoked: ['opened', 'revoked', 'opened'],
      'another suspicion': ['opened', 'suspected', 'suspected'],
      unknown: ['none', '-', '-'],
    },
    'no incident': {
      clear: ['none', '-', '-'],
      'clear and enabled': ['none', '-', '-'],
      revoked: ['opened', 'revoked', 'opened'],
      'another suspicion': ['opened', 'suspected', 'suspected'],
      unknown: ['none', '-', '-'],
    },
    suspected: {
      clear: ['dismissed', '-', 'closed'],
      'clear and enabled': ['dismissed', '-', 'closed'],
      revoked: ['confirmed', 'revoked', 'confirmed'],
      'another suspicion': ['none', 'suspected', '-'],
      unknown: ['none', 'suspected', '-'],
    },
    revoked: {
      clear: ['accessRestored', 'accessRestored', 'accessRestored'],
      'clear and enabled': ['accessRestored', 'accessRestored', 'accessRestored'],
      revoked: ['none', 'revoked', '-'],
      // The suspicion was clear before, so it is worse, though the first cause is gone.
      'another suspicion': ['worsened', 'revoked', 'worsened'],
      unknown: ['none', 'revoked', '-'],
    },
    accessRestored: {
      clear: ['none', 'accessRestored', '-'],
      'clear and enabled': ['closed', '-', 'closed'],
      revoked: ['relapsed', 'revoked', 'worsened'],
      'another suspicion': ['relapsed', 'suspected', 'worsened'],
      unknown: ['none', 'accessRestored', '-'],
    },
  };
  for (const [state, before] of Object.entries(states)) {
    for (const [name, reading] of Object.entries(readings)) {
      const wanted = expected[state]?.[name];
      it(`${state}, then ${name}: ${wanted?.join(', ')}`, () => {
        const transition = last(...before, { seconds: 300, ...reading });
        const after = [
          transition.kind,
          transition.policyState.incident?.state ?? '-',
          transition.notices[0]?.reason ?? '-',
        ];
        assert.deepEqual(after, wanted);
      });
    }
  }
});

describe('a dismissed suspicion', () => {
  it('leaves no incident open, tells those who were notified of it, and stays in the timeline', () => {
    const { policyState, incident, notices, timeline } = last(
      HEALTHY,
      { seconds: 5, verdicts: SUSPECTED },
      { seconds: 10 },
    );
    assert.equal(policyState.incident, undefined);
    assert.equal(incident?.state, 'dismissed');
    assert.equal(incident?.closedAt, at(10));
    assert.deepEqual(
      notices.map(({ reason }) => reason),
      ['closed'],
    );
    assert.deepEqual(
      timeline.map(({ what }) => what),
      ['dismissed'],
    );
  });
});

describe('readings that come in a strange order', () => {
  it('an older one changes nothing: the head comes back as it is', () => {
    const policyState = last(...LOCKED).policyState;
    const transition = decide(policyState, aReading({ seconds: 59 }));
    assert.equal(transition.policyState, policyState);
    assert.equal(transition.kind, 'none');
    assert.deepEqual([transition.environments, transition.timeline, transition.notices], [[], [], []]);
  });

  it('the same one a second time gives nothing new', () => {
    const reading = aReading({ seconds: 60, verdicts: REVOKED });
    const first = decide(undefined, reading);
    const second = decide(first.policyState, reading);
    assert.equal(second.kind, 'none');
    assert.deepEqual(second.policyState, first.policyState);
    assert.deepEqual([second.environments, second.timeline, second.notices], [[], [], []]);
  });

  it('a list left unfinished is given again, whole, with the next reading', () => {
    const policyState = last(...LOCKED).policyState;
    const unfinished: PolicyState = { ...policyState, environmentsUnwritten: policyState.incident };
    const transition = decide(unfinished, aReading({ seconds: 90, verdicts: REVOKED }));
    assert.equal(transition.kind, 'none');
    assert.equal(transition.environments.length, 2);
    assert.equal(transition.incident?.readAt, at(90));
    assert.equal(transition.policyState.environmentsUnwritten, undefined);
  });

  it('also where its incident is closed meanwhile', () => {
    const closed = last(...RESTORED, { seconds: 180 });
    const unfinished: PolicyState = { ...closed.policyState, environmentsUnwritten: closed.incident };
    const transition = decide(unfinished, aReading({ seconds: 200 }));
    assert.equal(transition.incident?.id, closed.incident?.id);
    assert.deepEqual(
      transition.environments.map(({ state }) => state),
      ['enabled', 'enabled'],
    );
    assert.equal(transition.policyState.incident, undefined);
  });
});

describe('the head', () => {
  it('tells of every part whether it is known, and why not', () => {
    const { policyState } = last({ seconds: 0, environments: { unreadable: true } });
    assert.deepEqual(Object.keys(policyState.parts), [
      'policy',
      'vault',
      'deletedVault',
      'key',
      'permission',
      'environments',
    ]);
    assert.deepEqual(policyState.parts.environments, {
      state: 'unknown',
      reason: 'timeout',
      detail: 'The environments did not answer in time.',
      readAt: at(0),
    });
  });

  for (const [verdicts, verdict] of [
    [{}, 'clear'],
    [{ 'key-expired': 'unknown' }, 'unknown'],
    [{ 'key-expired': 'unknown', 'key-disabled': 'suspected' }, 'suspected'],
    [{ 'key-expired': 'unknown', 'key-disabled': 'revoked' }, 'revoked'],
  ] as const) {
    it(`is ${verdict} with ${JSON.stringify(verdicts)}`, () => {
      assert.equal(last({ seconds: 0, verdicts }).policyState.verdict, verdict);
    });
  }

  it('is not clear where nothing was judged', () => {
    const reading = { ...aReading({ seconds: 0 }), findings: [] };
    assert.equal(decide(undefined, reading).policyState.verdict, 'unknown');
  });
});

describe('a caller’s bug', () => {
  const reading = aReading({ seconds: 10, verdicts: REVOKED });
  const { policyState } = decide(undefined, reading);
  const bad: [string, JudgedReading][] = [
    ['memory of another policy', { ...reading, history: { policyId: `${POLICY}2` } }],
    ['a reading without a time', { ...reading, facts: { ...reading.facts, readAt: 'soon' } }],
    ['a now that is no time', { ...reading, now: '' }],
    ['two findings of one trigger', { ...reading, findings: [...reading.findings, ...reading.findings] }],
    [
      'facts of another policy',
      {
        ...reading,
        facts: { ...reading.facts, policyId: `${POLICY}2` },
        history: { policyId: `${POLICY}2` },
      },
    ],
  ];
  for (const [name, wrong] of bad) {
    it(`is refused: ${name}`, () => {
      assert.throws(() => decide(policyState, wrong), ReadingError);
    });
  }

  it('and a head that holds an incident which is over', () => {
    assert.ok(policyState.incident);
    const wrong: PolicyState = { ...policyState, incident: { ...policyState.incident, state: 'closed' } };
    assert.throws(() => decide(wrong, reading), ReadingError);
  });

  it('but ids in other letters are the same policy', () => {
    const shouted = { ...reading, facts: { ...reading.facts, policyId: POLICY.toUpperCase() } };
    assert.equal(decide(policyState, shouted).kind, 'none');
  });
});
