import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decide } from '../../shared/incidents/decide.ts';
import { evaluateTimers } from '../../shared/incidents/evaluate-timers.ts';
import type { Incident, PolicyState, Silence, Transition } from '../../shared/incidents/incident.ts';
import { NOTICE_REASONS, type NoticeReason } from '../../shared/incidents/notice-reason.ts';
import { decideNotify, MAX_RECENT_TRANSITIONS } from '../../shared/incidents/notification-policy.ts';
import type { NotifyRequest } from '../../shared/incidents/notify-request.ts';
import { anEnvironment, aReading, at, disabled } from './a-reading.ts';
import { LOCKED, last, REVOKED, SUSPECTED } from './play.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;

function lockedIncident(): Incident {
  return last(...LOCKED).incident ?? assert.fail();
}

function silence(more: Partial<Silence> = {}): Silence {
  return { from: at(0), until: at(30 * DAY), by: { name: 'Ann' }, why: 'a planned lock', at: at(0), ...more };
}

/** What is said of a told, revoked incident two hours later. */
function say(
  call: Partial<NotifyRequest>,
  incident: Partial<Incident> = {},
  more: { silences?: Silence[]; recentTransitions?: string[] } = {},
) {
  const known = { ...lockedIncident(), ...incident };
  return decideNotify(
    { reason: 'reminder', because: 'because', ...call },
    { incident: known, now: at(2 * HOUR), ...more },
  );
}
const why = (
  call: Partial<NotifyRequest>,
  ...rest: [Partial<Incident>?, { silences?: Silence[]; recentTransitions?: string[] }?]
) => say(call, ...rest).suppressed?.because ?? say(call, ...rest).notice?.reason;

describe('when to speak', () => {
  const acknowledged = { acknowledged: { by: { name: 'Bob' }, at: at(100) } };
  const untold = { notification: undefined };
  const flapped = {
    recentTransitions: Array.from({ length: MAX_RECENT_TRANSITIONS }, (_, n) => at(2 * HOUR - 60 * n)),
  };
  const planned = { silences: [silence()] };
  const table: [
    title: string,
    call: Partial<NotifyRequest>,
    Partial<Incident>,
    object,
    NoticeReason | string,
  ][] = [
    ['a reminder', { reason: 'reminder' }, {}, {}, 'reminder'],
    ['a reminder of what somebody has in hand', { reason: 'reminder' }, acknowledged, {}, 'acknowledged'],
    [
      'a deadline of what somebody has in hand',
      { reason: 'deadline', hours: 72 },
      acknowledged,
      {},
      'deadline',
    ],
    [
      'a worsening of what somebody has in hand',
      { reason: 'worsened', hasMoreEnvironments: true },
      acknowledged,
      {},
      'worsened',
    ],
    ['a reminder in a silence', { reason: 'reminder' }, { silence: silence() }, {}, 'silenced'],
    [
      'a deadline of 3 days in a silence',
      { reason: 'deadline', hours: 72 },
      { silence: silence() },
      {},
      'silenced',
    ],
    [
      'a deadline of 24 hours in a silence',
      { reason: 'deadline', hours: 24 },
      { silence: silence() },
      {},
      'deadline',
    ],
    ['a deadline of an hour in a planned silence', { reason: 'deadline', hours: 1 }, {}, planned, 'deadline'],
    [
      'a worsening in a silence',
      { reason: 'worsened', hasMoreEnvironments: true },
      { silence: silence() },
      {},
      'worsened',
    ],
    [
      'a worsening in a planned silence',
      { reason: 'worsened', hasMoreEnvironments: true },
      {},
      planned,
      'worsened',
    ],
    ['a confirmation in a silence', { reason: 'confirmed' }, { silence: silence() }, {}, 'confirmed'],
    ['a confirmation in a planned silence', { reason: 'confirmed' }, {}, planned, 'silenced'],
    ['a lock that was intended', { reason: 'opened' }, untold, planned, 'silenced'],
    [
      'a lock before the silence begins',
      { reason: 'opened' },
      untold,
      { silences: [silence({ from: at(3 * HOUR) })] },
      'opened',
    ],
    [
      'a lock after the silence ended',
      { reason: 'opened' },
      untold,
      { silences: [silence({ until: at(HOUR) })] },
      'opened',
    ],
    [
      'access back, in a silence, of what people know',
      { reason: 'accessRestored' },
      { silence: silence() },
      {},
      'accessRestored',
    ],
    [
      'access back, in a planned silence, of what nobody knows',
      { reason: 'accessRestored' },
      untold,
      planned,
      'silenced',
    ],
    [
      'access back of what nobody was notified of',
      { reason: 'accessRestored' },
      untold,
      {},
      'accessRestored',
    ],
    ['the end of what nobody was notified of', { reason: 'closed' }, untold, {}, 'neverNotified'],
    ['the actor of what nobody was notified of', { reason: 'actorLearnt' }, untold, {}, 'neverNotified'],
    ['an easing in a silence', { reason: 'eased' }, { silence: silence() }, {}, 'silenced'],
    ['access back while it comes and goes', { reason: 'accessRestored' }, {}, flapped, 'flapping'],
    [
      'access back that has stayed',
      { reason: 'accessRestored', isStable: true },
      {},
      flapped,
      'accessRestored',
    ],
    ['a new lock while others come and go', { reason: 'opened' }, untold, flapped, 'opened'],
    ['a suspicion that comes and goes', { reason: 'suspected' }, untold, flapped, 'flapping'],
    [
      'a relapse where people believe it was never back',
      { reason: 'worsened', isRelapse: true },
      {},
      {},
      'alreadyNotified',
    ],
    ['a cause that people know of', { reason: 'worsened' }, {}, {}, 'alreadyNotified'],
    [
      'the first word, whatever calls for it',
      { reason: 'worsened', hasMoreEnvironments: true },
      untold,
      {},
      'opened',
    ],
    [
      'the first word of a suspicion',
      { reason: 'worsened', hasMoreEnvironments: true },
      { ...untold, state: 'suspected' },
      {},
      'suspected',
    ],
  ];
  for (const [title, call, incident, more, expected] of table)
    it(`${title}: ${expected}`, () => assert.equal(why(call, incident, more), expected));

  it('a reminder a moment after something else was said reminds nobody', () => {
    const known = lockedIncident();
    const notification = {
      ...(known.notification ?? assert.fail()),
      notified: { state: known.state, at: at(2 * HOUR - 300) },
    };
    assert.equal(why({ reason: 'reminder' }, { notification }), 'justNotified');
  });

  it('says or withholds, never both and never neither, and withholds only with a reason in words', () => {
    const call = fc.record({
      reason: fc.constantFrom(...NOTICE_REASONS),
      because: fc.constant('because'),
      isRelapse: fc.boolean(),
      hasMoreEnvironments: fc.boolean(),
      isStable: fc.boolean(),
    });
    const about = fc.record({
      isTold: fc.boolean(),
      isAcknowledged: fc.boolean(),
      silences: fc.array(
        fc.integer({ min: -5, max: 5 }).map((n) => silence({ until: at((2 + n) * HOUR) })),
        { maxLength: 2 },
      ),
      recentTransitions: fc.array(fc.integer({ min: 0, max: 7200 }).map(at), { maxLength: 6 }),
    });
    fc.assert(
      fc.property(call, about, (what, { isTold, isAcknowledged, silences, recentTransitions }) => {
        const incident = { ...(isTold ? {} : untold), ...(isAcknowledged ? acknowledged : {}) };
        const { notice, suppressed } = say(what, incident, { silences, recentTransitions });
        assert.equal(Number(notice !== undefined) + Number(suppressed !== undefined), 1);
        if (suppressed) assert.ok(suppressed.text.length > 20);
      }),
    );
  });
});

