import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { armRateLimit } from '../../shared/azure/arm-rate-limit.ts';
import { type Deadline, deadlineIn } from '../../shared/azure/deadline.ts';
import type { RateLimiter, Release } from '../../shared/azure/rate-limiter.ts';
import type { RateLimitOptions } from '../../shared/azure/subscription-limit.ts';
import { handClock } from './hand-clock.ts';

const address = (subscription: string) =>
  new URL(`https://management.azure.com/subscriptions/${subscription}/providers/x`);
const ONE = address('One');
const never = new AbortController().signal;

function stage(options: Partial<RateLimitOptions> = {}) {
  const clock = handClock();
  return { clock, budget: armRateLimit({ clock, concurrency: 10_000, ...options }), ...times(clock) };
}

/** Sends so many requests through a gate at once; at which times, in milliseconds from now, they were let through. */
function times(clock: ReturnType<typeof handClock>) {
  return {
    async enterMany(
      rateLimiter: RateLimiter,
      count: number,
      deadline: Deadline,
      url = ONE,
    ): Promise<number[]> {
      const began = clock.nowMs();
      const entered = Array.from({ length: count }, async () => {
        const leave = await rateLimiter.enter(url, deadline, never);
        leave?.();
        return leave ? clock.nowMs() - began : undefined;
      });
      return (await clock.drive(Promise.all(entered))).filter((at) => at !== undefined);
    },
  };
}

describe("Azure Resource Manager's budget", () => {
  it('gives a sweep 150 requests at once and 15 a second, of 250 and 25', async () => {
    const { budget, clock, enterMany } = stage();
    const at = await enterMany(budget.forSweep(), 1000, deadlineIn(10_000, clock));
    assert.equal(at.filter((ms) => ms === 0).length, 150);
    assert.ok(Math.abs(at.length - 300) <= 1, `${at.length}`);
    assert.ok(Math.abs((at.at(-1) ?? 0) - 10_000) < 100);
  });

  it('gives two sweeps at a time no more than one', async () => {
    const { budget, clock, enterMany } = stage();
    const [first, second] = await clock.drive(
      Promise.all([
        enterMany(budget.forSweep(), 500, deadlineIn(4000, clock)),
        enterMany(budget.forSweep(), 500, deadlineIn(4000, clock)),
      ]),
    );
    assert.ok(Math.abs(first.length + second.length - 210) <= 1, `${first.length} + ${second.length}`);
  });

  it('has a hundred for signals, and 10 a second, whatever a sweep takes', async () => {
    const { budget, clock, enterMany } = stage();
    await enterMany(budget.forSweep(), 150, deadlineIn(10_000, clock));
    const deadline = deadlineIn(4000, clock);
    const [signals, sweep] = await clock.drive(
      Promise.all([enterMany(budget.forSignal, 500, deadline), enterMany(budget.forSweep(), 500, deadline)]),
    );
    assert.equal(signals.filter((ms) => ms === 0).length, 100);
    // Signals that wait come before a sweep's requests.
    assert.ok(Math.abs(signals.length - 200) <= 1, `${signals.length}`);
    assert.equal(sweep.length, 0);
  });

  it('lets signals use all of it where no sweep does', async () => {
    const { budget, clock, enterMany } = stage();
    const at = await enterMany(budget.forSignal, 300, deadlineIn(10_000, clock));
    assert.equal(at.filter((ms) => ms === 0).length, 250);
    assert.equal(at.length, 300);
  });

  it('stands for each subscription by itself, however its id is spelled', async () => {
    const { budget, clock, enterMany } = stage();
    const deadline = deadlineIn(1000, clock);
    await enterMany(budget.forSweep(), 150, deadline);
    assert.deepEqual(await enterMany(budget.forSweep(), 1, deadline, address('ONE')), [67]);
    assert.equal((await enterMany(budget.forSweep(), 150, deadline, address('two'))).at(-1), 0);
  });

  it('says at once where a request could not go before its deadline', async () => {
    const { budget, clock, enterMany } = stage();
    budget.forSignal.throttled(ONE, clock.nowMs() + 30_000);
    const began = clock.nowMs();
    assert.deepEqual(await enterMany(budget.forSignal, 3, deadlineIn(10_000, clock)), []);
    assert.deepEqual(await enterMany(budget.forSweep(), 3, deadlineIn(10_000, clock)), []);
    assert.equal(clock.nowMs(), began);
  });

  it('is empty in one subscription until Azure’s Retry-After, for signals and sweeps alike', async () => {
    const { budget, clock, enterMany } = stage();
    budget.forSweep().throttled(ONE, clock.nowMs() + 5000);
    const deadline = deadlineIn(60_000, clock);
    assert.deepEqual(await enterMany(budget.forSignal, 2, deadline), [5040, 5080]);
    const { budget: other, enterMany: enterOther, clock: otherClock } = stage();
    other.forSignal.throttled(ONE, otherClock.nowMs() + 5000);
    assert.deepEqual(await enterOther(other.forSweep(), 1, deadlineIn(60_000, otherClock)), [5067]);
    assert.deepEqual(await enterMany(budget.forSignal, 1, deadline, address('two')), [0]);
  });
});

