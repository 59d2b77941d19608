import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Part } from '../../shared/azure/part.ts';
import type { LockingPrincipalCount } from '../../shared/facts/locking-principal-count.ts';
import type { History } from '../../shared/triggers/history.ts';
import { updateHistory } from '../../shared/triggers/remember.ts';
import { needsNewCount } from '../../shared/triggers/remember-principals.ts';
import { guarded, protection } from './a-guarded-reading.ts';
import { daysAgo, known, NOW, unread } from './a-reading.ts';

function counted(before: History | undefined, part: Part<LockingPrincipalCount>): History {
  return updateHistory(before, guarded({ protection: protection({ lockingPrincipals: part }) }));
}
const count = (able: number, daysBefore: number, inTwoSteps = 0) =>
  known({ able, inTwoSteps }, daysAgo(daysBefore));

describe('the number of principals who can lock a policy', () => {
  test('that grows is remembered with the number before, for a week', () => {
    const first = counted(undefined, count(3, 20));
    assert.equal(first.principals?.grew, undefined);
    const grown = counted(first, count(5, 19));
    assert.deepEqual(grown.principals?.grew, { from: 3, at: daysAgo(19) });
    assert.deepEqual(counted(grown, count(5, 19)), grown, 'the same reading twice');
    const more = counted(grown, count(6, 18));
    assert.deepEqual(more.principals?.grew, { from: 3, at: daysAgo(19) });
    assert.equal(counted(more, count(6, 11)).principals?.grew, undefined);
  });

  test('that comes down again is no longer reported', () => {
    const grown = counted(counted(undefined, count(3, 3)), count(3, 2, 1));
    assert.equal(grown.principals?.grew?.from, 3);
    assert.equal(counted(grown, count(3, 1)).principals?.grew, undefined);
  });

  test('that could not be counted completely changes nothing', () => {
    const before = counted(undefined, count(3, 3));
    assert.deepEqual(counted(before, unread('forbidden')).principals, before.principals);
  });

  test('is counted once a day', () => {
    assert.ok(needsNewCount(undefined, NOW));
    const { principals } = counted(undefined, count(3, 0.9));
    assert.ok(!needsNewCount(principals, NOW));
    assert.ok(needsNewCount(counted(undefined, count(3, 1.1)).principals, NOW));
  });
});
