import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { quantitiesOf } from '../../tools/costs/quantities.ts';
import {
  intervalSeconds,
  LARGE,
  largeUsage,
  MAX_POLICIES_A_SUBSCRIPTION,
  readsFor,
  scaleCostsTable,
  scaleLimitsTable,
} from '../../tools/costs/scale.ts';
import { costsOf } from '../../tools/costs/table.ts';

describe('the large tenant of docs/scale.md', () => {
  it('is swept at the interval of the subscription with most policies', () => {
    assert.deepEqual(
      [20, 100, 500].map((policies) => [readsFor(policies), intervalSeconds(policies)]),
      [
        [45, 5],
        [205, 30],
        [1005, 120],
      ],
    );
    assert.equal(largeUsage().sweepSeconds, intervalSeconds(LARGE.policies / LARGE.subscriptions));
  });

  it('names how many policies of one subscription the longest interval has time for', () => {
    assert.ok(readsFor(MAX_POLICIES_A_SUBSCRIPTION) <= 480 * 12.5);
    assert.ok(readsFor(MAX_POLICIES_A_SUBSCRIPTION + 1) > 480 * 12.5);
  });

  it('costs what its meters cost', () => {
    const total = costsOf(quantitiesOf(largeUsage())).reduce((sum, one) => sum + one, 0);
    assert.match(
      scaleCostsTable(),
      new RegExp(`sum with .auditLog.\\*\\* \\| \\| \\| \\*\\*${total.toFixed(0)}\\*\\*`),
    );
  });

  it('is below every limit that the page names', () => {
    const shares = [...scaleLimitsTable().matchAll(/\| (\d+) % \|/g)].map(([, share]) => Number(share));
    assert.ok(shares.length >= 4, scaleLimitsTable());
    for (const share of shares) assert.ok(share < 100, scaleLimitsTable());
  });

  it('is the one that the page describes', async () => {
    const text = await readFile(join(import.meta.dirname, '../../docs/scale.md'), 'utf8');
    for (const count of [LARGE.vaults, LARGE.policies, LARGE.environments])
      assert.ok(text.includes(count.toLocaleString('en-US')), `${count}`);
  });
});
