import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { QuotaSeen } from '../../shared/azure/arm-rate-limit.ts';
import { paceAfter, readsOf, type SweepPace, slowedAfter } from '../../shared/pipeline/sweep-interval.ts';
import type { SweepBounds } from '../../shared/visibility/interval-in-force.ts';
import {
  policyInterval,
  type SlowedSubscriptions,
  slowedFrom,
  slowedText,
} from '../../shared/visibility/slowed-subscriptions.ts';

const BOUNDS: SweepBounds = { minMs: 5_000, maxMs: 480_000 };
const STEPS = [5, 10, 15, 30, 60, 120, 240, 480];
const CALM: QuotaSeen = { isThrottled: false };
const REFUSED: QuotaSeen = { isThrottled: true };
const FEW: QuotaSeen = { isThrottled: false, readsLeft: 99 };
/** The interval in force, in seconds, after sweeps that need so many reads. */
function after(reads: readonly number[], bounds = BOUNDS): number[] {
  let pace: SweepPace = { intervalMs: bounds.minMs, calmSweeps: 0 };
  return reads.map((count) => {
    pace = paceAfter(pace, count, bounds);
    return pace.intervalMs / 1000;
  });
}
/** The intervals of `s1`, in seconds, after sweeps so many seconds apart; that of the sweeps where it is not slowed. */
function slowed(everySeconds: number, says: readonly (QuotaSeen | undefined)[], bounds = BOUNDS): number[] {
  const sweepIntervalMs = everySeconds * 1000;
  let now: SlowedSubscriptions = new Map();
  return says.map((seen, n) => {
    const quota = new Map(seen ? [['s1', seen] as const] : []);
    const at = new Date(n * sweepIntervalMs).toISOString();
    now = slowedAfter(slowedFrom(slowedText(now)), quota, { sweepIntervalMs, bounds, now: at });
    return (now.get('s1')?.intervalMs ?? sweepIntervalMs) / 1000;
  });
}
const times = <T>(count: number, of: T): T[] => Array.from({ length: count }, () => of);

describe('the interval', () => {
  it('is 5 s for 45 reads, 30 s for 205, and 120 s for 1,005', () => {
    assert.deepEqual(
      [45, 205, 1005].map((reads) => after([reads])[0]),
      [5, 30, 120],
    );
  });

  it('is the shortest step at which a sweep needs at most half of Azure’s refill, and the longest where none is', () => {
    fc.assert(
      fc.property(fc.nat(20_000), (reads) => {
        const [seconds = 0] = after([reads]);
        const halfOfRefill = (step: number) => 0.5 * 25 * step;
        assert.ok(reads <= halfOfRefill(seconds) || seconds === 480);
        for (const shorter of STEPS.filter((step) => step < seconds))
          assert.ok(reads > halfOfRefill(shorter));
      }),
    );
  });

  it('stays within its bounds, whatever happens, and is fixed where they are equal', () => {
    const seen = fc.record({
      readsLeft: fc.option(fc.nat(250), { nil: undefined }),
      isThrottled: fc.boolean(),
    });
    const says = fc.array(fc.option(seen, { nil: undefined }), { maxLength: 40 });
    const reads = fc.array(fc.nat(20_000), { maxLength: 40 });
    const bounds = fc
      .tuple(fc.integer({ min: 1, max: 1800 }), fc.integer({ min: 0, max: 1800 }))
      .map(([min, more]) => ({ minMs: min * 1000, maxMs: (min + more) * 1000 }));
    fc.assert(
      fc.property(bounds, reads, says, ({ minMs, maxMs }, ofSweeps, ofAzure) => {
        const within = { minMs, maxMs };
        for (const seconds of [...after(ofSweeps, within), ...slowed(minMs / 1000, ofAzure, within)])
          assert.ok(seconds * 1000 >= minMs && seconds * 1000 <= maxMs, `${seconds}`);
      }),
    );
    const fixed = { minMs: 7000, maxMs: 7000 };
    assert.deepEqual([...after([9000, 45], fixed), ...slowed(7, [REFUSED, FEW], fixed)], [7, 7, 7, 7]);
  });

  it('comes back from 480 s in a quarter of an hour, whatever made it as long', () => {
    let pace: SweepPace = { intervalMs: 480_000, calmSweeps: 0 };
    let tookMs = 0;
    while (pace.intervalMs > 5_000) {
      tookMs += pace.intervalMs;
      pace = paceAfter(pace, 45, BOUNDS);
    }
    assert.ok(tookMs <= 18 * 60_000, `${tookMs / 60_000} min`);
  });

  it('grows at once with the number of policies, and shrinks only after a calm time', () => {
    const reads = [45, 1005, ...times(6, 205), 45];
    assert.deepEqual(after(reads), [5, 120, 60, 60, 30, 30, 30, 30, 15]);
  });

  it('never falls by more than half, so that no reading is late only because the interval has changed', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9000)), (reads) => {
        const seconds = after(reads);
        for (const [n, now] of seconds.entries()) assert.ok(now * 2 >= (seconds[n - 1] ?? 0));
      }),
    );
  });
});

