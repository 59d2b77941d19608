import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { paceAfter, readsOf, type SweepLoad, type SweepPace } from '../../shared/pipeline/sweep-interval.ts';
import type { SweepBounds } from '../../shared/visibility/interval-in-force.ts';

const BOUNDS: SweepBounds = { minMs: 5_000, maxMs: 480_000 };
const STEPS = [5, 10, 15, 30, 60, 120, 240, 480];
const calm = (reads: number): SweepLoad => ({ reads, isThrottled: false });
/** The interval in force, in seconds, after these sweeps. */
function after(loads: readonly SweepLoad[], bounds = BOUNDS): number[] {
  let pace: SweepPace = { intervalMs: bounds.minMs, calmSweeps: 0 };
  return loads.map((load) => {
    pace = paceAfter(pace, load, bounds);
    return pace.intervalMs / 1000;
  });
}
const times = <T>(count: number, of: T): T[] => Array.from({ length: count }, () => of);

describe('the interval', () => {
  it('is 5 s for 45 reads, 30 s for 205, and 120 s for 1,005', () => {
    assert.deepEqual(
      [45, 205, 1005].map((reads) => after([calm(reads)])[0]),
      [5, 30, 120],
    );
  });

  it('is the shortest step at which a sweep needs at most half of Azure’s refill, and the longest where none is', () => {
    fc.assert(
      fc.property(fc.nat(20_000), (reads) => {
        const [seconds = 0] = after([calm(reads)]);
        const halfOfRefill = (step: number) => 0.5 * 25 * step;
        assert.ok(reads <= halfOfRefill(seconds) || seconds === 480);
        for (const shorter of STEPS.filter((step) => step < seconds))
          assert.ok(reads > halfOfRefill(shorter));
      }),
    );
  });

  it('stays within its bounds, whatever happens, and is fixed where they are equal', () => {
    const load = fc.record({
      reads: fc.nat(20_000),
      readsLeft: fc.option(fc.nat(250), { nil: undefined }),
      isThrottled: fc.boolean(),
    });
    const bounds = fc
      .tuple(fc.integer({ min: 1, max: 1800 }), fc.integer({ min: 0, max: 1800 }))
      .map(([min, more]) => ({ minMs: min * 1000, maxMs: (min + more) * 1000 }));
    fc.assert(
      fc.property(bounds, fc.array(load, { maxLength: 40 }), ({ minMs, maxMs }, loads) => {
        for (const seconds of after(loads, { minMs, maxMs }))
          assert.ok(seconds * 1000 >= minMs && seconds * 1000 <= maxMs, `${seconds}`);
      }),
    );
    assert.deepEqual(
      after([calm(9000), { reads: 9000, isThrottled: true }], { minMs: 7000, maxMs: 7000 }),
      [7, 7],
    );
  });

  it('doubles with each sweep that Azure refused a read, up to four times what the size needs, and comes back by time', () => {
    const refused = (reads: number) => ({ reads, isThrottled: true });
    assert.deepEqual(after(times(4, refused(45))), [10, 15, 15, 15]);
    assert.deepEqual(after([calm(205), ...times(4, refused(205))]), [30, 60, 120, 120, 120]);
    assert.deepEqual(after([calm(1005), ...times(4, refused(1005))]), [120, 240, 480, 480, 480]);
    const back = after([...times(3, refused(45)), ...times(7, calm(45))]).slice(3);
    assert.deepEqual(back, [15, 10, 10, 10, 5, 5, 5]);
    assert.deepEqual(
      after([calm(205), ...times(2, refused(205)), ...times(4, calm(205))]).slice(3),
      [60, 60, 30, 30],
    );
  });

  it('comes back from 480 s in a quarter of an hour, whatever made it as long', () => {
    let pace: SweepPace = { intervalMs: 480_000, calmSweeps: 0 };
    let tookMs = 0;
    while (pace.intervalMs > 5_000) {
      tookMs += pace.intervalMs;
      pace = paceAfter(pace, calm(45), BOUNDS);
    }
    assert.ok(tookMs <= 18 * 60_000, `${tookMs / 60_000} min`);
  });

  it('never exceeds four times what the size needs because one sweep in three is refused a read', () => {
    const loads = Array.from({ length: 60 }, (_, n) => ({ reads: 45, isThrottled: n % 3 === 0 }));
    assert.ok(Math.max(...after(loads)) <= 20);
  });

  it('doubles once where few reads are left, and stays so as long as they are few', () => {
    const few = { reads: 205, readsLeft: 99, isThrottled: false };
    assert.deepEqual(after(times(5, few)), times(5, 60));
    assert.deepEqual(after([few, { ...few, readsLeft: 100 }, calm(205), calm(205)]), [60, 60, 30, 30]);
  });

  it('grows at once with the number of policies, and shrinks only after a calm time', () => {
    const loads = [calm(45), calm(1005), ...times(6, calm(205)), calm(45)];
    assert.deepEqual(after(loads), [5, 120, 60, 60, 30, 30, 30, 30, 15]);
  });

  it('never falls by more than half, so that no reading is late only because the interval has changed', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ reads: fc.nat(9000), isThrottled: fc.boolean() })), (loads) => {
        const seconds = after(loads);
        for (const [n, now] of seconds.entries()) assert.ok(now * 2 >= (seconds[n - 1] ?? 0));
      }),
    );
  });
});

describe('the reads that a sweep needs', () => {
  const sub = (n: number) => `/subscriptions/S${n}/resourceGroups/rg/providers`;
  const policy = (n: number, vaultIn: number, supported = true) => ({
    policyId: `${sub(n)}/Microsoft.PowerPlatform/enterprisePolicies/ep`,
    supported,
    history: {
      policyId: '',
      policy: { vaultId: `${sub(vaultIn)}/Microsoft.KeyVault/vaults/kv` },
    } as never,
  });

  it('are 2 for each policy where its vault is, and 5 for each subscription', () => {
    const reads = readsOf([policy(1, 1), policy(1, 2), policy(2, 2), policy(1, 1, false)], [], ['s1', 'S3']);
    assert.deepEqual(Object.fromEntries(reads), { s1: 7, s3: 5, s2: 9 });
  });

  it('count the policies that a sweep has only just found', () => {
    const found = `${sub(1)}/Microsoft.PowerPlatform/enterprisePolicies/new`;
    assert.deepEqual(Object.fromEntries(readsOf([], [found], ['s1'])), { s1: 7 });
  });
});
