import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { gapKey } from '../../shared/incidents/ids.ts';
import type { Head } from '../../shared/incidents/incident.ts';
import { BrokenRow } from '../../shared/storage/storage-errors.ts';
import { nextSight } from '../../shared/visibility/next-visibility.ts';
import { blindSpots, type SeenNow } from '../../shared/visibility/visibility-gaps.ts';
import { NOTHING_BLIND, type Sight, type SightNotice } from '../../shared/visibility/visibility-state.ts';
import { aHead, aPolicyId } from '../api/status/a-head.ts';

const MINUTE = 60_000;
const BLIND_AFTER = 10 * MINUTE;
const JOIN = 15 * MINUTE;
const START = Date.UTC(2026, 0, 1);
const at = (ms: number) => new Date(START + ms).toISOString();

/** How a policy may be hidden at one sweep; the first: it is seen. */
const WAYS = [
  'seen',
  'vault forbidden',
  'vault timeout',
  'vault throttled',
  'environments unavailable',
  'permission forbidden',
  'policy forbidden',
  'unwritten',
  'not reached',
] as const;
type Way = (typeof WAYS)[number];

function seenWhere(states: Readonly<Record<string, Way>>, sight: Sight, now: string): SeenNow {
  const heads: Head[] = [];
  const unwritten: SeenNow['unwritten'][number][] = [];
  const notReached: string[] = [];
  for (const [name, way] of Object.entries(states)) {
    const [part = '', reason = ''] = way.split(' ');
    const isPart = ['vault', 'environments', 'permission', 'policy'].includes(part);
    const parts = isPart
      ? { [part]: { state: 'unknown' as const, reason, detail: `${way}.`, readAt: now } }
      : {};
    heads.push(aHead(name, { parts }));
    if (way === 'unwritten') unwritten.push({ policyId: aPolicyId(name), reason: new BrokenRow('too long') });
    if (way === 'not reached') notReached.push(aPolicyId(name));
  }
  return {
    heads,
    unwritten,
    notReached,
    beat: {},
    unlistable: [],
    subscriptions: [],
    tenants: {},
    watchedSubscriptions: ['11111111-2222-3333-4444-555555555555'],
    known: sight.spots,
    cutWays: [],
    unreadableRows: [],
    now,
    sweepIntervalMs: 30_000,
  };
}

/** One sweep each, some minutes after the last. */
interface Step {
  minutes: number;
  states: Readonly<Record<string, Way>>;
}

function play(
  story: readonly Step[],
  each: (step: Step, ms: number, notices: readonly SightNotice[]) => void,
): Sight {
  let sight = NOTHING_BLIND;
  let ms = 0;
  for (const step of story) {
    ms += step.minutes * MINUTE;
    const decided = nextSight(sight, blindSpots(seenWhere(step.states, sight, at(ms))), at(ms), BLIND_AFTER);
    // As it comes back from the store.
    sight = JSON.parse(JSON.stringify(decided.sight));
    each(step, ms, decided.notices);
  }
  return sight;
}

const NAMES = ['a', 'b', 'c', 'd'];
const MOST_MINUTES = 5;
const step = fc.record({
  minutes: fc.integer({ min: 1, max: MOST_MINUTES }),
  states: fc.record(
    Object.fromEntries(
      NAMES.map((name) => [
        name,
        // Mostly what lasts, else nothing is ever reported.
        fc.oneof(
          { arbitrary: fc.constantFrom(...WAYS), weight: 1 },
          { arbitrary: fc.constant('vault forbidden' as Way), weight: 3 },
        ),
      ]),
    ),
  ),
});
/** Each state lasts for some sweeps. */
const story = fc
  .array(fc.tuple(step, fc.integer({ min: 1, max: 8 })), { maxLength: 30 })
  .map((parts) => parts.flatMap(([one, times]) => Array.from({ length: times }, () => one)));

