import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Incident, PolicyState } from '../../shared/incidents/incident.ts';
import { moveEnded } from '../../shared/pipeline/move-ended.ts';
import type { IncidentStore, ListedIncident } from '../../shared/storage/incident-store.ts';
import { aPolicyId, aPolicyState } from '../api/status/a-head.ts';
import { type HandClock, handClock } from '../azure/hand-clock.ts';

const DAY = 86_400_000;
const READ_MS = 8;
const MUTED = { trigger: 'key-disabled', scope: '/keys/cmk' } as const;

/** Incidents that ended; those whose number is up to `muted` have a cause that is muted. */
function anArchive(clock: HandClock, all: readonly { policyId: string; count: number; muted: number }[]) {
  const beganMs = clock.nowMs();
  const ended = all.flatMap(({ policyId, count, muted }, p) =>
    Array.from({ length: count }, (_, n) => ({
      id: `${p}-${n + 1}`,
      policyId,
      state: 'closed' as const,
      openedAt: new Date(beganMs - 90 * DAY + n).toISOString(),
      endedAt: new Date(beganMs - 80 * DAY + n * 1000).toISOString(),
      closedAt: new Date(beganMs - 80 * DAY + n * 1000).toISOString(),
      causes: n < muted ? [MUTED] : [],
    })),
  );
  const moved: string[] = [];
  const open = (more: Partial<IncidentStore> = {}): IncidentStore => {
    const store: Partial<IncidentStore> = {
      listIncidents: async () => ended.filter(({ id }) => !moved.includes(id)) satisfies ListedIncident[],
      async readIncident(id) {
        await clock.sleep(READ_MS);
        return ended.find((one) => one.id === id) as unknown as Incident | undefined;
      },
      async moveToHistory(id) {
        moved.push(id);
        return 'moved';
      },
      ...more,
    };
    return store as IncidentStore;
  };
  return { moved, open };
}

const muting = (name: string): PolicyState =>
  aPolicyState(name, { mutedCauses: [{ ...MUTED, verdict: 'revoked' }] });

async function sweeps(
  times: number,
  store: () => IncidentStore,
  states: readonly PolicyState[],
  clock: HandClock,
): Promise<string[]> {
  const logged: string[] = [];
  const log = { info() {}, warn: (name: string) => void logged.push(name), error() {} };
  for (let n = 0; n < times; n += 1) {
    await clock.drive(moveEnded(states, { store: store(), clock, log }));
    await clock.advance(5_000);
  }
  return logged;
}

describe('incidents that may not move use up no other sweep', () => {
  it('where hundreds of one policy come first, those behind them move in the next sweeps', async () => {
    const clock = handClock();
    const { moved, open } = anArchive(clock, [{ policyId: aPolicyId('p1'), count: 700, muted: 400 }]);
    const store = open();
    await sweeps(20, () => store, [muting('p1')], clock);
    assert.equal(moved.length, 300);
    assert.ok(moved.every((id) => Number(id.split('-')[1]) > 400));
  });

  it('they are asked again an hour after all were gone through, and move once they may', async () => {
    const clock = handClock();
    const { moved, open } = anArchive(clock, [{ policyId: aPolicyId('p1'), count: 30, muted: 30 }]);
    let reads = 0;
    const store = open();
    const { readIncident } = store;
    store.readIncident = async (id) => {
      reads += 1;
      return readIncident(id);
    };
    await sweeps(60, () => store, [muting('p1')], clock);
    assert.deepEqual([moved.length, reads], [0, 30]);
    await clock.advance(3_600_000);
    await sweeps(2, () => store, [aPolicyState('p1')], clock);
    assert.deepEqual([moved.length, reads], [30, 30]);
  });

  it('where each sweep is run by a new process, those of other policies move first', async () => {
    const clock = handClock();
    const { moved, open } = anArchive(clock, [
      { policyId: aPolicyId('p1'), count: 400, muted: 400 },
      { policyId: aPolicyId('p2'), count: 30, muted: 0 },
    ]);
    await sweeps(2, open, [muting('p1'), aPolicyState('p2')], clock);
    assert.equal(moved.length, 30);
  });

  it('one whose rows storage never gives keeps the others for no longer than one sweep, and is asked for less and less', async () => {
    const clock = handClock();
    const { moved, open } = anArchive(clock, [{ policyId: aPolicyId('p1'), count: 10, muted: 0 }]);
    const whole = open();
    const store = open({
      async moveToHistory(id) {
        if (id === '0-1') throw new Error('503');
        return whole.moveToHistory(id);
      },
    });
    await sweeps(2, () => store, [aPolicyState('p1')], clock);
    assert.equal(moved.length, 9);
    const later = await sweeps(720, () => store, [aPolicyState('p1')], clock);
    assert.ok(later.length >= 6 && later.length <= 10, `${later.length} tries in an hour`);
  });

  it('one whose move failed goes on in the next sweep', async () => {
    const clock = handClock();
    const { moved, open } = anArchive(clock, [{ policyId: aPolicyId('p1'), count: 3, muted: 0 }]);
    const whole = open();
    let fails = true;
    const store = open({
      async moveToHistory(id) {
        if (fails) throw new Error('503');
        return whole.moveToHistory(id);
      },
    });
    await sweeps(1, () => store, [aPolicyState('p1')], clock);
    fails = false;
    await sweeps(1, () => store, [aPolicyState('p1')], clock);
    assert.equal(moved.length, 3);
  });

  it('a list that takes longer than a sweep has for moves keeps nothing from moving', async () => {
    const clock = handClock();
    const { moved, open } = anArchive(clock, [{ policyId: aPolicyId('p1'), count: 10, muted: 0 }]);
    const whole = open();
    const store = open({
      async listIncidents() {
        await clock.sleep(3_000);
        return whole.listIncidents();
      },
    });
    await sweeps(1, () => store, [aPolicyState('p1')], clock);
    assert.equal(moved.length, 10);
  });
});
