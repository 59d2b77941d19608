import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide } from '../../shared/incidents/decide.ts';
import type { Head, Transition } from '../../shared/incidents/incident.ts';
import { BadReading, type JudgedReading } from '../../shared/incidents/reading.ts';
import {
  aFinding,
  anEnvironment,
  aReading,
  at,
  disabled,
  POLICY,
  type ReadingOptions,
  VAULT,
} from './a-reading.ts';

/** Decides these readings one after the other and gives every transition. */
function play(...readings: ReadingOptions[]): Transition[] {
  let head: Head | undefined;
  return readings.map((options) => {
    const transition = decide(head, aReading(options));
    head = transition.head;
    return transition;
  });
}
function last(...readings: ReadingOptions[]): Transition {
  const transition = play(...readings).at(-1);
  assert.ok(transition);
  return transition;
}

const REVOKED = { 'key-disabled': 'revoked' } as const;
const SUSPECTED = { 'network-restricted': 'suspected' } as const;
const HEALTHY: ReadingOptions = { seconds: 0 };
const LOCKED: ReadingOptions[] = [HEALTHY, { seconds: 60, verdicts: REVOKED }];
const RESTORED: ReadingOptions[] = [
  ...LOCKED,
  { seconds: 120, environments: { members: [disabled(1), disabled(2)] } },
];

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
      clear: ['dismissed', '-', '-'],
      'clear and enabled': ['dismissed', '-', '-'],
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
          transition.head.incident?.state ?? '-',
          transition.notices[0]?.reason ?? '-',
        ];
        assert.deepEqual(after, wanted);
      });
    }
  }
});

