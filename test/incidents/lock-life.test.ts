import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { EnvironmentFact, Facts } from '../../shared/facts/facts.ts';
import { decide } from '../../shared/incidents/decide.ts';
import type { PolicyState, Transition } from '../../shared/incidents/incident.ts';
import { TRIGGER_IDS, type TriggerId } from '../../shared/triggers/finding.ts';
import { judge } from '../../shared/triggers/judge.ts';
import { isUp } from '../../shared/triggers/lock-signs.ts';
import { triggerOf } from '../../shared/triggers/register.ts';
import { updateHistory } from '../../shared/triggers/remember.ts';
import { witnessesOf } from '../../shared/triggers/witnesses.ts';
import {
  aged,
  DISABLED,
  daysAgo,
  environment,
  environments,
  gone,
  key,
  known,
  NOTHING_HELD,
  NOW,
  network,
  permission,
  policy,
  reading,
  unread,
  vault,
  version,
} from '../triggers/a-reading.ts';

/** What takes the key away, for each trigger that people can undo. */
const LOSS: Record<TriggerId, Partial<Facts> | undefined> = {
  'policy-deleted': undefined,
  'vault-deleted': {
    vault: gone(),
    deletedVault: known({}),
    key: unread('follows'),
    permission: unread('follows'),
  },
  'key-deleted': { key: gone() },
  'permissions-revoked': { permission: known(permission(NOTHING_HELD)) },
  'key-disabled': { key: known(key(version('v1', { enabled: false }))) },
  'key-version-disabled': {
    key: known(key(version('v2', { created: daysAgo(3) }), version('v1', { enabled: false }))),
  },
  'public-access-disabled': { vault: known(vault({ network: network('Disabled', 'Deny', 'None') })) },
  'network-restricted': { vault: known(vault({ network: network('Enabled', 'Deny', 'None') })) },
  'key-expired': { key: known(key(version('v1', { expires: daysAgo(1) }))) },
  'key-not-yet-active': { key: known(key(version('v1', { notBefore: daysAgo(-90) }))) },
  'key-unusable': { key: known(key(version('v1', { keyOps: ['sign'] }))) },
  locked: {},
};

interface Life {
  /** Minutes from losing the key to what follows. */
  lockAfter: number;
  unhealthyAfter: number;
  lasts: number;
  healthyAfter: number;
  reenableEvery: number;
  members: number;
  interval: number;
  isListRare: boolean;
}

const life: fc.Arbitrary<Life> = fc.record({
  lockAfter: fc.integer({ min: 0, max: 10 }),
  unhealthyAfter: fc.integer({ min: 0, max: 10 }),
  lasts: fc.integer({ min: 20, max: 90 }),
  healthyAfter: fc.integer({ min: 0, max: 60 }),
  reenableEvery: fc.integer({ min: 1, max: 40 }),
  members: fc.integer({ min: 1, max: 4 }),
  interval: fc.integer({ min: 1, max: 5 }),
  isListRare: fc.boolean(),
});

const CLOSE_AFTER_MS = 900_000;

/** A healthy day, the loss, its end, and each environment enabled by itself; then another day. */
function live(trigger: TriggerId, one: Life): { transitions: Transition[]; readings: Facts[] } {
  const lostAt = 60;
  const undoneAt = lostAt + one.lasts;
  const enableFrom = undoneAt + one.healthyAfter + 20;
  const end = enableFrom + one.members * one.reenableEvery + 24 * 60;
  const transitions: Transition[] = [];
  const readings: Facts[] = [];
  let policyState: PolicyState | undefined;
  for (let minute = 0; minute <= end; minute += minute > enableFrom + 60 ? 120 : one.interval) {
    const isLost = minute >= lostAt && minute < undoneAt;
    const isUnhealthy = minute >= lostAt + one.unhealthyAfter && minute < undoneAt + one.healthyAfter;
    const enabled = Math.floor((minute - enableFrom) / one.reenableEvery);
    const isLocked = minute >= lostAt + one.lockAfter;
    const list: EnvironmentFact[] = Array.from({ length: one.members }, (_, n) =>
      environment(`e${n}`, isLocked && n >= enabled ? DISABLED : {}),
    );
    const isRead = !one.isListRare || minute % (3 * one.interval) === 0 || minute > enableFrom + 60;
    const facts = aged(
      reading({
        policy: known(policy({ healthStatus: isUnhealthy ? 'Unhealthy' : 'Healthy' })),
        ...(trigger === 'key-version-disabled' && !isLost
          ? { key: known(key(version('v2', { created: daysAgo(3) }), version('v1'))) }
          : {}),
        ...(isLost ? LOSS[trigger] : {}),
        environments: isRead ? environments(list) : unread(),
      }),
      -minute / 1440,
    );
    const now = facts.readAt;
    const history = updateHistory(policyState?.history, facts);
    const findings = judge(facts, history, { now, networkReading: 'trustedService' });
    const transition = decide(policyState, {
      facts,
      findings,
      history,
      signals: [],
      closeAfterMs: CLOSE_AFTER_MS,
      now,
    });
    policyState = transition.policyState;
    readings.push(facts);
    transitions.push(transition);
  }
  return { transitions, readings };
}

