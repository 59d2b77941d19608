import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { shortKey } from '../../shared/incidents/ids.ts';
import { visibilityRows } from '../../shared/notices/outbox.ts';
import { tableStore } from '../../shared/storage/table-store.ts';
import { MAX_WARNINGS, NOBODY_WARNED, nextDigest, type Warned } from '../../shared/visibility/digest.ts';
import { MAX_POLICIES, nextVisibility } from '../../shared/visibility/next-visibility.ts';
import {
  NO_GAPS,
  type Visibility,
  type VisibilityGap,
  type VisibilityNotice,
} from '../../shared/visibility/visibility-state.ts';
import { aPolicyState } from '../api/status/a-head.ts';
import { memoryTable } from '../simulation/memory-table.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();

function gapOf(id: string, count: number): VisibilityGap {
  const policies = Array.from({ length: count }, (_, n) => ({
    key: shortKey(`${id}${n}`),
    name: `${id}-${n}`,
  }));
  return { id, text: `${id} is dark`, remediation: 'give it light', urgent: false, policies };
}

/** Sweeps at these minutes; what is noticed at each. */
function play(
  gaps: readonly VisibilityGap[],
  minutes: readonly number[],
): { visibility: Visibility; notices: VisibilityNotice[][] } {
  let visibility = NO_GAPS;
  const notices = minutes.map((minute) => {
    const step = nextVisibility(visibility, gaps, at(minute), 600_000);
    visibility = step.visibility;
    return step.notices;
  });
  return { visibility, notices };
}

describe('however much can not be seen', () => {
  it('so many policies are remembered, the rest is counted, and none of it is repeated', () => {
    const { visibility, notices } = play(
      [gapOf('read|a', MAX_POLICIES - 10), gapOf('read|b', 30)],
      [0, 10, 30, 60, 600],
    );
    const history = Object.values(visibility.gaps).map(({ policies = {} }) => Object.keys(policies).length);
    assert.deepEqual(history, [MAX_POLICIES - 10, 10]);
    assert.deepEqual(
      notices.map(({ length }) => length),
      [0, 1, 0, 0, 0],
    );
    const [a, b] = notices[1]?.[0]?.gaps ?? [];
    assert.equal((a?.policies?.length ?? 0) + (a?.morePolicies ?? 0), MAX_POLICIES - 10);
    assert.equal((b?.policies?.length ?? 0) + (b?.morePolicies ?? 0), 30);
  });

  it('what people know of is not pushed out by what is new', () => {
    const known = play([gapOf('read|known', 1)], [0, 10]);
    const flood = Array.from({ length: 2000 }, (_, n) => gapOf(`list|${n}`, 1));
    const step = nextVisibility(known.visibility, [...flood, gapOf('read|known', 1)], at(11), 600_000);
    assert.deepEqual(step.notices, []);
    assert.ok('read|known' in step.visibility.gaps);
    assert.ok(Object.keys(step.visibility.gaps).length <= 500);
  });

  it('more warnings than are remembered make no digest at each sweep', () => {
    const findings = Array.from({ length: MAX_WARNINGS + 5 }, (_, n) => ({
      advisory: 'key-expiring' as const,
      verdict: 'present' as const,
      severity: 'urgent' as const,
      summary: `${n} expires`,
      evidence: [],
      remediation: [],
      scope: `${n}`,
    }));
    const policyStates = [aPolicyState('p', { advisories: { readAt: at(0), findings } })];
    let warned: Warned = NOBODY_WARNED;
    const digests = [0, 1, 2].map((minute) => {
      const step = nextDigest(warned, policyStates, at(minute));
      warned = step.warned;
      return step.items.length > 0;
    });
    assert.deepEqual(digests, [true, false, false]);
    assert.equal(Object.keys(warned.known).length, MAX_WARNINGS);
  });
});

it('a memory that is full, and the notices of six channels with it, fit into one transaction', async () => {
  const random = () => shortKey(`${Math.random()}`);
  const moment = () => at(Math.floor(Math.random() * 1_000_000));
  const words = (count: number) => Array.from({ length: count }, random).join(' ');
  const policies = (count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, () => [random(), { since: moment(), notifiedAt: moment() }]),
    );
  const severities = ['urgent', 'warning', 'info'] as const;
  const found = 500;
  const visibility: Visibility = {
    sequence: 1,
    gaps: Object.fromEntries(
      Array.from({ length: found }, () => [
        `read|${words(4)}`,
        {
          since: moment(),
          text: words(20),
          remediation: words(20),
          policies: policies(MAX_POLICIES / found),
        },
      ]),
    ),
    warned: {
      known: Object.fromEntries(
        Array.from({ length: MAX_WARNINGS }, (_, n) => [random(), severities[n % 3] ?? 'info']),
      ),
      digestAt: {},
    },
  };
  const flood = Array.from({ length: 400 }, () => ({
    ...gapOf(random(), 400),
    text: words(60),
    remediation: words(60),
  }));
  const { notices } = play(flood, [0, 10]);
  const tables = { policies: memoryTable(), readModel: memoryTable(), history: memoryTable() };
  const store = tableStore(async () => tables).visibility;
  const channels = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => ({ name }));
  const rows = visibilityRows(notices.flat(), channels, at(10));
  const done = await store.commit(visibility, undefined, rows);
  assert.equal(done.outcome, 'committed');
  assert.deepEqual((await store.read()).visibility, visibility);
});
