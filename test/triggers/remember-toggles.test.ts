import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Facts } from '../../shared/facts/facts.ts';
import type { History } from '../../shared/triggers/history.ts';
import { updateHistory } from '../../shared/triggers/remember.ts';
import { harmlessToggles } from '../../shared/triggers/remember-toggles.ts';
import {
  aged,
  DISABLED,
  daysAgo,
  environment,
  environments,
  known,
  NOW,
  network,
  policy,
  reading,
  vault,
} from './a-reading.ts';

const withNetwork = (...settings: Parameters<typeof network>): Partial<Facts> => ({
  vault: known(vault({ network: network(...settings) })),
});
const OPEN = withNetwork('Enabled', 'Allow', 'AzureServices');
const CHOSEN = withNetwork('enabled', 'DENY', 'azureservices');
const OFF = withNetwork('Disabled', 'Deny', 'AzureServices');
const SHUT = withNetwork('Disabled', 'Deny', 'None');
const SICK = { policy: known(policy({ healthStatus: 'Unhealthy' })) };

function after(...readings: [days: number, change: Partial<Facts>][]): History {
  return readings.reduce<History>(
    (memory, [days, change]) => {
      const facts = aged(reading(change), days);
      const once = updateHistory(memory, facts);
      assert.deepEqual(updateHistory(once, facts), once);
      return once;
    },
    { policyId: reading().policyId },
  );
}
const closings = (history: History) => harmlessToggles(history, NOW).map(({ closedAt }) => closedAt);

test('each closing of the vault is remembered with its opening', () => {
  const memory = after([6, OPEN], [5, OFF], [4.9, OPEN], [3, CHOSEN], [2.9, OPEN], [1, OFF]);
  assert.deepEqual(memory.network?.toggles, [
    { closedAt: daysAgo(5), openedAt: daysAgo(4.9) },
    { closedAt: daysAgo(3), openedAt: daysAgo(2.9) },
    { closedAt: daysAgo(1) },
  ]);
  assert.equal(closings(memory).length, 3);
});

test('a vault that is closed as a rule is toggled by each opening', () => {
  const memory = after([6, OFF], [5, CHOSEN], [4.9, OFF], [3, OPEN], [2.9, OFF], [1, OFF]);
  assert.deepEqual(closings(memory), [daysAgo(4.9), daysAgo(2.9)]);
});

test('rules that change nothing for Power Platform toggle nothing', () => {
  const other = withNetwork('Enabled', 'Deny', 'AzureServices');
  assert.deepEqual(closings(after([6, CHOSEN], [5, other], [4, CHOSEN])), []);
  assert.deepEqual(closings(after([6, OPEN], [5, withNetwork('Perhaps', 'Deny', '?')], [4, OPEN])), []);
});

test('a vault that is closed to trusted services as well is lost, not toggled', () => {
  assert.deepEqual(closings(after([6, OPEN], [5, SHUT], [4, OPEN])), []);
});

test('a closing during which a sign of a lock began had an effect', () => {
  const down = { environments: environments([environment('e1', DISABLED), environment('e2', DISABLED)]) };
  for (const effect of [SICK, down]) {
    const memory = after(
      [6, OPEN],
      [5, OFF],
      [4.99, { ...OFF, ...effect }],
      [4.9, OPEN],
      [3, OFF],
      [2.9, OPEN],
    );
    assert.equal(memory.network?.toggles?.[0]?.hadEffect, true);
    assert.deepEqual(closings(memory), [daysAgo(3)]);
  }
  const before = after(
    [6, { ...OPEN, ...SICK }],
    [5.5, { ...OPEN, ...SICK }],
    [5, { ...OFF, ...SICK }],
    [4, OPEN],
  );
  assert.deepEqual(closings(before), [daysAgo(5)]);
});

test('while a witness of a lock is there, no closing counts as harmless', () => {
  const memory = after(
    [6, OPEN],
    [5, OFF],
    [4.9, OPEN],
    [2, { ...OPEN, ...SICK }],
    [1, { ...OPEN, ...SICK }],
  );
  assert.equal(memory.network?.toggles?.length, 1);
  assert.deepEqual(closings(memory), []);
});

test('closings are forgotten after 7 days, and there are never more than ten', () => {
  assert.deepEqual(closings(after([9, OPEN], [8, OFF], [7.9, OPEN])), []);
  const many = Array.from({ length: 40 }, (_, n): [number, Partial<Facts>] => [
    6 - n / 10,
    n % 2 ? OFF : OPEN,
  ]);
  assert.equal(after(...many).network?.toggles?.length, 10);
});