describe('on any history of what can not be seen', () => {
  it('each policy that stays invisible for longer than the delay and the joining is named in a notice', () => {
    fc.assert(
      fc.property(story, (steps) => {
        /** Which gaps people know to hold a policy, and since when it is hidden and nobody knows. */
        const known = new Map(NAMES.map((name) => [gapKey(aPolicyId(name)), new Set<string>()]));
        const unknownSince = new Map<string, number>();
        play(steps, ({ states }, ms, notices) => {
          for (const { reason, spots } of notices)
            for (const { id = '', policies = [] } of spots) {
              if (reason === 'blind') for (const { key } of policies) known.get(key)?.add(id);
              else for (const gaps of known.values()) gaps.delete(id);
            }
          for (const name of NAMES) {
            const isKnown = (known.get(gapKey(aPolicyId(name)))?.size ?? 0) > 0;
            if (states[name] === 'seen' || isKnown) unknownSince.delete(name);
            else {
              const since = unknownSince.get(name) ?? ms;
              unknownSince.set(name, since);
              assert.ok(ms - since <= BLIND_AFTER + JOIN, `${name} for ${(ms - since) / MINUTE} minutes`);
            }
          }
        });
      }),
      { numRuns: 200 },
    );
  });

  it('a gap is mentioned a few times an hour at most, and no policy twice in it while it stands', () => {
    fc.assert(
      fc.property(story, (steps) => {
        const mentions = new Map<string, number[]>();
        const named = new Map<string, number>();
        play(steps, (_, ms, notices) => {
          for (const { reason, spots } of notices)
            for (const { id = '', policies = [] } of spots) {
              const times = (mentions.get(id) ?? []).filter((time) => ms - time < 60 * MINUTE);
              mentions.set(id, [...times, ms]);
              assert.ok(times.length < 6, `${id} ${times.length + 1} times`);
              if (reason === 'sightRegained')
                for (const one of named.keys()) if (one.startsWith(`${id} `)) named.delete(one);
              for (const { key } of policies) {
                const before = named.get(`${id} ${key}`);
                assert.ok(before === undefined || ms - before >= 60 * MINUTE, `${key} twice in ${id}`);
                named.set(`${id} ${key}`, ms);
              }
            }
        });
      }),
      { numRuns: 200 },
    );
  });

  it('five hundred that disappear one after another are few notices, and each of them is named', () => {
    const names = Array.from({ length: 500 }, (_, n) => `p${n}`);
    const steps = Array.from({ length: 280 }, (_, n) => ({
      minutes: 1,
      states: Object.fromEntries(
        names.map((name, m) => [name, (m <= 2 * n ? 'vault forbidden' : 'seen') as Way]),
      ),
    }));
    const named = new Set<string>();
    let count = 0;
    play(steps, (_, __, notices) => {
      count += notices.length;
      for (const { spots } of notices)
        for (const gap of spots) for (const { name } of gap.policies ?? []) named.add(name);
    });
    assert.ok(count <= 1 + Math.ceil(250 / 15) + 1, `${count} notices`);
    assert.deepEqual(
      names.filter((name) => !named.has(name)),
      [],
    );
  });

  it('a clock that ran ahead holds no notice back for longer than a right one would', () => {
    const dark = (name: string) => ({
      minutes: 1,
      states: { a: 'vault forbidden' as Way, [name]: 'vault forbidden' as Way },
    });
    let sight = play([dark('a'), { ...dark('a'), minutes: 24 * 60 }], () => {});
    const told: string[] = [];
    for (let minute = 0; minute <= 40; minute += 5) {
      const now = at(minute * MINUTE);
      const decided = nextSight(sight, blindSpots(seenWhere(dark('b').states, sight, now)), now, BLIND_AFTER);
      told.push(...decided.notices.flatMap(({ spots }) => spots.map(({ text }) => `${minute}: ${text}`)));
      sight = decided.sight;
    }
    assert.deepEqual(told, ["10: The key vault of policy b can't be read. A lock there may go unnoticed."]);
  });
});