describe('opening', () => {
  it('tells what, since when, how many, until when, and files it under the root cause', () => {
    const { incident, notices, environments, timeline, head } = last(HEALTHY, {
      seconds: 60,
      verdicts: { 'key-disabled': 'revoked', 'permissions-revoked': 'revoked' },
      environments: { members: [anEnvironment(1), anEnvironment(2, { sku: 'Sandbox' })] },
    });
    assert.ok(incident);
    assert.match(incident.id, /^[0-9a-f]{20}-1$/);
    assert.equal(incident.openedAt, at(60));
    assert.equal(incident.confirmedAt, at(60));
    assert.deepEqual(
      incident.causes.map(({ trigger }) => trigger),
      ['permissions-revoked', 'key-disabled'],
    );
    assert.equal(incident.causes[0]?.lastClearAt, at(0));
    assert.equal(incident.environmentCount, 2);
    assert.equal(incident.environmentsAsOf, at(60));
    assert.equal(incident.environmentsSource, 'powerPlatform');
    assert.equal(incident.recoverBy, at(60 + 7 * 86_400));
    assert.equal(incident.recoverByIsEstimate, true);
    assert.deepEqual(
      environments.map(({ state, deletedAt, deletionIsGuess }) => [state, deletedAt, deletionIsGuess]),
      [
        ['locked', at(60 + 30 * 86_400), false],
        ['locked', at(60 + 7 * 86_400), false],
      ],
    );
    assert.deepEqual(
      timeline.map(({ what }) => what),
      ['opened'],
    );
    assert.equal(notices.length, 1);
    assert.equal(notices[0]?.group, `opened|permissions-revoked|${VAULT.toLowerCase()}`);
    assert.match(
      notices[0]?.because ?? '',
      /permissions-revoked is revoked\. It takes 2 environments offline\./,
    );
    assert.equal(head.verdict, 'revoked');
    assert.equal(head.sequence, 1);
  });

  it('counts the environments last known when the list is not in, and says how old they are', () => {
    const { incident, environments } = last({
      seconds: 500,
      verdicts: REVOKED,
      environments: { unreadable: true, members: [anEnvironment(7)], asOf: at(10) },
    });
    assert.equal(incident?.environmentCount, 1);
    assert.equal(incident?.environmentsAsOf, at(10));
    assert.equal(environments[0]?.state, 'locked');
  });

  it('opens all the same when no list was ever known, and says so', () => {
    const { kind, incident, notices, head } = last({
      seconds: 5,
      verdicts: REVOKED,
      environments: { unreadable: true },
    });
    assert.equal(kind, 'opened');
    assert.equal(incident?.environmentCount, 0);
    assert.match(notices[0]?.because ?? '', /not known: The environments did not answer in time/);
    assert.match(incident?.recoverByBecause ?? '', /not known/);
    assert.equal(incident?.recoverBy, at(5 + 7 * 86_400));
    assert.equal(head.warnings.length, 1);
  });

  for (const members of [[], [anEnvironment(1, { linkStatus: 'NotLinked' })]]) {
    it(`opens nothing for a policy whose list names ${members.length ? 'only an unlinked one' : 'none'}`, () => {
      const { kind, head, notices } = last({ seconds: 5, verdicts: REVOKED, environments: { members } });
      assert.equal(kind, 'none');
      assert.equal(head.incident, undefined);
      assert.equal(head.verdict, 'revoked');
      assert.deepEqual(notices, []);
      assert.match(head.warnings[0] ?? '', /No environment is linked/);
    });
  }

  it('opens nothing for a Managed HSM, whatever is claimed of it', () => {
    const policy = { id: POLICY, name: 'cmk', geo: 'europe', managedHsm: true, seenAt: at(0) };
    const { kind, head } = last({ seconds: 5, verdicts: REVOKED, remembered: { policy } });
    assert.equal(kind, 'none');
    assert.equal(head.supported, false);
    assert.match(head.warnings[0] ?? '', /Managed HSM/);
  });

  it('takes an environment that is listed twice, in other letters, once', () => {
    const members = [
      anEnvironment(1, { id: 'ABCDEF00-0000-0000-0000-000000000001' }),
      anEnvironment(1, { id: 'abcdef00-0000-0000-0000-000000000001' }),
    ];
    const { environments, incident } = last({ seconds: 5, verdicts: REVOKED, environments: { members } });
    assert.equal(incident?.environmentCount, 1);
    assert.deepEqual(
      environments.map(({ id }) => id),
      ['abcdef00-0000-0000-0000-000000000001'],
    );
  });

  it('takes an unknown SKU for the shortest term, and calls it a guess', () => {
    const members = [anEnvironment(1, { sku: 'Developer' })];
    const { environments, incident } = last({ seconds: 0, verdicts: REVOKED, environments: { members } });
    assert.equal(environments[0]?.deletionIsGuess, true);
    assert.equal(incident?.recoverBy, at(7 * 86_400));
    assert.match(incident?.recoverByBecause ?? '', /Developer.*not published/);
  });

  it('takes a purge that comes before the deletions for the deadline, as sure as the cause says', () => {
    const recoverBy = { at: at(3 * 86_400), because: 'Azure purges the vault then.', estimate: false };
    const verdicts = { 'vault-deleted': aFinding('vault-deleted', 'revoked', { recoverBy }) };
    const { incident } = last({ seconds: 0, verdicts });
    assert.equal(incident?.recoverBy, recoverBy.at);
    assert.equal(incident?.recoverByBecause, recoverBy.because);
    assert.equal(incident?.recoverByIsEstimate, false);
  });

  it('says of a suspicion only that it may lock, and locks only what was seen disabled', () => {
    const { environments, notices } = last(HEALTHY, {
      seconds: 9,
      verdicts: SUSPECTED,
      environments: { members: [anEnvironment(1), disabled(2)] },
    });
    assert.deepEqual(
      environments.map(({ state }) => state),
      ['unknown', 'locked'],
    );
    assert.match(notices[0]?.because ?? '', /may take 2 environments offline/);
  });
});

describe('a suspicion that becomes sure', () => {
  it('says what is confirmed', () => {
    const { notices, incident } = last(
      { seconds: 0, verdicts: SUSPECTED },
      { seconds: 9, verdicts: { 'network-restricted': 'revoked' } },
    );
    assert.equal(notices[0]?.because, 'What was suspected is confirmed: network-restricted is revoked.');
    assert.equal(incident?.confirmedAt, at(9));
    assert.equal(incident?.openedAt, at(0));
  });
  it('and what else it was, where something else was', () => {
    const { notices } = last(
      { seconds: 0, verdicts: SUSPECTED },
      { seconds: 9, verdicts: { ...SUSPECTED, ...REVOKED } },
    );
    assert.match(notices[0]?.because ?? '', /by another cause than the one suspected: key-disabled/);
  });
});

