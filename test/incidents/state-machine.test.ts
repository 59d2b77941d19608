import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Action, applyIncidentAction } from '../../shared/incidents/actions.ts';
import { decide } from '../../shared/incidents/decide.ts';
import { evaluateTimers } from '../../shared/incidents/evaluate-timers.ts';
import type { IncidentState, PolicyState, Transition } from '../../shared/incidents/incident.ts';
import type { NoticeReason } from '../../shared/incidents/notice-reason.ts';
import { silencePolicy } from '../../shared/incidents/request-silence.ts';
import { anEnvironment, aReading, at, disabled, type ReadingOptions } from './a-reading.ts';
import { HEALTHY, LOCKED, last, play, RESTORED, REVOKED, SUSPECTED } from './play.ts';

const BY = { name: 'Ann', id: 'a1' };
const HOUR = 3600;
const NOW = 2 * HOUR;

/** One head in each state that a policy can be in. */
const POLICY_STATES: Record<'none' | 'suspected' | 'revoked' | 'accessRestored' | 'over', () => PolicyState> =
  {
    none: () => last(HEALTHY).policyState,
    suspected: () => last(HEALTHY, { seconds: 60, verdicts: SUSPECTED }).policyState,
    revoked: () => last(...LOCKED).policyState,
    accessRestored: () => last(...RESTORED).policyState,
    over: () => last(...RESTORED, { seconds: 180 }).policyState,
  };

const reads = (options: Omit<ReadingOptions, 'seconds'>) => (policyState: PolicyState) =>
  decide(policyState, aReading({ seconds: NOW, ...options }));
const acts = (act: Action) => (policyState: PolicyState) =>
  applyIncidentAction(policyState, policyState.incident?.id ?? idOfLast(), act, BY, at(NOW));

function idOfLast(): string {
  return play(...RESTORED).at(-1)?.incident?.id ?? assert.fail();
}

/** Everything that can happen to a policy. */
const EVENTS: Record<string, (policyState: PolicyState) => Transition | { refused: string }> = {
  'reads clear, environments disabled': reads({ environments: { members: [disabled(1), disabled(2)] } }),
  'reads clear, environments enabled': reads({}),
  'reads suspected': reads({ verdicts: SUSPECTED }),
  'reads revoked': reads({ verdicts: REVOKED }),
  'reads revoked by one more cause': reads({ verdicts: { ...REVOKED, 'permissions-revoked': 'revoked' } }),
  'reads revoked with one more environment': reads({
    verdicts: REVOKED,
    environments: { members: [disabled(1), disabled(2), disabled(3)] },
  }),
  'reads unknown': reads({ rest: 'unknown' }),
  'reads older than what is known': (policyState) =>
    decide(policyState, aReading({ seconds: -60, verdicts: REVOKED })),
  'two hours pass': (policyState) => evaluateTimers(policyState, at(NOW)),
  'is acknowledged': acts({ what: 'acknowledge' }),
  'is silenced': acts({ what: 'silence', until: at(NOW + HOUR), why: 'maintenance' }),
  'gets a support case': acts({ what: 'supportCase', number: '2611230010001234' }),
  'is closed by a person': acts({ what: 'close', why: 'given up' }),
  'has its policy silenced': (policyState) =>
    silencePolicy(policyState, { from: at(NOW), until: at(NOW + HOUR), why: 'planned' }, BY, at(NOW)),
};

type Outcome =
  | `${Transition['kind']} -> ${IncidentState | 'none'}${'' | `, says ${NoticeReason}`}`
  | 'refused';

