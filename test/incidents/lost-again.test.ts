import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide } from '../../shared/incidents/decide.ts';
import { evaluateTimers } from '../../shared/incidents/evaluate-timers.ts';
import type { PolicyState, Silence, Transition } from '../../shared/incidents/incident.ts';
import {
  aFinding,
  anEnvironment,
  aReading,
  aSignal,
  at,
  disabled,
  type ReadingOptions,
} from './a-reading.ts';
import { HEALTHY, LOCKED, last, play, REVOKED } from './play.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
const WAITING = { members: [disabled(1), disabled(2)] };
const purgedAt = (seconds: number) =>
  aFinding('vault-deleted', 'revoked', {
    recoverBy: { at: at(seconds), because: 'Purged then.', estimate: false },
  });

/** Every notice of a head to which only the hour speaks, each with the hour. */
function hours(policyState: PolicyState, from: number, until: number) {
  const said: string[] = [];
  let now = policyState;
  for (let seconds = from; seconds <= until; seconds += 600) {
    const { policyState: next, notices } = evaluateTimers(now, at(seconds));
    now = next;
    for (const { reason } of notices) said.push(`${Math.round((seconds - from) / HOUR)} ${reason}`);
  }
  return said;
}

describe('once access is back', () => {
  const deleted: ReadingOptions[] = [
    HEALTHY,
    { seconds: 60, verdicts: { 'vault-deleted': purgedAt(2 * DAY) } },
    { seconds: HOUR, environments: WAITING },
  ];

  it('a purge that was stopped is no deadline any more: those of the environments are', () => {
    const [, lost, back] = play(...deleted);
    assert.equal(lost?.incident?.recoverBy, at(2 * DAY));
    assert.equal(back?.incident?.recoverBy, at(60 + 30 * DAY));
    assert.match(back?.incident?.recoverByBecause ?? '', /production environments are deleted after 30 days/);
  });

  it('an environment that is enabled again has no deadline any more', () => {
    const mixed = [disabled(1, { sku: 'Sandbox' }), disabled(2)];
    const { incident } = last(
      { seconds: 0, environments: { members: mixed } },
      { seconds: 60, verdicts: REVOKED, environments: { members: mixed } },
      { seconds: HOUR, environments: { members: mixed } },
      { seconds: 2 * HOUR, environments: { members: [anEnvironment(1, { sku: 'Sandbox' }), disabled(2)] } },
    );
    assert.equal(incident?.recoverBy, at(60 + 30 * DAY));
  });

  it('the deadlines before a later date are reported, though those before an earlier one were', () => {
    const { policyState } = last(...deleted);
    // The first word was said with less than three days left: the purge's.
    assert.equal(policyState.incident?.notification?.deadlineNotifiedHours, 72);
    const said = hours(policyState, HOUR, 30 * DAY + HOUR).filter((line) => /deadline/.test(line));
    assert.deepEqual(said, ['551 deadline', '647 deadline', '695 deadline', '718 deadline']);
  });
});

describe('lost again', () => {
  it('long after a clock had run out is a lock on a new clock, not one whose time is over', () => {
    const inventory: ReadingOptions['environments'] = { source: 'inventory', members: [anEnvironment(1)] };
    const { kind, incident, environments, policyState } = last(
      { seconds: 0, environments: inventory },
      { seconds: 60, verdicts: REVOKED, environments: inventory },
      { seconds: DAY, environments: inventory },
      { seconds: 60 * DAY, verdicts: REVOKED, environments: inventory },
    );
    assert.equal(kind, 'relapsed');
    assert.equal(incident?.recoverBy, at(90 * DAY));
    assert.equal(environments[0]?.deletedAt, at(90 * DAY));
    const said = hours(policyState, 60 * DAY, 90 * DAY + HOUR).filter((line) => /deadline/.test(line));
    assert.equal(said.length, 4);
  });

  it('by another cause is reported, though people were not notified that access had come back in between', () => {
    // Access flapped so often that its coming back was withheld.
    const flapped: ReadingOptions[] = Array.from({ length: 6 }, (_, n) => ({
      seconds: 60 * (n + 1),
      ...(n % 2 === 0 ? { verdicts: REVOKED } : { environments: WAITING }),
    }));
    const after = (verdicts: ReadingOptions['verdicts']) => {
      const all = play(HEALTHY, ...flapped, { seconds: 420, verdicts });
      assert.match(all.at(-2)?.timeline.at(-1)?.text ?? '', /flapping|came and went/);
      return all.at(-1);
    };
    assert.deepEqual(after(REVOKED)?.notices, []);
    assert.equal(after({ 'permissions-revoked': 'revoked' })?.notices[0]?.reason, 'worsened');
    assert.equal(
      after({ ...REVOKED, 'permissions-revoked': 'revoked' })?.notices[0]?.reason,
      'worsened',
      'and so is one more',
    );
  });
});