describe('while it stands', () => {
  it('is worse with a new cause, and the root cause goes first', () => {
    const { kind, incident, notices } = last(...LOCKED, {
      seconds: 90,
      verdicts: { ...REVOKED, 'vault-deleted': 'revoked' },
    });
    assert.equal(kind, 'worsened');
    assert.deepEqual(
      incident?.causes.map(({ trigger, since }) => [trigger, since]),
      [
        ['vault-deleted', at(90)],
        ['key-disabled', at(60)],
      ],
    );
    assert.match(notices[0]?.group ?? '', /^worsened\|vault-deleted\|/);
  });

  it('is worse with more environments, names them, and counts each once', () => {
    const three = { members: [anEnvironment(1), anEnvironment(2), anEnvironment(3)] };
    const [, , worse, same] = play(
      ...LOCKED,
      { seconds: 90, verdicts: REVOKED, environments: three },
      { seconds: 95, verdicts: REVOKED, environments: three },
    );
    assert.equal(worse?.kind, 'worsened');
    assert.equal(worse?.incident?.environmentCount, 3);
    assert.match(worse?.notices[0]?.because ?? '', /1 more environment is affected/);
    assert.equal(worse?.environments.length, 3);
    assert.equal(same?.kind, 'none');
    assert.deepEqual(same?.environments, []);
  });

  it('tells the names once the list comes in late', () => {
    const { kind, incident } = last(
      { seconds: 0, verdicts: REVOKED, environments: { unreadable: true } },
      { seconds: 30, verdicts: REVOKED },
    );
    assert.equal(kind, 'worsened');
    assert.equal(incident?.environmentCount, 2);
    assert.equal(incident?.environmentsAsOf, at(30));
  });

  it('eases when one of two causes goes, and keeps the other', () => {
    const both = { ...REVOKED, 'permissions-revoked': 'revoked' } as const;
    const { kind, incident, notices } = last(
      HEALTHY,
      { seconds: 9, verdicts: both },
      { seconds: 20, verdicts: REVOKED },
    );
    assert.equal(kind, 'eased');
    assert.deepEqual(
      incident?.causes.map(({ trigger }) => trigger),
      ['key-disabled'],
    );
    assert.match(notices[0]?.because ?? '', /permissions-revoked\. Access is not back: key-disabled/);
  });

  it('eases when the vault is back and what it hid comes to light: nothing got worse', () => {
    const gone = { 'policy-deleted': 'clear', 'vault-deleted': 'revoked' } as const;
    const { kind, incident } = last(
      HEALTHY,
      { seconds: 9, verdicts: gone, rest: 'unknown' },
      { seconds: 20, verdicts: { 'permissions-revoked': 'revoked' } },
    );
    assert.equal(kind, 'eased');
    assert.deepEqual(
      incident?.causes.map(({ trigger }) => trigger),
      ['permissions-revoked'],
    );
  });

  it('does not call access restored while what a deleted vault hid is still unread', () => {
    const gone = { 'policy-deleted': 'clear', 'vault-deleted': 'revoked' } as const;
    const [, , half, whole] = play(
      HEALTHY,
      { seconds: 9, verdicts: gone, rest: 'unknown' },
      { seconds: 20, verdicts: { 'permissions-revoked': 'unknown' } },
      { seconds: 30 },
    );
    assert.equal(half?.kind, 'none');
    assert.equal(half?.head.incident?.state, 'revoked');
    assert.equal(whole?.kind, 'accessRestored');
  });

  it('keeps a cause that can not be read, and what is known of it', () => {
    const { kind, incident, head } = last(...LOCKED, {
      seconds: 90,
      verdicts: { 'key-disabled': 'unknown' },
    });
    assert.equal(kind, 'none');
    assert.equal(incident?.causes[0]?.finding.verdict, 'revoked');
    assert.equal(head.verdict, 'unknown');
  });

  it('follows the evidence of a cause without saying it again', () => {
    const finding = aFinding('key-disabled', 'revoked', { summary: 'Two versions are disabled.' });
    const { kind, notices, incident } = last(...LOCKED, {
      seconds: 90,
      verdicts: { 'key-disabled': finding },
    });
    assert.equal(kind, 'none');
    assert.deepEqual(notices, []);
    assert.equal(incident?.causes[0]?.finding.summary, 'Two versions are disabled.');
    assert.equal(incident?.readAt, at(90));
  });

  it('a cause that falls back to a suspicion stands as revoked, and neither speaks nor confirms twice', () => {
    const kinds = play(
      HEALTHY,
      { seconds: 5, verdicts: SUSPECTED },
      { seconds: 10, verdicts: { 'network-restricted': 'revoked' } },
      { seconds: 15, verdicts: SUSPECTED },
      { seconds: 20, verdicts: { 'network-restricted': 'revoked' } },
    ).map(({ kind }) => kind);
    assert.deepEqual(kinds, ['none', 'opened', 'confirmed', 'none', 'none']);
  });

  it('the deadline comes nearer with a sandbox that joins, and stays when it leaves', () => {
    const sandbox = { members: [anEnvironment(1), anEnvironment(2), anEnvironment(3, { sku: 'Sandbox' })] };
    const [, opened, joined, left] = play(
      ...LOCKED,
      { seconds: 90, verdicts: REVOKED, environments: sandbox },
      { seconds: 99, verdicts: REVOKED },
    );
    assert.equal(opened?.incident?.recoverBy, at(60 + 30 * 86_400));
    assert.equal(joined?.incident?.recoverBy, at(60 + 7 * 86_400));
    assert.equal(left?.incident?.recoverBy, at(60 + 7 * 86_400));
    assert.deepEqual(left?.incident?.environmentsLeft, [anEnvironment(3).id]);
    assert.deepEqual(
      left?.environments.map(({ id, state }) => [id, state]),
      [[anEnvironment(3).id, 'unknown']],
    );
  });

  it('one that left and came back is no news', () => {
    const { kind, incident } = last(
      ...LOCKED,
      { seconds: 90, verdicts: REVOKED, environments: { members: [anEnvironment(1)] } },
      { seconds: 99, verdicts: REVOKED },
    );
    assert.equal(kind, 'none');
    assert.equal(incident?.environmentCount, 2);
    assert.equal(incident?.environmentsLeft, undefined);
  });
});