/** State × event. What does not stand here can't happen. */
const TABLE: Record<keyof typeof EVENTS, Record<keyof typeof POLICY_STATES, Outcome>> = {
  'reads clear, environments disabled': {
    none: 'none -> none',
    suspected: 'dismissed -> dismissed, says closed',
    revoked: 'accessRestored -> accessRestored, says accessRestored',
    accessRestored: 'none -> accessRestored',
    over: 'lockShown -> accessRestored, says worsened',
  },
  'reads clear, environments enabled': {
    none: 'none -> none',
    suspected: 'dismissed -> dismissed, says closed',
    revoked: 'accessRestored -> accessRestored, says accessRestored',
    accessRestored: 'closed -> closed, says closed',
    over: 'none -> none',
  },
  'reads suspected': {
    none: 'opened -> suspected, says suspected',
    suspected: 'none -> suspected',
    revoked: 'worsened -> revoked, says worsened',
    accessRestored: 'relapsed -> suspected, says worsened',
    over: 'opened -> suspected, says suspected',
  },
  'reads revoked': {
    none: 'opened -> revoked, says opened',
    suspected: 'confirmed -> revoked, says confirmed',
    revoked: 'none -> revoked',
    accessRestored: 'relapsed -> revoked, says worsened',
    over: 'opened -> revoked, says opened',
  },
  'reads revoked by one more cause': {
    none: 'opened -> revoked, says opened',
    suspected: 'confirmed -> revoked, says confirmed',
    revoked: 'worsened -> revoked, says worsened',
    accessRestored: 'relapsed -> revoked, says worsened',
    over: 'opened -> revoked, says opened',
  },
  'reads revoked with one more environment': {
    none: 'opened -> revoked, says opened',
    suspected: 'confirmed -> revoked, says confirmed',
    revoked: 'worsened -> revoked, says worsened',
    accessRestored: 'relapsed -> revoked, says worsened',
    over: 'opened -> revoked, says opened',
  },
  'reads unknown': {
    none: 'none -> none',
    suspected: 'none -> suspected',
    revoked: 'none -> revoked',
    accessRestored: 'none -> accessRestored',
    over: 'none -> none',
  },
  'reads older than what is known': {
    none: 'none -> none',
    suspected: 'none -> suspected',
    revoked: 'none -> revoked',
    accessRestored: 'none -> accessRestored',
    over: 'none -> none',
  },
  'two hours pass': {
    none: 'none -> none',
    suspected: 'reminded -> suspected, says reminder',
    revoked: 'reminded -> revoked, says reminder',
    accessRestored: 'none -> accessRestored',
    over: 'none -> none',
  },
  'is acknowledged': {
    none: 'refused',
    suspected: 'acted -> suspected, says acknowledged',
    revoked: 'acted -> revoked, says acknowledged',
    accessRestored: 'acted -> accessRestored, says acknowledged',
    over: 'refused',
  },
  'is silenced': {
    none: 'refused',
    suspected: 'acted -> suspected, says silenced',
    revoked: 'acted -> revoked, says silenced',
    accessRestored: 'acted -> accessRestored, says silenced',
    over: 'refused',
  },
  'gets a support case': {
    none: 'refused',
    suspected: 'acted -> suspected',
    revoked: 'acted -> revoked',
    accessRestored: 'acted -> accessRestored',
    over: 'refused',
  },
  'is closed by a person': {
    none: 'refused',
    suspected: 'closed -> closed, says closed',
    revoked: 'closed -> closed, says closed',
    accessRestored: 'closed -> closed, says closed',
    over: 'refused',
  },
  'has its policy silenced': {
    none: 'acted -> none, says silenced',
    suspected: 'acted -> suspected, says silenced',
    revoked: 'acted -> revoked, says silenced',
    accessRestored: 'acted -> accessRestored, says silenced',
    over: 'acted -> none, says silenced',
  },
};

describe('every state and everything that can happen to it', () => {
  for (const [event, happens] of Object.entries(EVENTS))
    for (const [state, policyState] of Object.entries(POLICY_STATES))
      it(`${state}: ${event}`, () => {
        const expected = new Map(Object.entries(TABLE[event] ?? {})).get(state);
        const before = policyState();
        const result = happens(before);
        assert.equal(outcomeOf(result), expected);
        if (!('refused' in result)) assertSound(result, before);
      });
});

function outcomeOf(result: Transition | { refused: string }): string {
  if ('refused' in result) {
    assert.ok(result.refused.length > 20);
    return 'refused';
  }
  const { kind, incident, policyState, notices } = result;
  const state = incident?.state ?? policyState.incident?.state ?? 'none';
  return `${kind} -> ${state}${notices.map(({ reason }) => `, says ${reason}`).join('')}`;
}

/** What holds for every transition, whatever led to it. */
function assertSound({ kind, policyState, incident, timeline }: Transition, before: PolicyState): void {
  if (kind === 'none') assert.deepEqual(timeline, []);
  else if (incident) assert.ok(timeline.length > 0, 'what happens to an incident stands in its timeline');
  const isOver = incident?.state === 'closed' || incident?.state === 'dismissed';
  if (incident) assert.equal(policyState.incident?.id, isOver ? undefined : incident.id);
  // Law 7, but for what a new incident counts anew.
  if (before.incident && incident?.id === before.incident.id)
    assert.ok(Date.parse(incident.recoverBy) <= Date.parse(before.incident.recoverBy));
}

