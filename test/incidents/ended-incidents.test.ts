import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastDays } from '../../shared/api/status/days.ts';
import { withEndedIncidents } from '../../shared/incidents/ended-incidents.ts';
import type { Incident, PolicyState } from '../../shared/incidents/incident.ts';
import { get, locked, look, make } from '../api/actions/post.ts';
import { anIncident, aPolicyId, aPolicyState } from '../api/status/a-head.ts';

const NOW = '2026-11-29T12:00:00.000Z';
const over = (more: Partial<Incident> = {}) =>
  anIncident(aPolicyId('p'), {
    state: 'closed',
    confirmedAt: '2026-11-23T03:00:00.000Z',
    closedAt: NOW,
    ...more,
  });
const after = (before: PolicyState | undefined, incident?: Incident, open?: Incident, now = NOW) =>
  withEndedIncidents(before, { policyState: aPolicyState('p', { incident: open }), incident }, now);

test('an incident that ends is kept in the state of its policy for a month, once', () => {
  const first = after(undefined, over());
  assert.deepEqual(first.endedIncidents, [
    { id: 'inc-1', openedAt: '2026-11-23T03:00:00.000Z', endedAt: NOW, revoked: true },
  ]);
  assert.deepEqual(after(first, over()).endedIncidents, first.endedIncidents);
  assert.deepEqual(after(first).endedIncidents, first.endedIncidents, 'a reading of a new state keeps it');
  assert.equal(after(first, undefined, undefined, '2026-12-30T12:00:01.000Z').endedIncidents, undefined);
});

test('one that opens again is over no more, and is kept with its new end', () => {
  const first = after(undefined, over());
  const open = anIncident(aPolicyId('p'), { state: 'accessRestored' });
  const again = after(first, open, open);
  assert.equal(again.endedIncidents, undefined);
  const later = '2026-11-29T13:00:00.000Z';
  assert.equal(after(again, over({ closedAt: later }), undefined, later).endedIncidents?.[0]?.endedAt, later);
});

test('a suspicion and a warning took nothing offline, and flapping is kept thirty times at most', () => {
  const [suspicion] =
    after(undefined, over({ state: 'dismissed', confirmedAt: undefined })).endedIncidents ?? [];
  assert.equal(suspicion?.revoked, undefined);
  const [warning] = after(undefined, over({ noEnvironments: true })).endedIncidents ?? [];
  assert.equal(warning?.revoked, undefined);
  let state = aPolicyState('p');
  for (let n = 0; n < 50; n += 1) state = after(state, over({ id: `inc-${n}` }));
  assert.deepEqual([state.endedIncidents?.length, state.endedIncidents?.at(-1)?.id], [30, 'inc-49']);
});

test('the last 30 days count each incident on every day on which it was open, and not before', () => {
  const states: Pick<PolicyState, 'incident' | 'endedIncidents'>[] = [
    {
      endedIncidents: [
        { id: 'a', openedAt: '2026-11-20T23:59:00.000Z', endedAt: '2026-11-22T00:01:00.000Z', revoked: true },
      ],
    },
    {
      endedIncidents: [
        { id: 'b', openedAt: '2026-11-21T10:00:00.000Z', endedAt: '2026-11-21T10:01:00.000Z' },
      ],
    },
    {
      endedIncidents: [
        { id: 'c', openedAt: '2026-10-01T10:00:00.000Z', endedAt: '2026-10-31T10:00:00.000Z' },
      ],
    },
    { incident: anIncident(aPolicyId('p'), { openedAt: '2026-11-29T01:00:00.000Z' }) },
  ];
  const days = lastDays(states, NOW);
  assert.deepEqual([days.length, days[0]?.date, days.at(-1)?.date], [30, '2026-10-31', '2026-11-29']);
  assert.deepEqual(
    days.filter(({ incidents }) => incidents > 0),
    [
      { date: '2026-10-31', incidents: 1, revoked: 0 },
      { date: '2026-11-20', incidents: 1, revoked: 1 },
      { date: '2026-11-21', incidents: 2, revoked: 1 },
      { date: '2026-11-22', incidents: 1, revoked: 1 },
      { date: '2026-11-29', incidents: 1, revoked: 0 },
    ],
  );
});

test('the status shows the days of an incident that is over, through storage', async () => {
  const { world } = await locked();
  make(world, 'p1', {});
  for (let n = 0; n < 4; n += 1) {
    await look(world, 'p1');
    await world.clock.advance(3_600_000);
  }
  const { json } = await get(world, '/status');
  assert.equal(json.policies[0].incident, null);
  assert.deepEqual(json.days.at(-1), { date: '2026-11-20', incidents: 1, revoked: 1 });
});