describe('after access is back', () => {
  it('keeps the causes as they last were, and waits for each environment', () => {
    const { incident, environments, notices } = last(...RESTORED);
    assert.equal(incident?.accessRestoredAt, at(120));
    assert.deepEqual(
      incident?.causes.map(({ trigger, verdict }) => [trigger, verdict]),
      [['key-disabled', 'revoked']],
    );
    assert.deepEqual(
      environments.map(({ state }) => state),
      ['awaitingReEnable', 'awaitingReEnable'],
    );
    assert.match(notices[0]?.group ?? '', /^accessRestored\|key-disabled\|/);
  });

  it('writes only the environment that changed', () => {
    const { kind, environments } = last(...RESTORED, {
      seconds: 180,
      environments: { members: [anEnvironment(1), disabled(2)] },
    });
    assert.equal(kind, 'none');
    assert.deepEqual(
      environments.map(({ id, state }) => [id, state]),
      [[anEnvironment(1).id, 'enabled']],
    );
  });

  it('does not take a list from before the lock for environments enabled again', () => {
    const old: ReadingOptions['environments'] = {
      unreadable: true,
      members: [anEnvironment(1), anEnvironment(2)],
      asOf: at(0),
    };
    const { kind, environments } = last(...LOCKED, { seconds: 120, environments: old });
    assert.equal(kind, 'accessRestored');
    assert.deepEqual(
      environments.map(({ state }) => state),
      ['awaitingReEnable', 'awaitingReEnable'],
    );
  });

  for (const [name, member, state] of [
    ['in admin mode', { runtimeState: 'AdminMode' }, 'unknown'],
    ['whose instance is disabled', { instanceState: 'Disabled' }, 'awaitingReEnable'],
    ['of which nothing is told', { runtimeState: undefined, instanceState: undefined }, 'awaitingReEnable'],
    ['that tells only its instance', { runtimeState: undefined }, 'enabled'],
    ['in other letters', { runtimeState: 'ENABLED', instanceState: 'ready' }, 'enabled'],
  ] as const) {
    it(`an environment ${name} is ${state}`, () => {
      const members = [anEnvironment(1, member), disabled(2)];
      const { environments } = last(...LOCKED, { seconds: 120, environments: { members } });
      assert.equal(environments[0]?.state, state);
    });
  }

  it('never closes by itself on an inventory', () => {
    const inventory: ReadingOptions['environments'] = { source: 'inventory', members: [anEnvironment(1)] };
    const { kind } = last(
      { seconds: 0, verdicts: REVOKED, environments: inventory },
      { seconds: 10, environments: inventory },
      { seconds: 20, environments: inventory },
    );
    assert.equal(kind, 'none');
  });

  it('does not close while an environment of the incident is missing from the list', () => {
    const { kind } = last(...RESTORED, { seconds: 180, environments: { members: [anEnvironment(1)] } });
    assert.equal(kind, 'none');
  });

  it('does not close while the cause can not be read', () => {
    const { kind } = last(...RESTORED, { seconds: 180, verdicts: { 'key-disabled': 'unknown' } });
    assert.equal(kind, 'none');
  });

  it('closes once, leaves the head without an incident, and the next revocation is a new one', () => {
    const [, , , closed, quiet, again] = play(
      ...RESTORED,
      { seconds: 180 },
      { seconds: 190 },
      { seconds: 200, verdicts: REVOKED },
    );
    assert.equal(closed?.kind, 'closed');
    assert.equal(closed?.incident?.closedAt, at(180));
    assert.equal(closed?.head.incident, undefined);
    assert.deepEqual(
      closed?.environments.map(({ state }) => state),
      ['enabled', 'enabled'],
    );
    assert.equal(quiet?.kind, 'none');
    assert.equal(again?.kind, 'opened');
    assert.equal(again?.incident?.sequence, 2);
    assert.notEqual(again?.incident?.id, closed?.incident?.id);
  });

  it('a relapse is the same incident with new clocks, and without the actor of the first time', () => {
    const actor = { name: 'eve', kind: 'user' } as const;
    const signals = [
      {
        id: 's',
        source: 'resourceManager',
        type: 't',
        operation: 'Microsoft.KeyVault/vaults/keys/write',
        outcome: 'success',
        scope: VAULT.toLowerCase(),
        at: at(59),
        actor,
      } as const,
    ];
    const { kind, incident, timeline, notices } = last(
      HEALTHY,
      { seconds: 60, verdicts: REVOKED, signals },
      { seconds: 120 },
      { seconds: 120 + 86_400, verdicts: REVOKED },
    );
    assert.equal(kind, 'relapsed');
    assert.equal(incident?.sequence, 1);
    assert.equal(incident?.openedAt, at(60));
    assert.equal(incident?.lockedSince, at(120 + 86_400));
    assert.equal(incident?.recoverBy, at(120 + 31 * 86_400));
    assert.equal(incident?.accessRestoredAt, undefined);
    assert.equal(incident?.actor, undefined);
    assert.deepEqual(
      timeline.map(({ what }) => what),
      ['relapsed'],
    );
    assert.equal(notices[0]?.reason, 'worsened');
  });

  it('a suspicion after a real lock ends in access restored, never in dismissal', () => {
    const kinds = play(...RESTORED, { seconds: 180, verdicts: SUSPECTED }, { seconds: 190 }).map(
      ({ kind }) => kind,
    );
    assert.deepEqual(kinds.slice(-2), ['relapsed', 'accessRestored']);
  });
});