describe('what a silence held back', () => {
  it('is a deadline where one was reached meanwhile, though somebody has it in hand', () => {
    const { policyState } = last(...LOCKED);
    const { incident } = policyState;
    assert.ok(incident);
    const quiet: Silence = { from: at(90), until: at(24 * DAY), by: { name: 'Ann' }, why: 'x', at: at(80) };
    const held = { ...incident, acknowledged: { by: { name: 'Bob' }, at: at(100) } };
    const first = evaluateTimers({ ...policyState, incident: held, silences: [quiet] }, at(24 * DAY));
    assert.equal(first.notices[0]?.reason, 'deadline');
    assert.deepEqual(evaluateTimers(first.policyState, at(24 * DAY)).notices, []);
  });

  it('is still owed where a cause that people know of comes back meanwhile', () => {
    const quiet: Silence = { from: at(90), until: at(DAY), by: { name: 'Ann' }, why: 'planned', at: at(80) };
    let policyState: PolicyState | undefined;
    const take = (options: ReadingOptions): Transition => {
      const transition = decide(policyState, aReading(options));
      policyState = transition.policyState;
      return transition;
    };
    const key = { 'key-disabled': 'suspected', 'network-restricted': 'suspected' } as const;
    take({ seconds: 0, verdicts: key });
    assert.ok(policyState);
    policyState = { ...policyState, silences: [quiet] };
    take({ seconds: 100, verdicts: { 'key-disabled': 'suspected' } });
    assert.equal(take({ seconds: 110, verdicts: REVOKED }).timeline.at(-1)?.what, 'suppressed');
    take({ seconds: 120, verdicts: { ...REVOKED, 'network-restricted': 'suspected' } });
    assert.equal(policyState.incident?.notification?.deferred?.reason, 'confirmed');
  });
});

it('a silence that ends once access is back reminds people, and does not call it worse', () => {
  const quiet: Silence = { from: at(130), until: at(HOUR), by: { name: 'Ann' }, why: 'at work', at: at(130) };
  const { policyState } = last(
    HEALTHY,
    { seconds: 60, verdicts: REVOKED },
    { seconds: 120, environments: WAITING },
  );
  assert.equal(policyState.incident?.state, 'accessRestored');
  const { notices } = evaluateTimers({ ...policyState, silences: [quiet] }, at(HOUR + 60));
  assert.deepEqual(
    notices.map(({ reason }) => reason),
    ['reminder'],
  );
});

describe('a clock that ran ahead', () => {
  it('does not keep later readings from being heard until its time has come', () => {
    const { policyState } = last({ seconds: DAY });
    const now = decide(policyState, aReading({ seconds: 60, verdicts: REVOKED }));
    assert.equal(now.kind, 'opened');
    assert.equal(now.policyState.readAt, at(60));
    const seconds = decide(last({ seconds: 90 }).policyState, aReading({ seconds: 60, verdicts: REVOKED }));
    assert.equal(seconds.kind, 'none', 'clocks that stand some seconds apart are no reason');
  });
});

it('an easing that leaves but a suspicion does not call it more', () => {
  const { kind, notices } = last(
    ...LOCKED.slice(0, 1),
    { seconds: 60, verdicts: { ...REVOKED, 'public-access-disabled': 'suspected' } },
    { seconds: 120, verdicts: { 'public-access-disabled': 'suspected' } },
  );
  assert.equal(kind, 'eased');
  assert.match(notices[0]?.because ?? '', /may not be back: public-access-disabled is still suspected/);
});

it('a suspicion whose environments ran when last seen has its deadlines told where that was long ago', () => {
  const suspected: ReadingOptions = { seconds: 60, verdicts: { 'network-restricted': 'suspected' } };
  const { policyState } = last(HEALTHY, suspected);
  const nearly = 30 * DAY;
  assert.ok(evaluateTimers(policyState, at(nearly)).notices.some(({ reason }) => reason === 'deadline'));
  const { policyState: seen } = last(HEALTHY, suspected, { ...suspected, seconds: nearly - 300 });
  assert.ok(!evaluateTimers(seen, at(nearly)).notices.some(({ reason }) => reason === 'deadline'));
});

it('a cause that went unmentioned in a message is news when it is back', () => {
  const both = { ...REVOKED, 'network-restricted': 'revoked' } as const;
  const eased: ReadingOptions[] = Array.from({ length: 9 }, (_, n) => ({
    seconds: 60 * (n + 1),
    verdicts: n % 2 === 0 ? both : REVOKED,
  }));
  const { policyState } = last(HEALTHY, ...eased, { seconds: 600, verdicts: REVOKED });
  assert.deepEqual(
    policyState.incident?.notification?.causes,
    ['key-disabled', 'network-restricted'],
    'its end was withheld',
  );
  const reminded = evaluateTimers(policyState, at(HOUR)).policyState;
  const back = decide(reminded, aReading({ seconds: 2 * HOUR, verdicts: both }));
  assert.equal(back.notices[0]?.reason, 'worsened');
});

