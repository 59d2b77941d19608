import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { gapKey } from '../../shared/incidents/ids.ts';
import type { PolicyState } from '../../shared/incidents/incident.ts';
import { BrokenRowError } from '../../shared/storage/storage-errors.ts';
import { nextVisibility } from '../../shared/visibility/next-visibility.ts';
import { type SeenNow, visibilityGaps } from '../../shared/visibility/visibility-gaps.ts';
import { NO_GAPS, type Visibility, type VisibilityNotice } from '../../shared/visibility/visibility-state.ts';
import { aPolicyId, aPolicyState } from '../api/status/a-head.ts';

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
type DetectionSource = (typeof WAYS)[number];

function seenWhere(
  states: Readonly<Record<string, DetectionSource>>,
  visibility: Visibility,
  now: string,
): SeenNow {
  const policyStates: PolicyState[] = [];
  const unwritten: SeenNow['unwritten'][number][] = [];
  const notReached: string[] = [];
  for (const [name, lostSource] of Object.entries(states)) {
    const [part = '', reason = ''] = lostSource.split(' ');
    const isPart = ['vault', 'environments', 'permission', 'policy'].includes(part);
    const parts = isPart
      ? { [part]: { state: 'unknown' as const, reason, detail: `${lostSource}.`, readAt: now } }
      : {};
    policyStates.push(aPolicyState(name, { parts }));
    if (lostSource === 'unwritten')
      unwritten.push({ policyId: aPolicyId(name), reason: new BrokenRowError('too long') });
    if (lostSource === 'not reached') notReached.push(aPolicyId(name));
  }
  return {
    policyStates,
    unwritten,
    notReached,
    heartbeat: {},
    unlistable: [],
    subscriptions: [],
    tenants: {},
    watchedSubscriptions: ['11111111-2222-3333-4444-555555555555'],
    known: visibility.gaps,
    lostEventSources: [],
    unreadableRows: [],
    now,
    sweepIntervalMs: 30_000,
  };
}

/** One sweep each, some minutes after the last. */
interface Step {
  minutes: number;
  states: Readonly<Record<string, DetectionSource>>;
}

function play(
  story: readonly Step[],
  each: (step: Step, ms: number, notices: readonly VisibilityNotice[]) => void,
): Visibility {
  let visibility = NO_GAPS;
  let ms = 0;
  for (const step of story) {
    ms += step.minutes * MINUTE;
    const decided = nextVisibility(
      visibility,
      visibilityGaps(seenWhere(step.states, visibility, at(ms))),
      at(ms),
      BLIND_AFTER,
    );
    // As it comes back from the store.
    visibility = JSON.parse(JSON.stringify(decided.visibility));
    each(step, ms, decided.notices);
  }
  return visibility;
}

const NAMES = ['a', 'b', 'c', 'd'];
const MAX_MINUTES = 5;
const step = fc.record({
  minutes: fc.integer({ min: 1, max: MAX_MINUTES }),
  states: fc.record(
    Object.fromEntries(
      NAMES.map((name) => [
        name,
        // Mostly what lasts, else nothing is ever reported.
        fc.oneof(
          { arbitrary: fc.constantFrom(...WAYS), weight: 1 },
          { arbitrary: fc.constant('vault forbidden' as DetectionSource), weight: 3 },
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
          for (const { reason, gaps } of notices)
            for (const { id = '', policies = [] } of gaps) {
              if (reason === 'visibilityLost') for (const { key } of policies) known.get(key)?.add(id);
              else for (const found of known.values()) found.delete(id);
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
          for (const { reason, gaps } of notices)
            for (const { id = '', policies = [] } of gaps) {
              const times = (mentions.get(id) ?? []).filter((time) => ms - time < 60 * MINUTE);
              mentions.set(id, [...times, ms]);
              assert.ok(times.length < 6, `${id} ${times.length + 1} times`);
              if (reason === 'visibilityRestored')
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
        names.map((name, m) => [name, (m <= 2 * n ? 'vault forbidden' : 'seen') as DetectionSource]),
      ),
    }));
    const named = new Set<string>();
    let count = 0;
    play(steps, (_, __, notices) => {
      count += notices.length;
      for (const { gaps } of notices)
        for (const gap of gaps) for (const { name } of gap.policies ?? []) named.add(name);
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
      states: { a: 'vault forbidden' as DetectionSource, [name]: 'vault forbidden' as DetectionSource },
    });
    let visibility = play([dark('a'), { ...dark('a'), minutes: 24 * 60 }], () => {});
    const told: string[] = [];
    for (let minute = 0; minute <= 40; minute += 5) {
      const now = at(minute * MINUTE);
      const decided = nextVisibility(
        visibility,
        visibilityGaps(seenWhere(dark('b').states, visibility, now)),
        now,
        BLIND_AFTER,
      );
      told.push(...decided.notices.flatMap(({ gaps }) => gaps.map(({ text }) => `${minute}: ${text}`)));
      visibility = decided.visibility;
    }
    assert.deepEqual(told, ["10: The key vault of policy b can't be read. A lock there may go unnoticed."]);
  });
});