describe('a dismissed suspicion', () => {
  it('leaves no incident open, says nothing, and stays in the timeline', () => {
    const { head, incident, notices, timeline } = last(
      HEALTHY,
      { seconds: 5, verdicts: SUSPECTED },
      { seconds: 10 },
    );
    assert.equal(head.incident, undefined);
    assert.equal(incident?.state, 'dismissed');
    assert.equal(incident?.closedAt, at(10));
    assert.deepEqual(notices, []);
    assert.deepEqual(
      timeline.map(({ what }) => what),
      ['dismissed'],
    );
  });
});

describe('readings that come in a strange order', () => {
  it('an older one changes nothing: the head comes back as it is', () => {
    const head = last(...LOCKED).head;
    const transition = decide(head, aReading({ seconds: 59 }));
    assert.equal(transition.head, head);
    assert.equal(transition.kind, 'none');
    assert.deepEqual([transition.environments, transition.timeline, transition.notices], [[], [], []]);
  });

  it('the same one a second time gives nothing new', () => {
    const reading = aReading({ seconds: 60, verdicts: REVOKED });
    const first = decide(undefined, reading);
    const second = decide(first.head, reading);
    assert.equal(second.kind, 'none');
    assert.deepEqual(second.head, first.head);
    assert.deepEqual([second.environments, second.timeline, second.notices], [[], [], []]);
  });

  it('a list left unfinished is given again, whole, with the next reading', () => {
    const head = last(...LOCKED).head;
    const unfinished: Head = { ...head, environmentsUnwritten: head.incident };
    const transition = decide(unfinished, aReading({ seconds: 90, verdicts: REVOKED }));
    assert.equal(transition.kind, 'none');
    assert.equal(transition.environments.length, 2);
    assert.equal(transition.incident?.readAt, at(90));
    assert.equal(transition.head.environmentsUnwritten, undefined);
  });

  it('also where its incident is closed meanwhile', () => {
    const closed = last(...RESTORED, { seconds: 180 });
    const unfinished: Head = { ...closed.head, environmentsUnwritten: closed.incident };
    const transition = decide(unfinished, aReading({ seconds: 200 }));
    assert.equal(transition.incident?.id, closed.incident?.id);
    assert.deepEqual(
      transition.environments.map(({ state }) => state),
      ['enabled', 'enabled'],
    );
    assert.equal(transition.head.incident, undefined);
  });
});

