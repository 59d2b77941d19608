import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { anEnvironment, at, disabled, type ReadingOptions, VAULT } from './a-reading.ts';
import { HEALTHY, LOCKED, last, play, RESTORED, REVOKED, SUSPECTED } from './play.ts';

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
    const one = { members: [anEnvironment(1)], unaccounted: [anEnvironment(2).id] };
    assert.equal(last(...RESTORED, { seconds: 180, environments: one }).kind, 'none');
  });

  it('closes where the environment that is no longer listed is known to have left', () => {
    const { kind } = last(...RESTORED, { seconds: 180, environments: { members: [anEnvironment(1)] } });
    assert.equal(kind, 'closed');
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
    assert.equal(closed?.policyState.incident, undefined);
    assert.deepEqual(
      closed?.environments.map(({ state }) => state),
      ['enabled', 'enabled'],
    );
    assert.equal(quiet?.kind, 'none');
    assert.equal(again?.kind, 'opened');
    assert.equal(again?.incident?.sequence, 2);
    assert.notEqual(again?.incident?.id, closed?.incident?.id);
  });

  it('a relapse is the same incident on the same clocks, and without the actor of the first time', () => {
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
    assert.equal(
      incident?.recoverBy,
      at(60 + 30 * 86_400),
      'not every environment was seen enabled in between',
    );
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