describe('the interval of a subscription in which reads are scarce', () => {
  it('doubles with each sweep that Azure refused a read, up to four times that of the sweeps, and comes back by time', () => {
    assert.deepEqual(slowed(5, times(4, REFUSED)), [10, 15, 15, 15]);
    assert.deepEqual(slowed(30, times(4, REFUSED)), [60, 120, 120, 120]);
    assert.deepEqual(slowed(120, times(4, REFUSED)), [240, 480, 480, 480]);
    assert.deepEqual(
      slowed(5, [...times(3, REFUSED), ...times(13, CALM)]).slice(3),
      [15, 15, 15, 15, 15, 10, 10, 10, 10, 10, 10, 5, 5],
    );
    assert.deepEqual(
      slowed(30, [...times(2, REFUSED), ...times(8, CALM)]).slice(2),
      [120, 120, 120, 120, 60, 60, 60, 30],
    );
  });

  it('never exceeds four times that of the sweeps because one sweep in three is refused a read', () => {
    assert.ok(Math.max(...slowed(5, [...times(20, [REFUSED, CALM, CALM])].flat())) <= 20);
  });

  it('doubles once where few reads are left, and stays so as long as they are few', () => {
    assert.deepEqual(slowed(30, times(5, FEW)), times(5, 60));
    assert.deepEqual(slowed(30, [FEW, { ...FEW, readsLeft: 100 }, CALM, CALM, CALM]), [60, 60, 60, 30, 30]);
  });

  it('stays until it was read again: sweeps that ask nothing there prove nothing', () => {
    const says = [REFUSED, REFUSED, undefined, undefined, undefined, REFUSED, undefined];
    assert.deepEqual(slowed(30, says).slice(1), [120, 120, 120, 120, 120, 120]);
  });

  it('leaves all other subscriptions alone, and that of the sweeps', () => {
    const quota = new Map([
      ['s1', REFUSED],
      ['s2', CALM],
    ]);
    const now = new Date(0).toISOString();
    const next = slowedAfter(new Map(), quota, { sweepIntervalMs: 5_000, bounds: BOUNDS, now });
    assert.deepEqual([...next.keys()], ['s1']);
    const policyIn = (of: string, vaultIn: string) => ({
      policyId: `/subscriptions/${of}/resourceGroups/rg/providers/Microsoft.PowerPlatform/enterprisePolicies/ep`,
      history: {
        policyId: '',
        policy: {
          vaultId: `/subscriptions/${vaultIn}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv`,
        },
      } as never,
    });
    const intervals = { sweepIntervalMs: 5_000, slowed: next };
    assert.deepEqual(
      [policyIn('S1', 'S1'), policyIn('S1', 'S2'), policyIn('S2', 'S1'), policyIn('S2', 'S2')].map((one) =>
        policyInterval(one, intervals),
      ),
      [10_000, 10_000, 10_000, 5_000],
    );
  });

  it('is forgotten where its row is unreadable or from a clock that ran ahead', () => {
    for (const text of ['', 'x', '{}', '[1]', '[["s1"]]', '[["s1",{"intervalMs":"9"}]]', '[["s1",null]]'])
      assert.deepEqual([...slowedFrom(text)], [], text);
    const ahead = new Map([['s1', { intervalMs: 20_000, since: '2099-01-01T00:00:00.000Z' }]]);
    const at = { sweepIntervalMs: 5_000, bounds: BOUNDS, now: '2026-01-01T00:00:00.000Z' };
    assert.equal(slowedAfter(ahead, new Map(), at).get('s1')?.intervalMs, 15_000);
    assert.ok(
      slowedText(
        new Map(
          Array.from({ length: 5000 }, (_, n) => [
            `${n}`,
            { intervalMs: 20_000, since: '2026-01-01T00:00:00.000Z' },
          ]),
        ),
      ).length < 30_000,
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
