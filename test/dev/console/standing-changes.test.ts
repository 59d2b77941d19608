import assert from 'node:assert/strict';
import { test } from 'node:test';
import { standingChanges } from '../../../dev/console/standing-changes.ts';

test('a change is in force until its own undo, on its own policy', () => {
  const at = '2026-01-01T00:00:00.000Z';
  const one = (scenario: string, policy: string) => ({ scenario, policy, at, vault: 'kv', events: [] });
  const names = ['key-disabled', 'undo-key-disabled', 'key-deleted', 'undo-key-deleted', 'rotate-key'];
  const standing = (...happened: ReturnType<typeof one>[]) =>
    standingChanges(happened, names).map(({ undo, policy }) => `${undo} ${policy}`);
  assert.deepEqual(standing(one('rotate-key', 'a')), []);
  assert.deepEqual(standing(one('key-disabled', 'a'), one('key-deleted', 'a'), one('key-disabled', 'b')), [
    'undo-key-disabled b',
    'undo-key-deleted a',
    'undo-key-disabled a',
  ]);
  assert.deepEqual(
    standing(one('key-disabled', 'a'), one('key-disabled', 'b'), one('undo-key-disabled', 'a')),
    ['undo-key-disabled b'],
  );
});
