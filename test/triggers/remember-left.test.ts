import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Facts } from '../../shared/facts/facts.ts';
import type { History } from '../../shared/triggers/history.ts';
import { updateHistory } from '../../shared/triggers/remember.ts';
import { listed } from './a-guarded-reading.ts';
import { aged, environment, KEY_ID, NOW, POLICY_ID, reading, unread } from './a-reading.ts';

function after(...lists: [daysAgo: number, environments: Facts['environments']][]): History {
  return lists.reduce<History>(
    (memory, [days, environments]) => {
      const facts = aged(reading({ environments }), days);
      const once = updateHistory(memory, facts);
      assert.deepEqual(updateHistory(once, facts), once, 'the same reading twice is as once');
      return once;
    },
    { policyId: POLICY_ID },
  );
}
const many = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => environment(`m${from + n}`));
const ids = many(0, 60).map(({ id }) => id);

test('who left is remembered with the time and the key, until it comes back', () => {
  const both = listed([environment('e1'), environment('e2')]);
  const one = listed([environment('e1')], { policyOf: new Map([['e2', '/b']]) });
  const memory = after([3, both], [2, one], [1, { ...unread() }], [0, one]);
  assert.deepEqual(memory.left?.environments, [
    { id: 'e2', displayName: 'Environment e2', at: aged(reading(), 2).readAt, keyId: KEY_ID, movedTo: '/b' },
  ]);
  assert.equal(after([3, both], [2, one], [1, both]).left, undefined);
});

test('who left is remembered where another one takes its place in the list', () => {
  const before = listed([environment('e1'), environment('e2')]);
  const memory = after([3, before], [2, listed([environment('e1'), environment('e3')])]);
  assert.deepEqual(
    memory.left?.environments.map(({ id }) => id),
    ['e2'],
  );
});

test('an environment that a partial list lacks, or that one of two lists lacks, did not leave', () => {
  const both = listed([environment('e1'), environment('e2')]);
  const partial = listed([environment('e1')], { listed: ['e1'] });
  assert.equal(after([3, both], [2, partial], [1, partial]).left, undefined);
  const disputed = listed([environment('e1'), environment('e2')], {
    disputed: [{ id: 'e2', lackedBy: 'admin' }],
  });
  assert.equal(after([3, disputed], [2.5, listed([environment('e1')])]).left, undefined);
  assert.equal(after([3, disputed], [1, listed([environment('e1')])]).left?.environments.length, 1);
});

test('the memory holds 20 names and counts the others', () => {
  const memory = after([9, listed(many(0, 60), { listed: ids })], [8, listed(many(45, 60), { listed: ids })]);
  assert.equal(memory.left?.environments.length, 20);
  assert.equal(memory.left?.more?.count, 25);
  assert.ok(JSON.stringify(memory.left).length < 8000);
  const later = after(
    [49, listed(many(0, 60), { listed: ids })],
    [48, listed(many(45, 60), { listed: ids })],
    [0, listed(many(45, 60), { listed: ids })],
  );
  assert.equal(later.left, undefined, NOW);
});

test('the order in which a list names the environments decides nothing', () => {
  const linkStatus = fc.constantFrom('Linked', 'NotLinked', 'Linking', undefined);
  const runtimeState = fc.constantFrom('Enabled', 'Disabled', undefined);
  const some = fc.uniqueArray(fc.record({ n: fc.integer({ min: 0, max: 4 }), linkStatus, runtimeState }), {
    selector: ({ n }) => n,
    maxLength: 5,
  });
  const all = ['e0', 'e1', 'e2', 'e3', 'e4'];
  const listOf = (rows: readonly { n: number; linkStatus?: string; runtimeState?: string }[]) =>
    listed(
      rows.map(({ n, ...states }) => environment(`e${n}`, states)),
      { listed: all },
    );
  const byId = ({ left, environments, effect }: History) => ({
    left: left?.environments.map(({ id }) => id).sort(),
    members: environments?.members.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    effect,
  });
  fc.assert(
    fc.property(some, some, fc.boolean(), (first, second, isSame) => {
      const next = isSame ? first.map(({ n }, at) => ({ ...first[at], ...second[at], n })) : second;
      const inOrder = after([3, listOf(first)], [2, listOf(next)]);
      const reversed = after([3, listOf(first)], [2, listOf([...next].reverse())]);
      assert.deepEqual(byId(inOrder), byId(reversed));
    }),
    { numRuns: 300 },
  );
});