/** Plays readings and hours in turn; gives every notice with the hour in which it was called for. */
function play(
  script: { seconds: number; verdicts?: object; members?: ReturnType<typeof disabled>[] }[],
  until: number,
  change?: (policyState: PolicyState, seconds: number) => PolicyState,
) {
  const said: { hour: number; reason: NoticeReason; because: string }[] = [];
  const suppressed: string[] = [];
  let policyState: PolicyState | undefined;
  const take = (transition: Transition, seconds: number) => {
    for (const { reason, because } of transition.notices)
      said.push({ hour: seconds / HOUR, reason, because });
    for (const { what, text } of transition.timeline) if (what === 'suppressed') suppressed.push(text);
    policyState = transition.policyState;
  };
  let current = script[0] ?? assert.fail();
  // A minute apart while something happens, then a quarter of an hour: each time that is asserted later is one of these.
  for (let seconds = 0; seconds <= until; seconds += seconds < 6 * HOUR ? 60 : HOUR / 4) {
    current = script.findLast((one) => one.seconds <= seconds) ?? current;
    const { verdicts, members } = current;
    take(
      decide(
        policyState,
        aReading({ seconds, verdicts, environments: { members: members ?? [disabled(1), disabled(2)] } }),
      ),
      seconds,
    );
    if (policyState && change) policyState = change(policyState, seconds);
    if (policyState) take(evaluateTimers(policyState, at(seconds + 1)), seconds);
  }
  return { said, suppressed, policyState: policyState ?? assert.fail() };
}
const lines = ({ said }: ReturnType<typeof play>) =>
  said.map(({ hour, reason }) => `${Math.round(hour * 100) / 100} ${reason}`);

