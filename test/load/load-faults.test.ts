import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Change, sharedPolicies } from './flood.ts';
import { boundSeconds, faultsOf, secondsToNotice } from './load-faults.ts';
import { fittedGrowthMB } from './memory-samples.ts';
import type { Outcome } from './outcome.ts';
import { SIZES } from './sizes.ts';

const SIZE = { ...SIZES.small, matter: 2, policies: 3, environments: 10 };
const AT = '2026-11-29T03:00:00.000Z';
const CHANGES: Change[] = [
  { policies: ['ep-asia-1'], at: AT, scenario: 'vault-deleted' },
  { policies: ['ep-asia-2'], at: AT, scenario: 'vault-deleted' },
  { policies: sharedPolicies(SIZE), at: AT, scenario: 'vault-deleted' },
];

/** What a run leaves in which nothing was lost and nothing doubled. */
function aGoodOutcome(): Outcome {
  const policies = CHANGES.flatMap((change, group) => change.policies.map((policy) => ({ policy, group })));
  return {
    incidents: policies.map(({ policy }) => ({ policy, state: 'revoked' })),
    notices: ['teams', 'email'].flatMap((channel) =>
      policies.map(({ policy, group }) => ({
        policy,
        channel,
        reason: 'opened' as const,
        state: 'sent' as const,
        messageId: `${channel}-${group}`,
        sentAt: '2026-11-29T03:00:04.000Z',
      })),
    ),
    environmentRows: SIZE.environments + SIZE.matter,
    received: { teams: 3, email: 3 },
    aboutSharedVault: { teams: 1, email: 1 },
    largestCardBytes: 19_000,
    messages: { queued: 1, poison: 0, unreadable: SIZE.unreadable },
  };
}

describe('what a load run finds', () => {
  test('is nothing where everything was reported once', () => {
    assert.deepEqual(faultsOf(SIZE, CHANGES, aGoodOutcome()), []);
  });

  const planted: [string, (outcome: Outcome) => void, RegExp][] = [
    [
      'an incident that is missing',
      ({ incidents }) => incidents.pop(),
      /policies with an incident: 4, not 5/,
    ],
    [
      'a second incident of a policy',
      ({ incidents }) => incidents.push({ policy: 'ep-asia-1', state: 'revoked' }),
      /incidents: 6, not 5/,
    ],
    [
      'a suspicion that was never confirmed',
      ({ incidents }) => incidents.splice(0, 1, { policy: 'ep-asia-1', state: 'suspected' }),
      /incidents that are revoked: 4, not 5/,
    ],
    [
      'a notice that is still pending',
      ({ notices }) => notices.splice(0, 1, { ...aGoodOutcome().notices[0], state: 'pending' } as never),
      /teams: notices not sent: 1/,
    ],
    [
      'a policy that was reported as new twice',
      ({ notices }) => notices.push({ ...notices[0], reason: 'suspected', messageId: 'teams-0' } as never),
      /teams: policies reported twice as new: 1/,
    ],
    [
      'a message that a channel received twice',
      (outcome) => {
        outcome.received.email = 4;
      },
      /email: messages received: 4, not 3/,
    ],
    [
      'a second message about the shared cause',
      (outcome) => {
        outcome.aboutSharedVault.teams = 2;
      },
      /teams: messages about the shared vault: 2/,
    ],
    [
      'a row of an environment that is missing',
      (outcome) => {
        outcome.environmentRows -= 1;
      },
      /rows of environments: 11, not 12/,
    ],
    [
      'a card that Teams drops',
      (outcome) => {
        outcome.largestCardBytes = 20_001;
      },
      /the largest card: 20001/,
    ],
    [
      'a message that was left in the queue',
      (outcome) => {
        outcome.messages.queued = 2;
      },
      /left in the queue: 2/,
    ],
    [
      'a poison message',
      (outcome) => {
        outcome.messages.poison = 1;
      },
      /poison messages: 1/,
    ],
    [
      'an unreadable message that was not kept',
      (outcome) => {
        outcome.messages.unreadable -= 1;
      },
      /unreadable messages: 4, not 5/,
    ],
  ];
  for (const [what, plant, expected] of planted)
    test(`names ${what}`, () => {
      const outcome = aGoodOutcome();
      plant(outcome);
      const faults = faultsOf(SIZE, CHANGES, outcome);
      assert.ok(
        faults.some((fault) => expected.test(fault)),
        faults.join('; '),
      );
    });
});

test('a change is reported when the last of its policies is; never where one has no notice', () => {
  const { notices } = aGoodOutcome();
  const shared = CHANGES[2] ?? assert.fail();
  assert.equal(secondsToNotice(shared, notices, 'teams'), 4);
  const late = notices.map((notice) =>
    notice.policy === 'ep-shared-2' ? { ...notice, sentAt: '2026-11-29T03:00:09.000Z' } : notice,
  );
  assert.equal(secondsToNotice(shared, late, 'teams'), 9);
  const without = notices.filter(({ policy }) => policy !== 'ep-shared-2');
  assert.equal(secondsToNotice(shared, without, 'teams'), Number.POSITIVE_INFINITY);
});

test('the time that a report may take is an interval and what Azure’s quota needs for the readings', () => {
  assert.equal(boundSeconds(SIZES.whole, 300, 1), 60 + 5 + 605 / 15);
});

test('the growth of memory is that of the fitted line, whatever single samples do', () => {
  const samples = Array.from({ length: 101 }, (_, second) => ({
    second,
    residentMB: 300 + second / 10 + (second % 10 === 5 ? 40 : 0),
  }));
  assert.ok(Math.abs(fittedGrowthMB(samples) - 10) < 1);
  assert.ok(Math.abs(fittedGrowthMB(samples.map(({ second }) => ({ second, residentMB: 300 })))) < 0.001);
});
