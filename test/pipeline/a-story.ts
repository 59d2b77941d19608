import assert from 'node:assert/strict';
import type { NoticeReason } from '../../shared/incidents/notice-reason.ts';
import type { Notice } from '../../shared/notices/notice.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import type { World } from './a-world.ts';

/**
 * A story told on a clock turned by hand: what happens is pushed at its time, and what people must get is wanted in its
 * window, on every channel. At the end each notice that came was wanted, and each that was wanted came.
 *
 *   story.push('0d 10:00', 'somebody disables the key', (world) => …)
 *   story.want('opened', '0d 10:00', '0d 10:05', /offline/)
 */
export interface Story {
  push(at: string, what: string, act: (world: World) => unknown): void;
  want(reason: NoticeReason, from: string, to: string, says?: RegExp): void;
  /** Sweeps at every interval near what happens or is wanted, and rarely between; gives what the first channel got. */
  play(until: string): Promise<Told[]>;
}

export interface Told {
  at: string;
  notice: Notice;
}

export function aStory(world: World): Story {
  const begin = world.clock.nowMs();
  const pushed: { at: number; what: string; act: (world: World) => unknown }[] = [];
  const wanted: { reason: NoticeReason; from: number; to: number; says?: RegExp }[] = [];
  return {
    push: (at, what, act) => {
      pushed.push({ at: momentOf(at), what, act });
    },
    want: (reason, from, to, says) => {
      wanted.push({ reason, from: momentOf(from), to: momentOf(to), says });
    },
    async play(until) {
      const order = pushed.toSorted((a, b) => a.at - b.at);
      const end = momentOf(until);
      const times = [...order.map(({ at }) => at), ...wanted.flatMap(({ from, to }) => [from, to])];
      const isNear = (now: number) => times.some((at) => at >= now - NEAR && at < now + QUIET);
      for (let now = 0, step = 0; now <= end; now += step) {
        step = isNear(now) ? world.ports.config.sweepBounds.minMs : QUIET;
        const due = order.filter(({ at }) => at >= now && at < now + step);
        for (const { at, act } of due) {
          await turnTo(world, begin + at);
          await world.clock.drive(Promise.resolve(act(world)));
        }
        await turnTo(world, begin + now + step);
        await world.clock.drive(sweep(world.ports));
      }
      const [first, ...others] = world.channels.map(({ sent }) =>
        sent.map((notice) => ({ at: timeOf(Date.parse(notice.at) - begin), notice })),
      );
      assert.ok(first);
      for (const other of others)
        assert.deepEqual(linesOf(other), linesOf(first), 'every channel tells the same');
      assertWanted(first, wanted, begin);
      return first;
    },
  };
}

/** What comes in between, unwanted, comes at one of these sweeps too. */
const QUIET = 20 * 60_000;
const NEAR = 30 * 60_000;

/** In the order of time: the n-th notice is the n-th that was wanted. A difference shows the whole story. */
function assertWanted(
  told: Told[],
  wanted: readonly { reason: NoticeReason; from: number; to: number; says?: RegExp }[],
  begin: number,
): void {
  const inOrder = wanted.toSorted((a, b) => a.from - b.from);
  assert.deepEqual(
    told.map(({ notice }) => notice.reason),
    inOrder.map(({ reason }) => reason),
    `told:\n${linesOf(told).join('\n')}`,
  );
  for (const [n, { reason, from, to, says }] of inOrder.entries()) {
    const notice = told[n]?.notice ?? assert.fail();
    const at = Date.parse(notice.at) - begin;
    assert.ok(
      at >= from && at <= to,
      `${reason} came at ${timeOf(at)}, wanted ${timeOf(from)} to ${timeOf(to)}`,
    );
    const because = notice.incidents.map((one) => one.because).join(' ');
    if (says) assert.match(because, says);
  }
}

function linesOf(told: readonly Told[]): string[] {
  return told.map(
    ({ at, notice }) => `${at} ${notice.reason}: ${notice.incidents.map(({ because }) => because).join(' ')}`,
  );
}

async function turnTo(world: World, ms: number): Promise<void> {
  const ahead = ms - world.clock.nowMs();
  if (ahead > 0) await world.clock.advance(ahead);
}

/** "1d 09:30" in milliseconds from the story's begin. */
function momentOf(text: string): number {
  const [, days, hours, minutes] = /^(\d+)d (\d\d):(\d\d)$/.exec(text) ?? assert.fail(`'${text}' is no time`);
  return ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60_000;
}

function timeOf(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${Math.floor(minutes / 1440)}d ${two(Math.floor(minutes / 60) % 24)}:${two(minutes % 60)}`;
}
