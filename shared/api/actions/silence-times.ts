import type { Silence } from '../../incidents/incident.ts';
import { MAX_SILENCE_DAYS, MAX_SILENCE_MS } from '../../incidents/silence-rows.ts';
import { ProblemError } from '../problem.ts';
import type { Moment } from './moment.ts';

const DAY_MS = 86_400_000;
const FURTHEST_DAYS = 365;
/** A repeated request counts its duration again; within this time it still means the same silence. */
const SAME_MS = 60_000;

/**
 * The end of a silence. `before`: the existing silence; if its end was computed from the same duration a
 * moment ago, it stays. Throws `ProblemError`.
 */
export function silenceUntil(
  asked: { until: Moment; why: string },
  before: Pick<Silence, 'until' | 'why'> | undefined,
  { from, now }: { from: string; now: string },
): string {
  const { until } = asked;
  if (until === 'now') return now;
  const end = 'at' in until ? Date.parse(until.at) : Date.parse(from) + until.afterMs;
  if (end <= Date.parse(now))
    throw new ProblemError(
      'bad-request',
      "'until' is past already: give a time to come, or now to end a silence.",
      'until',
    );
  if (end <= Date.parse(from))
    throw new ProblemError('bad-request', "'until' must come after 'from'.", 'until');
  if (end - Date.parse(from) > MAX_SILENCE_MS)
    throw new ProblemError(
      'bad-request',
      `'until' is too late: a silence lasts ${MAX_SILENCE_DAYS} days at most.`,
      'until',
    );
  const isSame = 'afterMs' in until && before?.why === asked.why && isClose(before.until, end);
  return isSame ? before.until : new Date(end).toISOString();
}

/** The begin and the end of a planned silence. Throws `ProblemError`. */
export function silenceTimes(
  asked: { from?: Moment | undefined; until: Moment; why: string; vaultId?: string | undefined },
  there: readonly Silence[],
  now: string,
): { from: string; until: string } {
  const { from = 'now', until, why, vaultId } = asked;
  const begin = beginOf(from, now);
  if (begin - Date.parse(now) > FURTHEST_DAYS * DAY_MS)
    throw new ProblemError(
      'bad-request',
      `'from' is more than ${FURTHEST_DAYS} days ahead: give an earlier time.`,
      'from',
    );
  const times = {
    from: new Date(begin).toISOString(),
    until: silenceUntil({ until, why }, undefined, { from: new Date(begin).toISOString(), now }),
  };
  const same = there.find(
    (one) =>
      one.why === why &&
      one.vaultId === vaultId &&
      (isPoint(from) ? one.from === times.from : isClose(one.from, begin)) &&
      (isPoint(until) ? one.until === times.until : isClose(one.until, Date.parse(times.until))),
  );
  return same ? { from: same.from, until: same.until } : times;
}

function beginOf(from: Moment, now: string): number {
  if (from === 'now') return Date.parse(now);
  return 'at' in from ? Date.parse(from.at) : Date.parse(now) + from.afterMs;
}

function isPoint(moment: Moment): boolean {
  return moment !== 'now' && 'at' in moment;
}

function isClose(at: string, time: number): boolean {
  return Math.abs(Date.parse(at) - time) <= SAME_MS;
}
