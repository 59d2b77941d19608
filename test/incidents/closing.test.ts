import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Transition } from '../../shared/incidents/incident.ts';
import { anEnvironment, disabled, type ReadingOptions } from './a-reading.ts';
import { HEALTHY, LOCKED, last, play, REVOKED } from './play.ts';

const CLOSE_AFTER_MS = 900_000;
const DAY = 86_400;
const RUNNING = { members: [anEnvironment(1), anEnvironment(2)] };
const DOWN = { members: [disabled(1), disabled(2)] };

/** The key is away from second 60 to second 180, and no list shows a lock meanwhile. */
const SHORT_LOSS: ReadingOptions[] = [
  HEALTHY,
  { seconds: 60, verdicts: REVOKED },
  { seconds: 180, closeAfterMs: CLOSE_AFTER_MS },
];
const reads = (seconds: number, environments: ReadingOptions['environments'] = RUNNING): ReadingOptions => ({
  seconds,
  environments,
  closeAfterMs: CLOSE_AFTER_MS,
});
const asText = ({ kind, incident, notices }: Transition) =>
  `${kind} -> ${incident?.state ?? 'none'}${notices.map(({ reason }) => `, says ${reason}`).join('')}`;

describe('an incident whose access is back', () => {
  it('does not close on a list from before a lock would show', () => {
    const seen = play(...SHORT_LOSS, reads(200), reads(180 + 899)).slice(2);
    assert.deepEqual(seen.map(asText), [
      'accessRestored -> accessRestored, says accessRestored',
      'none -> accessRestored',
      'none -> accessRestored',
    ]);
  });

  it('closes on the first list that was requested late enough', () => {
    const closed = last(...SHORT_LOSS, reads(180 + 900));
    assert.equal(asText(closed), 'closed -> closed, says closed');
    assert.match(closed.notices[0]?.because ?? '', /2 environments were all seen enabled/);
  });

  it('counts from the time of the request of the list, not of the reading', () => {
    const old = { ...RUNNING, asOf: '2026-11-23T03:10:00.000Z' };
    assert.equal(asText(last(...SHORT_LOSS, reads(180 + 950, old))), 'none -> accessRestored');
  });

  it('counts from the time at which a change surely took effect', () => {
    const grant = {
      id: 'grant',
      source: 'resourceManager' as const,
      type: 'Microsoft.Resources.ResourceWriteSuccess',
      operation: 'Microsoft.Authorization/roleAssignments/write',
      scope: '/subscriptions/11111111-2222-3333-4444-555555555555',
      at: '2026-11-23T03:03:00.000Z',
      outcome: 'success' as const,
    };
    const permission = { 'permissions-revoked': 'revoked' } as const;
    const restored: ReadingOptions[] = [
      HEALTHY,
      { seconds: 60, verdicts: permission },
      { ...reads(190), signals: [grant] },
    ];
    // Granted at second 180: it takes effect by second 780, and a lock may show until second 1680.
    assert.equal(asText(last(...restored, reads(1000), reads(1679))), 'none -> accessRestored');
    assert.equal(asText(last(...restored, reads(1000), reads(1680))), 'closed -> closed, says closed');
  });

  it('reports a lock that shows only now, once', () => {
    const seen = play(...SHORT_LOSS, reads(300), reads(360, DOWN), reads(420, DOWN)).slice(4);
    assert.deepEqual(seen.map(asText), [
      'lockShown -> accessRestored, says worsened',
      'none -> accessRestored',
    ]);
    assert.deepEqual(
      seen[0]?.environments.map(({ state }) => state),
      ['awaitingReEnable', 'awaitingReEnable'],
    );
  });

  it('reports no lock where one environment is disabled and another runs', () => {
    const one = { members: [disabled(1), anEnvironment(2)] };
    assert.equal(asText(last(...SHORT_LOSS, reads(300), reads(360, one))), 'none -> accessRestored');
  });

  it('reports no lock where the list can’t be read, or an inventory takes its place', () => {
    const unread = { unreadable: true as const, members: DOWN.members };
    assert.equal(asText(last(...SHORT_LOSS, reads(300), reads(360, unread))), 'none -> accessRestored');
    const inventory = { source: 'inventory' as const, members: DOWN.members };
    assert.equal(asText(last(...SHORT_LOSS, reads(300), reads(360, inventory))), 'none -> accessRestored');
  });
});

describe('an incident that closed by itself', () => {
  const closed = [...SHORT_LOSS, reads(1080)];

  it('returns where the lock of its environments shows within a day', () => {
    const [ended, returned] = play(...closed, reads(1080 + DAY - 60, DOWN)).slice(-2);
    assert.equal(returned && asText(returned), 'lockShown -> accessRestored, says worsened');
    assert.equal(returned?.incident?.id, ended?.incident?.id);
    assert.equal(returned?.incident?.closedAt, undefined);
  });

  it('closes a second time once every environment runs again', () => {
    const seen = play(...closed, reads(2000, DOWN), reads(3000)).slice(-1);
    assert.deepEqual(seen.map(asText), ['closed -> closed, says closed']);
  });

  it('does not return after that day', () => {
    assert.equal(asText(last(...closed, reads(1080 + DAY + 60, DOWN))), 'none -> none');
  });

  it('does not return over a list that was requested before it closed', () => {
    const old = { ...DOWN, asOf: '2026-11-23T03:02:00.000Z' };
    assert.equal(asText(last(...closed, reads(1100, old))), 'none -> none');
  });
});

describe('with an inventory, which shows no states', () => {
  const inventory = (seconds: number, more: Partial<ReadingOptions> = {}): ReadingOptions => ({
    ...reads(seconds, { source: 'inventory', members: RUNNING.members }),
    ...more,
  });
  const restored = [inventory(0), inventory(60, { verdicts: REVOKED }), inventory(180)];

  it('an incident closes after 7 days of clear readings, and says that nobody verified the environments', () => {
    assert.equal(asText(last(...restored, inventory(180 + 7 * DAY - 1))), 'none -> accessRestored');
    const closed = last(...restored, inventory(180 + 7 * DAY));
    assert.equal(asText(closed), 'closed -> closed, says closed');
    assert.match(closed.notices[0]?.because ?? '', /nobody has verified/);
    assert.deepEqual(
      closed.environments.map(({ state }) => state),
      ['unknown', 'unknown'],
    );
  });

  it('the 7 days begin anew when access is lost again', () => {
    const again = [inventory(3 * DAY, { verdicts: REVOKED }), inventory(4 * DAY)];
    assert.equal(asText(last(...restored, ...again, inventory(8 * DAY))), 'none -> accessRestored');
    assert.equal(asText(last(...restored, ...again, inventory(11 * DAY))), 'closed -> closed, says closed');
  });
});

it('an incident that a person closed does not return', async () => {
  const { applyIncidentAction } = await import('../../shared/incidents/actions.ts');
  const { policyState, incident } = last(...LOCKED, reads(180));
  const action = { what: 'close', why: 'known' } as const;
  const done = applyIncidentAction(
    policyState,
    incident?.id ?? '',
    action,
    { name: 'Ann' },
    '2026-11-23T04:00:00.000Z',
  );
  assert.ok('policyState' in done);
  assert.equal(done.policyState.closedIncident, undefined);
});