describe('the head', () => {
  it('tells of every part whether it is known, and why not', () => {
    const { head } = last({ seconds: 0, environments: { unreadable: true } });
    assert.deepEqual(Object.keys(head.parts), [
      'policy',
      'vault',
      'deletedVault',
      'key',
      'permission',
      'environments',
    ]);
    assert.deepEqual(head.parts.environments, {
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
      assert.equal(last({ seconds: 0, verdicts }).head.verdict, verdict);
    });
  }

  it('is not clear where nothing was judged', () => {
    const reading = { ...aReading({ seconds: 0 }), findings: [] };
    assert.equal(decide(undefined, reading).head.verdict, 'unknown');
  });
});

describe('a caller’s bug', () => {
  const reading = aReading({ seconds: 10, verdicts: REVOKED });
  const { head } = decide(undefined, reading);
  const bad: [string, JudgedReading][] = [
    ['memory of another policy', { ...reading, remembered: { policyId: `${POLICY}2` } }],
    ['a reading without a time', { ...reading, facts: { ...reading.facts, readAt: 'soon' } }],
    ['a now that is no time', { ...reading, now: '' }],
    ['two findings of one trigger', { ...reading, findings: [...reading.findings, ...reading.findings] }],
    [
      'facts of another policy',
      {
        ...reading,
        facts: { ...reading.facts, policyId: `${POLICY}2` },
        remembered: { policyId: `${POLICY}2` },
      },
    ],
  ];
  for (const [name, wrong] of bad) {
    it(`is refused: ${name}`, () => {
      assert.throws(() => decide(head, wrong), BadReading);
    });
  }

  it('and a head that holds an incident which is over', () => {
    assert.ok(head.incident);
    const wrong: Head = { ...head, incident: { ...head.incident, state: 'closed' } };
    assert.throws(() => decide(wrong, reading), BadReading);
  });

  it('but ids in other letters are the same policy', () => {
    const shouted = { ...reading, facts: { ...reading.facts, policyId: POLICY.toUpperCase() } };
    assert.equal(decide(head, shouted).kind, 'none');
  });
});