describe('a reservation', () => {
  const of = (count: number) => new Map([['one', count]]);

  it('holds what it took for the requests of its own pass', async () => {
    const { budget, clock, enterMany } = stage();
    const [mine, other] = [budget.forSweep(), budget.forSweep()];
    const deadline = deadlineIn(1000, clock);
    assert.equal(await clock.drive(mine.reserve(of(150), deadline)), 'reserved');
    assert.deepEqual(await enterMany(other, 1, deadline), [67]);
    assert.equal((await enterMany(mine, 150, deadline)).at(-1), 0);
  });

  it('waits for what is not there yet, more than the bucket holds too, and its turn', async () => {
    const { budget, clock } = stage();
    const rateLimiter = budget.forSweep();
    const deadline = deadlineIn(60_000, clock);
    const order: string[] = [];
    const began = clock.nowMs();
    const took = async (name: string, count: number) => {
      assert.equal(await rateLimiter.reserve(of(count), deadline), 'reserved');
      order.push(`${name} ${Math.round((clock.nowMs() - began) / 1000)} s`);
    };
    await clock.drive(Promise.all([took('large', 300), took('small', 15)]));
    assert.deepEqual(order, ['large 10 s', 'small 11 s']);
  });

  it('that can not be had in time is refused at once, takes nothing, and lets a smaller one have it', async () => {
    const { budget, clock, enterMany } = stage();
    const rateLimiter = budget.forSweep();
    const began = clock.nowMs();
    const deadline = deadlineIn(2000, clock);
    assert.equal(await clock.drive(rateLimiter.reserve(of(190), deadline)), 'short');
    assert.equal(clock.nowMs(), began);
    assert.equal(
      await clock.drive(
        rateLimiter.reserve(
          new Map([
            ['two', 5],
            ['one', 190],
          ]),
          deadline,
        ),
      ),
      'short',
    );
    assert.equal(await clock.drive(rateLimiter.reserve(of(150), deadline)), 'reserved');
    assert.equal((await enterMany(rateLimiter, 150, deadline)).at(-1), 0);
    assert.equal((await enterMany(rateLimiter, 150, deadline, address('two'))).at(-1), 0, 'given back');
  });

  it('gives back what it has where Azure throttles meanwhile', async () => {
    const { budget, clock } = stage();
    const rateLimiter = budget.forSweep();
    const deadline = deadlineIn(10_000, clock);
    const reserved = rateLimiter.reserve(of(200), deadline);
    rateLimiter.throttled(ONE, clock.nowMs() + 9000);
    assert.equal(await clock.drive(reserved), 'short', 'its 9 s are over before the deadline');
    rateLimiter.throttled(ONE, clock.nowMs() + 11_000);
    assert.equal(await clock.drive(rateLimiter.reserve(of(1), deadline)), 'throttled');
  });
});

