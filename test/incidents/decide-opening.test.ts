import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Facts } from '../../shared/facts/facts.ts';
import { decide } from '../../shared/incidents/decide.ts';
import { updateHistory } from '../../shared/triggers/remember.ts';
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
import { HEALTHY, last, REVOKED, SUSPECTED } from './play.ts';

describe('opening', () => {
  it('tells what, since when, how many, until when, and files it under the root cause', () => {
    const { incident, notices, environments, timeline, policyState } = last(HEALTHY, {
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
    assert.equal(policyState.verdict, 'revoked');
    assert.equal(policyState.sequence, 1);
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
    const { kind, incident, notices, policyState } = last({
      seconds: 5,
      verdicts: REVOKED,
      environments: { unreadable: true },
    });
    assert.equal(kind, 'opened');
    assert.equal(incident?.environmentCount, 0);
    assert.match(notices[0]?.because ?? '', /not known: The environments did not answer in time/);
    assert.match(incident?.recoverByBecause ?? '', /not known/);
    assert.equal(incident?.recoverBy, at(5 + 7 * 86_400));
    assert.equal(policyState.warnings.length, 1);
  });

  for (const members of [[], [anEnvironment(1, { linkStatus: 'NotLinked' })]]) {
    it(`opens with one warning for a policy whose complete list names ${members.length ? 'only an unlinked one' : 'none'}`, () => {
      const { kind, policyState, notices } = last({
        seconds: 5,
        verdicts: REVOKED,
        environments: { members, isComplete: true },
      });
      assert.equal(kind, 'opened');
      assert.equal(policyState.incident?.noEnvironments, true);
      assert.equal(policyState.incident?.recoverBy, '');
      assert.deepEqual(
        notices.map(({ reason }) => reason),
        ['keyUnreachable'],
      );
      assert.match(policyState.warnings[0] ?? '', /No environment is linked .* as far as Lockwatch can see/);
    });

    it(`opens in full where that list may be a partial one (${members.length})`, () => {
      const { notices } = last({ seconds: 5, verdicts: REVOKED, environments: { members } });
      assert.deepEqual(
        notices.map(({ reason }) => reason),
        ['opened'],
      );
    });
  }

  it('opens where a list of long ago named none and none can be read now: one may have been linked since', () => {
    const unreadable = (asOf: string) => ({
      unreadable: true as const,
      members: [],
      asOf,
      isComplete: true as const,
    });
    const { kind, notices } = last({
      seconds: 86_400,
      verdicts: REVOKED,
      environments: unreadable(at(0)),
    });
    assert.equal(kind, 'opened');
    assert.match(
      notices[0]?.because ?? '',
      /not known: a list of .* named none, and it can't be read now: ./,
    );
    const fresh = last({ seconds: 500, verdicts: REVOKED, environments: unreadable(at(0)) });
    const [{ reason } = { reason: '' }] = fresh.notices;
    assert.equal(reason, 'keyUnreachable', 'what was read some minutes ago still stands');
  });

  it('opens for a policy that an inventory does not name: it may have environments all the same', () => {
    const { kind, notices, policyState } = last({
      seconds: 5,
      verdicts: REVOKED,
      environments: { source: 'inventory', members: [] },
    });
    assert.equal(kind, 'opened');
    assert.match(notices[0]?.because ?? '', /not known: the inventory names none of this policy/);
    assert.match(policyState.warnings[0] ?? '', /inventory names no environment of this policy/);
  });

  it('opens nothing for a Managed HSM, whatever is claimed of it', () => {
    const policy = { id: POLICY, name: 'cmk', geo: 'europe', managedHsm: true, seenAt: at(0) };
    const { kind, policyState } = last({ seconds: 5, verdicts: REVOKED, history: { policy } });
    assert.equal(kind, 'none');
    assert.equal(policyState.supported, false);
    assert.match(policyState.warnings[0] ?? '', /Managed HSM/);
  });

  it('a policy that calls itself unhealthy for no reason that can be read is a warning', () => {
    const warned = (healthStatus: 'Unhealthy' | 'Healthy', options: ReadingOptions) => {
      const reading = aReading(options);
      const value = { id: POLICY, name: 'cmk', geo: 'europe', managedHsm: false, healthStatus };
      const facts: Facts = { ...reading.facts, policy: { state: 'known', value, readAt: at(0) } };
      const history = { ...reading.history, ...updateHistory(undefined, facts) };
      return decide(undefined, { ...reading, facts, history }).policyState.warnings.some((text) =>
        /Unhealthy/.test(text),
      );
    };
    assert.equal(warned('Unhealthy', HEALTHY), true);
    assert.equal(warned('Unhealthy', { seconds: 0, verdicts: REVOKED }), false, 'explained');
    assert.equal(warned('Healthy', HEALTHY), false);
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

it('a policy that is gone and that no environment names any more leaves with a note, not with an incident', () => {
  const reading = aReading({ seconds: 60, environments: { members: [] } });
  const facts: Facts = { ...reading.facts, policy: { state: 'gone', detail: '404', readAt: at(60) } };
  const { policyState, notices } = decide(undefined, { ...reading, facts });
  assert.deepEqual([policyState.incident, notices], [undefined, []]);
  assert.match(policyState.warnings.join(), /gone and no environment names it any more/);
});