it('what confirmed a suspicion is kept as evidence, whatever the next reading shows of it', () => {
  const proof = aFinding('public-access-disabled', 'revoked', {
    summary: 'The identity was refused its key.',
  });
  const { incident } = last(
    HEALTHY,
    { seconds: 60, verdicts: { 'public-access-disabled': proof } },
    { seconds: 120, verdicts: { 'public-access-disabled': 'suspected' } },
  );
  assert.equal(incident?.causes[0]?.finding.summary, proof.summary);
});

it('what can not be read at the end of its window stays provisional', () => {
  const signals = [aSignal(100, { operation: 'Microsoft.Authorization/roleAssignments/write' })];
  const lost = { 'permissions-revoked': 'revoked' } as const;
  const [, , back, unread, read] = play(
    HEALTHY,
    { seconds: 60, verdicts: lost },
    { seconds: 110, environments: WAITING, signals },
    { seconds: 900, environments: WAITING, verdicts: { 'permissions-revoked': 'unknown' } },
    { seconds: 930, environments: WAITING },
  );
  assert.equal(back?.incident?.provisionalUntil, at(700));
  assert.equal(unread?.incident?.provisionalUntil, at(700));
  assert.equal(read?.incident?.provisionalUntil, undefined);
});

describe('a vault that was deleted, and recovered without its permissions', () => {
  const unread = { 'key-disabled': 'unknown', 'permissions-revoked': 'unknown' } as const;
  const lost = { 'permissions-revoked': 'revoked' } as const;
  const steps: ReadingOptions[] = [
    HEALTHY,
    { seconds: 60, verdicts: { 'vault-deleted': 'revoked', ...unread } },
    { seconds: 600, verdicts: lost },
    { seconds: 1200, environments: WAITING },
  ];
  const triggers = ({ incident }: Transition) => incident?.causes.map(({ trigger }) => trigger);

  it('is reported by both once access is back, what happened first before what came of it', () => {
    const back = last(...steps);
    assert.deepEqual(triggers(back), ['vault-deleted', 'permissions-revoked']);
    assert.match(back.notices[0]?.group ?? '', /^accessRestored\|vault-deleted\|/);
    assert.match(back.notices[0]?.because ?? '', /clear again: vault-deleted, permissions-revoked/);
    assert.deepEqual(triggers(last(...steps, { seconds: 1800, verdicts: lost })), ['permissions-revoked']);
  });

  it('is known to be the doing of whoever deleted it, though the audit log tells it only now', () => {
    const actor = { name: 'eve', kind: 'user' } as const;
    const signals = [aSignal(58, { operation: 'Microsoft.KeyVault/vaults/delete', actor })];
    const late = { seconds: 700, verdicts: lost, signals };
    const { incident, notices } = last(...steps.slice(0, 3), late);
    assert.equal(incident?.actor?.name, 'eve');
    assert.equal(notices[0]?.reason, 'actorLearnt');
  });
});

describe('a reminder of a lock', () => {
  const because = (members: ReturnType<typeof disabled>[], seconds: number) => {
    const { policyState } = last(...LOCKED, { seconds, verdicts: REVOKED, environments: { members } });
    return evaluateTimers(policyState, at(2 * HOUR)).notices[0]?.because;
  };

  it('does not call environments offline that Power Platform goes on showing as running', () => {
    const notified = because([anEnvironment(1), disabled(2)], HOUR);
    assert.equal(
      notified,
      `Access is still lost. Power Platform still showed 1 of 2 environments running at ${at(HOUR)}. Expect that to end.`,
    );
  });

  it('says nothing of it where all are disabled, or where the list may be from before', () => {
    assert.equal(because([disabled(1), disabled(2)], HOUR), 'Access is still lost.');
    assert.equal(because([anEnvironment(1), anEnvironment(2)], 120), 'Access is still lost.');
  });
});

it('what came second in a lock and went before the first is reported second', () => {
  const both = { 'permissions-revoked': 'revoked', ...REVOKED } as const;
  const { incident } = last(
    ...LOCKED,
    { seconds: 120, verdicts: both },
    { seconds: 180, verdicts: REVOKED },
    { seconds: 240, environments: WAITING },
  );
  assert.deepEqual(
    incident?.causes.map(({ trigger }) => trigger),
    ['key-disabled', 'permissions-revoked'],
  );
});