it('a sweep has only its share of the requests under way, and a signal finds room beside it', async () => {
  const { budget, clock } = stage({ concurrency: 10 });
  const deadline = deadlineIn(1000, clock);
  const enter = (rateLimiter: RateLimiter) => {
    const state: { leave?: Release } = {};
    rateLimiter.enter(ONE, deadline, never).then((leave) => {
      state.leave = leave;
    });
    return state;
  };
  const sweeps = Array.from({ length: 20 }, () => enter(budget.forSweep()));
  await clock.advance(0);
  const underWay = () => sweeps.filter(({ leave }) => leave).length;
  assert.equal(underWay(), 6);
  const signals = Array.from({ length: 6 }, () => enter(budget.forSignal));
  await clock.advance(0);
  assert.equal(signals.filter(({ leave }) => leave).length, 4);
  sweeps[0]?.leave?.();
  await clock.advance(0);
  assert.equal(signals.filter(({ leave }) => leave).length, 5, 'the signal came first');
});

it('a request that nobody waits for any more gives back what it took', async () => {
  const { budget, clock, enterMany } = stage({ concurrency: 1 });
  const rateLimiter = budget.forSignal;
  const deadline = deadlineIn(60_000, clock);
  const hold = await rateLimiter.enter(ONE, deadline, never);
  const gone = new AbortController();
  const forgotten = Array.from({ length: 249 }, async () => {
    const leave = await rateLimiter.enter(ONE, deadline, gone.signal);
    leave?.();
  });
  await clock.advance(0);
  gone.abort();
  hold?.();
  await Promise.all(forgotten);
  assert.equal((await enterMany(rateLimiter, 249, deadline)).at(-1), 0);
});

describe('what a sweep says of its quota', () => {
  it('is throttled also where it only waits for the end of an earlier sweep’s Retry-After', async () => {
    const { budget, clock, enterMany } = stage();
    budget.forSweep().throttled(ONE, clock.nowMs() + 120_000);
    const reserving = budget.forSweep();
    const of = new Map([['one', 2]]);
    assert.equal(await clock.drive(reserving.reserve(of, deadlineIn(10_000, clock))), 'throttled');
    const asking = budget.forSweep();
    assert.deepEqual(await enterMany(asking, 1, deadlineIn(10_000, clock)), []);
    assert.deepEqual(
      [reserving, asking].map((sweep) => sweep.quota().get('one')?.isThrottled),
      [true, true],
    );
    await clock.advance(121_000);
    const later = budget.forSweep();
    assert.equal(await clock.drive(later.reserve(of, deadlineIn(10_000, clock))), 'reserved');
    assert.equal(later.quota().get('one')?.isThrottled, false);
  });

  for (const { signals, foreign } of [
    { signals: 0, foreign: 0 },
    { signals: 6, foreign: 0 },
    { signals: 24, foreign: 0 },
    { signals: 60, foreign: 0 },
    { signals: 24, foreign: 12.5 },
  ])
    it(`counts ${signals} reads of our own signals as left, and ${foreign} a second of another reader as gone`, async () => {
      const { budget, clock } = stage();
      // Azure's own bucket: a sweep of 100 policies empties it to what is for signals.
      let level = 250;
      let asOf = clock.nowMs();
      const azure = () => {
        level = Math.min(250, level + ((clock.nowMs() - asOf) / 1000) * (25 - foreign)) - 1;
        asOf = clock.nowMs();
        return Math.floor(level);
      };
      const sweep = budget.forSweep();
      const one = async (rateLimiter: RateLimiter) => {
        const leave = await rateLimiter.enter(ONE, deadlineIn(24_000, clock), never);
        await clock.sleep(30);
        const left = azure();
        rateLimiter.left?.(ONE, left);
        leave?.();
      };
      await clock.drive(
        Promise.all([
          ...Array.from({ length: 205 }, () => one(sweep)),
          clock
            .sleep(300)
            .then(() => Promise.all(Array.from({ length: signals }, () => one(budget.forSignal)))),
        ]),
      );
      const { readsLeft = 0 } = sweep.quota().get('one') ?? {};
      if (foreign === 0) assert.ok(readsLeft >= 100, `${readsLeft}`);
      else assert.ok(readsLeft < 100, `${readsLeft}`);
    });
});