describe('what a person does', () => {
  const revoked = POLICY_STATES.revoked();
  const id = revoked.incident?.id ?? assert.fail();
  const done = (act: Action, policyState = revoked, by = BY) => {
    const result = applyIncidentAction(policyState, id, act, by, at(NOW));
    return 'refused' in result ? assert.fail(result.refused) : result;
  };

  it('is done once, however often it is asked for', () => {
    const all: Action[] = [
      { what: 'acknowledge', why: 'on it' },
      { what: 'silence', until: at(NOW + HOUR), why: 'known' },
      { what: 'supportCase', number: '26112300', note: 'sev A' },
    ];
    for (const act of all) {
      const first = done(act);
      assert.equal(first.timeline.length, 1);
      assert.equal(first.timeline[0]?.by?.name, 'Ann');
      const again = done(act, first.policyState);
      assert.deepEqual([again.kind, again.timeline, again.policyState], ['none', [], first.policyState]);
    }
  });

  it('is handed over: who takes it later has it, and the same person a second time changes nothing', () => {
    const first = done({ what: 'acknowledge', why: 'calling the vault team' });
    assert.equal(first.timeline[0]?.text, 'Ann has it in hand: calling the vault team. No more reminders.');
    const second = done({ what: 'acknowledge' }, first.policyState, { name: 'Bob', id: 'b1' });
    assert.equal(second.incident?.acknowledged?.by.name, 'Bob');
    assert.match(second.timeline[0]?.text ?? '', /^Bob has it in hand, after Ann\. /);
    assert.equal(done({ what: 'acknowledge' }, second.policyState, { name: 'Bob', id: 'b1' }).kind, 'none');
  });

  it('says who, when and why, and whose silence until when', () => {
    const { policyState } = done({ what: 'silence', until: at(NOW + HOUR), why: 'known' });
    assert.deepEqual(policyState.incident?.silence, {
      from: at(NOW),
      until: at(NOW + HOUR),
      by: BY,
      why: 'known',
      at: at(NOW),
    });
  });

  it('ends a silence by asking for one that is over', () => {
    const { policyState } = done({ what: 'silence', until: at(NOW + HOUR), why: 'known' });
    const ended = done({ what: 'silence', until: at(NOW), why: 'no longer' }, policyState);
    assert.equal(ended.policyState.incident?.silence, undefined);
    assert.equal(ended.timeline[0]?.what, 'silenceEnded');
  });

  it('is refused in words where its times make no sense', () => {
    const asked = (from: string, until: string) =>
      silencePolicy(revoked, { from, until, why: 'x' }, BY, at(NOW));
    for (const [from, until, words] of [
      [at(NOW), 'tomorrow', /'until' is no time/],
      ['soon', at(NOW + HOUR), /'from' is no time/],
      [at(0), at(NOW - 1), /past already/],
      [at(NOW + 2 * HOUR), at(NOW + HOUR), /after 'from'/],
      [at(NOW), at(NOW + 31 * 24 * HOUR), /30 days at most/],
    ] as const) {
      const result = asked(from, until);
      assert.match('refused' in result ? result.refused : '', words);
    }
  });

  it('closing an incident over a cause that still stands does not open it again, until that cause has read clear', () => {
    const closed = done({ what: 'close', why: 'these are test environments' });
    assert.equal(closed.incident?.closedBy?.why, 'these are test environments');
    const stands = decide(closed.policyState, aReading({ seconds: NOW + 60, verdicts: REVOKED }));
    assert.equal(stands.kind, 'none');
    const more = decide(
      stands.policyState,
      aReading({ seconds: NOW + 120, verdicts: { ...REVOKED, 'vault-deleted': 'revoked' } }),
    );
    assert.equal(more.kind, 'opened', 'another cause is news');
    const clear = decide(stands.policyState, aReading({ seconds: NOW + 120 }));
    assert.equal(
      decide(clear.policyState, aReading({ seconds: NOW + 180, verdicts: REVOKED })).kind,
      'opened',
    );
    const unread = decide(stands.policyState, aReading({ seconds: NOW + 120, rest: 'unknown' }));
    assert.equal(
      decide(unread.policyState, aReading({ seconds: NOW + 180, verdicts: REVOKED })).kind,
      'none',
    );
  });

  it('closing a suspicion does not hide that it is confirmed', () => {
    const suspected = POLICY_STATES.suspected();
    const closed = applyIncidentAction(
      suspected,
      suspected.incident?.id ?? '',
      { what: 'close', why: 'checked' },
      BY,
      at(NOW),
    );
    assert.ok(!('refused' in closed));
    const still = decide(closed.policyState, aReading({ seconds: NOW + 60, verdicts: SUSPECTED }));
    assert.equal(still.kind, 'none');
    const sure = decide(
      still.policyState,
      aReading({ seconds: NOW + 120, verdicts: { 'network-restricted': 'revoked' } }),
    );
    assert.equal(sure.kind, 'opened');
  });

  it('having it in hand ends with a relapse: somebody must look again', () => {
    const { policyState } = done({ what: 'acknowledge' });
    const back = decide(
      policyState,
      aReading({ seconds: NOW + 60, environments: { members: [disabled(1), anEnvironment(2)] } }),
    );
    assert.equal(back.incident?.acknowledged?.by.name, 'Ann');
    const lost = decide(back.policyState, aReading({ seconds: NOW + 120, verdicts: REVOKED }));
    assert.equal(lost.incident?.acknowledged, undefined);
  });
});