describe('a lock that stands', () => {
  it('is reported at once, then at 15 minutes, 1 hour, 4 hours and daily; deadlines besides', () => {
    const story = play([{ seconds: 0 }, { seconds: HOUR, verdicts: REVOKED }], 8 * DAY);
    assert.deepEqual(lines(story).slice(0, 6), [
      '1 opened',
      '1.25 reminder',
      '2 reminder',
      '5 reminder',
      '25 reminder',
      '49 reminder',
    ]);
    assert.equal(story.said.filter(({ reason }) => reason === 'reminder').length, 3 + 7);
    assert.deepEqual(
      story.said.filter(({ reason }) => reason === 'deadline'),
      [],
    );
  });

  it('tells a sandbox’s deadlines 3 days, 1 day and 1 hour before, and not the 7 days that it begins with', () => {
    const members = [disabled(1, { sku: 'Sandbox' })];
    const story = play(
      [
        { seconds: 0, members },
        { seconds: HOUR, verdicts: REVOKED, members },
      ],
      7 * DAY + 2 * HOUR,
    );
    const deadlines = story.said.filter(({ reason }) => reason === 'deadline');
    assert.deepEqual(
      deadlines.map(({ hour }) => hour),
      [1 + 4 * 24, 1 + 6 * 24, 7 * 24],
    );
  });

  it('that somebody has in hand is not reminded of, but its deadlines are reported', () => {
    const members = [disabled(1, { sku: 'Sandbox' })];
    const story = play(
      [
        { seconds: 0, members },
        { seconds: HOUR, verdicts: REVOKED, members },
      ],
      7 * DAY,
      (policyState) =>
        policyState.incident
          ? {
              ...policyState,
              incident: { ...policyState.incident, acknowledged: { by: { name: 'Bob' }, at: at(HOUR) } },
            }
          : policyState,
    );
    assert.deepEqual(
      story.said.map(({ reason }) => reason),
      ['opened', 'deadline', 'deadline', 'deadline'],
    );
    assert.ok(story.suppressed.every((text) => /reminder.*Bob has it in hand/.test(text)));
  });

  it('that was intended is silent until the silence ends, and then reported as it stands', () => {
    const quiet = silence({ until: at(6 * HOUR) });
    const story = play(
      [{ seconds: 0 }, { seconds: HOUR, verdicts: REVOKED }],
      8 * HOUR,
      (policyState, seconds) => (seconds === 0 ? { ...policyState, silences: [quiet] } : policyState),
    );
    assert.deepEqual(lines(story).slice(0, 2), ['6 opened', '6.25 reminder']);
    assert.match(story.said[0]?.because ?? '', /silence that Ann asked for ended .* still lost/);
    assert.match(story.suppressed[0] ?? '', /Not notified \(opened\): Ann asked for silence/);
    assert.equal(story.policyState.silences, undefined, 'a silence that ended is forgotten');
  });

  it('that was intended and is over before the silence ends is never reported', () => {
    const story = play(
      [
        { seconds: 0, members: [anEnvironment(1)] },
        { seconds: HOUR, verdicts: REVOKED, members: [disabled(1)] },
        { seconds: 2 * HOUR, members: [anEnvironment(1)] },
      ],
      8 * HOUR,
      (policyState, seconds) =>
        seconds === 0 ? { ...policyState, silences: [silence({ until: at(6 * HOUR) })] } : policyState,
    );
    assert.deepEqual(story.said, []);
    assert.ok(story.suppressed.some((text) => /neverNotified|nobody was notified/.test(text)));
  });
});

describe('access that comes and goes', () => {
  const flapping = (everyMinutes: number, until: number) =>
    Array.from({ length: Math.floor(until / (everyMinutes * 60)) }, (_, n) => ({
      seconds: n * everyMinutes * 60,
      ...(n % 2 === 1 ? { verdicts: REVOKED } : {}),
    }));

  it('is reported a few times, and then only as it stays', () => {
    const until = 3 * HOUR;
    const story = play([...flapping(2, until), { seconds: until, verdicts: REVOKED }], until + HOUR);
    const perHour = Map.groupBy(story.said, ({ hour }) => Math.floor(hour));
    for (const [hour, said] of perHour)
      assert.ok(said.length <= MAX_RECENT_TRANSITIONS + 4, `${said.length} notices in hour ${hour}`);
    assert.ok(story.suppressed.some((text) => /came and went/.test(text)));
    assert.equal(
      story.policyState.incident?.notification?.notified?.state,
      'revoked',
      'people know how it stands at the end',
    );
  });

  it('leaves people with the observed state: what they last received is what is so, ten minutes after the last change', () => {
    const steps = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 12 }), fc.constantFrom('clear', 'revoked', 'suspected')),
      { minLength: 1, maxLength: 14 },
    );
    fc.assert(
      fc.property(steps, (changes) => {
        let seconds = 0;
        const script = changes.map(([minutes, verdict]) => {
          seconds += minutes * 60;
          return {
            seconds,
            verdicts: verdict === 'revoked' ? REVOKED : verdict === 'suspected' ? SUSPECTED : {},
          };
        });
        const { policyState } = play([{ seconds: 0 }, ...script], seconds + 15 * 60);
        if (policyState.incident)
          assert.equal(policyState.incident.notification?.notified?.state, policyState.incident.state);
      }),
      { numRuns: 60 },
    );
  });
});