describe('a loss that is undone, and each environment enabled again', () => {
  for (const trigger of TRIGGER_IDS) {
    if (LOSS[trigger] === undefined) continue;
    it(`ends ${trigger} in closed, with access restored exactly once, and is open no longer than law 11 says`, () => {
      fc.assert(
        fc.property(life, (one) => {
          const { transitions, readings } = live(trigger, one);
          assertOpenForReason(transitions, readings);
          const kinds = transitions.map(({ kind }) => kind).filter((kind) => kind !== 'none');
          assert.equal(kinds.at(-1), 'closed', `${kinds}`);
          assert.equal(kinds.filter((kind) => kind === 'accessRestored').length, 1, `${kinds}`);
          assert.equal(kinds.filter((kind) => kind === 'opened').length, 1, `${kinds}`);
          assert.equal(transitions.at(-1)?.policyState.incident, undefined);
          const reasons = transitions.flatMap(({ notices }) => notices.map(({ reason }) => reason));
          assert.equal(reasons.filter((reason) => reason === 'accessRestored').length, 1, `${reasons}`);
          assert.ok(!reasons.includes('worsened'), `${reasons}`);
          for (const { policyState } of transitions)
            if (trigger !== 'locked')
              assert.ok(!policyState.incident?.causes.some((cause) => cause.trigger === 'locked'));
        }),
        { numRuns: 6 },
      );
    });
  }

  it('leaves out only what people can’t undo', () => {
    for (const trigger of TRIGGER_IDS)
      assert.equal(LOSS[trigger] !== undefined, triggerOf(trigger)?.isUndoneByPeople, trigger);
  });
});

/** Law 11: what stays open has a cause, a witness, an environment not seen running, or a lock may still show. */
function assertOpenForReason(transitions: Transition[], readings: Facts[]): void {
  for (const [n, { policyState }] of transitions.entries()) {
    const { incident, findings, history, readAt } = policyState;
    if (!incident) continue;
    const isCause = findings.some(({ verdict }) => verdict === 'revoked' || verdict === 'suspected');
    const isUnread = readings[n]?.environments.state !== 'known';
    // How long after a loss a lock shows is not published, so a list must be late enough to prove its end.
    const isTooEarly =
      Date.parse(readAt) - Date.parse(incident.accessCertainAt ?? incident.accessRestoredAt ?? '') <
      CLOSE_AFTER_MS;
    const isDown = history.environments?.members.some((member) => !isUp(member)) === true;
    assert.ok(
      isCause || isUnread || isDown || isTooEarly || witnessesOf(history, readAt).length > 0,
      `${incident.state} at ${readAt}`,
    );
  }
}

it('stays small whatever the number of environments, and whatever comes and goes', () => {
  const many = (isOff: (n: number) => boolean) =>
    Array.from({ length: 3_000 }, (_, n) => environment(`e${n}`, isOff(n) ? DISABLED : {}));
  let history = updateHistory(undefined, reading({ environments: environments(many(() => false)) }));
  for (let minute = 1; minute < 100; minute += 1) {
    const list = many((n) => n < minute * 24 || (minute > 60 && n % 3 === minute % 3));
    history = updateHistory(
      history,
      aged(
        reading({
          environments: known({
            source: 'powerPlatform',
            asOf: NOW,
            environments: list,
            outside: { running: 5, disabled: minute % 7 },
          }),
        }),
        -minute / 1440,
      ),
    );
    assert.ok(JSON.stringify(history.effect).length < 6000, JSON.stringify(history.effect));
  }
});
