import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { known, unknown } from '../../shared/azure/outcome.ts';
import type { EnvironmentFact, EnvironmentsFact, Facts } from '../../shared/facts/facts.ts';
import type { History } from '../../shared/triggers/history.ts';
import { rememberEnvironments } from '../../shared/triggers/remember-environments.ts';

const HOUR = 60 * 60_000;
const START = Date.parse('2026-03-01T10:00:00.000Z');
const at = (hours: number) => new Date(START + hours * HOUR).toISOString();

function environment(id: string, changes: Partial<EnvironmentFact> = {}): EnvironmentFact {
  const state = { runtimeState: 'Enabled', instanceState: 'Ready' };
  return { id, displayName: id, sku: 'Production', region: '', linkStatus: 'Linked', ...state, ...changes };
}

/** The history after a list of these members at each hour. */
function after(
  lists: readonly (Partial<EnvironmentsFact> & { hour: number; members: readonly string[] })[],
): NonNullable<History['environments']> {
  let history: History['environments'];
  for (const { hour, members, ...more } of lists) {
    const environments = members.map((id) => environment(id));
    const list: EnvironmentsFact = {
      source: 'powerPlatform',
      asOf: at(hour),
      environments,
      listed: [...members, 'x'],
      isComplete: true,
      ...more,
    };
    const facts = { environments: known(list, at(hour)) } as Facts;
    const once = rememberEnvironments(history, facts);
    assert.deepEqual(rememberEnvironments(once, facts), once, 'the same reading twice is as once');
    history = once;
  }
  return history ?? assert.fail();
}
const idsOf = ({ members }: NonNullable<History['environments']>) => members.map(({ id }) => id);

describe('a member that is no longer in the list', () => {
  const first = { hour: 0, members: ['a', 'b'] };

  it('is remembered for a day without a state, however complete the list is', () => {
    for (const isComplete of [true, false, undefined]) {
      const history = after([first, { hour: 1, members: ['a'], isComplete }]);
      const { runtimeState: _, instanceState: __, ...unseen } = environment('b');
      assert.deepEqual(history.members[1], { ...unseen, missingSince: at(1), ran: true });
      assert.deepEqual(idsOf(after([first, { hour: 1, members: ['a'] }, { hour: 24.9, members: ['a'] }])), [
        'a',
        'b',
      ]);
      assert.deepEqual(idsOf(after([first, { hour: 1, members: ['a'] }, { hour: 25, members: ['a'] }])), [
        'a',
      ]);
    }
  });

  it('has left where its row is there without the link', () => {
    assert.deepEqual(idsOf(after([first, { hour: 1, members: ['a'], listed: ['a', 'b'] }])), ['a']);
    const unlinkedLater = [
      first,
      { hour: 1, members: ['a'] },
      { hour: 2, members: ['a'], listed: ['a', 'b'] },
    ];
    assert.deepEqual(idsOf(after(unlinkedLater)), ['a']);
  });

  it('has left where an inventory names it no more: that list is the admin’s own', () => {
    const inventory = { hour: 1, members: ['a'], source: 'inventory' as const, listed: undefined };
    assert.deepEqual(idsOf(after([first, inventory])), ['a']);
  });

  it('is the same member when it is back, and its day begins anew when it vanishes again', () => {
    const lists = [first, { hour: 1, members: ['a'] }, { hour: 2, members: ['a', 'b'] }];
    assert.deepEqual(after(lists).members[1], environment('b'));
    assert.equal(after([...lists, { hour: 20, members: ['a'] }]).members[1]?.missingSince, at(20));
  });

  it('is not waited for if it was not linked', () => {
    const notLinked = environment('b', { linkStatus: 'NotLinked' });
    const facts = (members: EnvironmentFact[], hour: number) =>
      ({
        environments: known(
          { source: 'powerPlatform', asOf: at(hour), environments: members, listed: [] },
          at(hour),
        ),
      }) as unknown as Facts;
    const before = rememberEnvironments(undefined, facts([environment('a'), notLinked], 0));
    assert.deepEqual(idsOf(rememberEnvironments(before, facts([environment('a')], 1)) ?? assert.fail()), [
      'a',
    ]);
  });

  it('stays while a list can’t be read', () => {
    const before = after([first]);
    const unread = { environments: unknown('timeout', 'slow', at(1)) } as Facts;
    assert.equal(rememberEnvironments(before, unread), before);
  });
});

describe('a member that one of two complete lists lacks', () => {
  const disputed = [{ id: 'b', lackedBy: 'platform' as const }];
  const contradicting = (hour: number) => ({ hour, members: ['a', 'b'], disputed });

  it('is remembered since when, until the lists agree', () => {
    const history = after([contradicting(0), contradicting(5)]);
    assert.deepEqual(history.disputed, { b: { lackedBy: 'platform', since: at(0), seenAt: at(5) } });
    assert.equal(
      after([contradicting(0), { hour: 1, members: ['a', 'b'], disputed: [] }]).disputed,
      undefined,
    );
  });

  it('has not left because the list that lacked it is the only one that answers', () => {
    const alone = { hour: 1, members: ['a'], listed: ['a', 'b'] };
    assert.deepEqual(idsOf(after([contradicting(0), alone])), ['a', 'b']);
    assert.deepEqual(idsOf(after([contradicting(0), { ...alone, disputed: [] }])), ['a']);
  });

  it('is forgotten a day after the lists were last compared', () => {
    const notCompared = (hour: number) => ({ hour, members: ['a', 'b'] });
    assert.ok(after([contradicting(0), notCompared(23)]).disputed);
    assert.equal(after([contradicting(0), notCompared(24)]).disputed, undefined);
  });
});

describe('a row without a state', () => {
  const unclear = environment('a', { runtimeState: undefined, instanceState: undefined });
  const first = { hour: 0, members: ['a'] };

  it('keeps that the environment ran, whatever lists without states come between', () => {
    for (const source of ['powerPlatform', 'inventory'] as const) {
      const between = [1, 2].map((hour) => ({ hour, members: ['a'], source, environments: [unclear] }));
      assert.deepEqual(after([first, ...between]).members, [{ ...unclear, ran: true }], source);
    }
  });

  it('says nothing of an environment that was disabled before', () => {
    const down = environment('a', { runtimeState: 'Disabled', instanceState: 'Disabled' });
    const lists = [
      { ...first, environments: [down] },
      { hour: 1, members: ['a'], environments: [unclear] },
    ];
    assert.deepEqual(after(lists).members, [unclear]);
  });
});

describe('a list that is as long as the one before', () => {
  it('keeps a member that it does not name, as one whose state is not known', () => {
    const { members } = after([
      { hour: 0, members: ['e1', 'e2'] },
      { hour: 1, members: ['e1', 'e3'] },
    ]);
    const states = members.map(({ id, missingSince, runtimeState }) => [id, missingSince, runtimeState]);
    assert.deepEqual(states, [
      ['e1', undefined, 'Enabled'],
      ['e3', undefined, 'Enabled'],
      ['e2', at(1), undefined],
    ]);
  });
});
