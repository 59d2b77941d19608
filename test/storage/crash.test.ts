import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { applyIncidentAction } from '../../shared/incidents/actions.ts';
import type { IncidentStore } from '../../shared/storage/incident-store.ts';
import { tableStore } from '../../shared/storage/table-store.ts';
import { aPolicyId, aTransition, manyEnvironments, someRows } from '../incidents/a-commit.ts';
import { anEnvironment, at, disabled, type ReadingOptions } from '../incidents/a-reading.ts';
import { type MemoryTable, memoryTable } from '../simulation/memory-table.ts';

class Crash extends Error {}

/** One delivery of one reading, as the product does it: read, decide, commit, write the list; again on a conflict. */
async function deliver(store: IncidentStore, policyId: string, options: ReadingOptions): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const stored = await store.readPolicyState(policyId);
    const transition = aTransition(policyId, stored?.policyState, options);
    if (transition.policyState === stored?.policyState) return;
    const { outcome } = await store.commit(transition, stored?.etag, someRows(transition));
    if (outcome === 'conflict') continue;
    if (transition.incident && transition.environments.length > 0) {
      await store.writeEnvironments(transition.incident, transition.environments);
    }
    return;
  }
  assert.fail('Five conflicts with nobody else about.');
}

/** What a person would see of it, without what differs from run to run. */
async function seen(store: IncidentStore, policyId: string) {
  const stored = await store.readPolicyState(policyId);
  const id = stored?.policyState.incident?.id ?? `${(await store.listPolicyStates()).length}`;
  const incident = { id, policyId };
  const environments = await store.listEnvironments(incident);
  return {
    state: stored?.policyState.incident?.state,
    unfinished: stored?.policyState.environmentsUnwritten !== undefined,
    sequence: stored?.policyState.sequence,
    environments: environments.map((environment) => [
      environment.id,
      environment.state,
      environment.deletedAt,
    ]),
    timeline: (await store.listTimeline(incident)).map(({ what, text }) => [what, text]),
    notices: (await store.listNotices(incident)).map(({ reason, channel }) => [reason, channel]),
  };
}

const REVOKED = { 'key-disabled': 'revoked' } as const;

/** Healthy, locked, access back; more environments than one transaction takes. */
function story(count: number): ReadingOptions[] {
  const on = manyEnvironments(count, 10).map((environment, n) => anEnvironment(n, { id: environment.id }));
  const off = on.map(({ id }, n) => disabled(n, { id }));
  return [
    { seconds: 0, environments: { members: on } },
    { seconds: 60, verdicts: REVOKED, environments: { members: off } },
    { seconds: 120, environments: { members: off } },
    { seconds: 500, environments: { members: off } },
  ];
}

/** Every reading in turn; a crash at the n-th call to storage, before or after it took effect, then redelivery. */
async function play(steps: ReadingOptions[], policyId: string, crashAt: number, when: 'before' | 'after') {
  const policies: MemoryTable = memoryTable();
  const tables = { policies, readModel: memoryTable(), history: memoryTable() };
  let calls = 0;
  policies[when] = () => {
    calls += 1;
    if (calls === crashAt) throw new Crash();
  };
  for (const step of steps) {
    try {
      await deliver(
        tableStore(async () => tables),
        policyId,
        step,
      );
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      // Another process takes the message up again, a moment later: the reading is fresh.
      await deliver(
        tableStore(async () => tables),
        policyId,
        { ...step, seconds: step.seconds + 10 },
      );
    }
  }
  policies[when] = undefined;
  return {
    calls,
    seen: await seen(
      tableStore(async () => tables),
      policyId,
    ),
  };
}

describe('a crash at any call to storage, then redelivery', () => {
  for (const count of [3, 350]) {
    for (const when of ['before', 'after'] as const) {
      it(`leaves the same rows, with ${count} environments, ${when} the call took effect`, async () => {
        const policyId = aPolicyId();
        const steps = story(count);
        const whole = await play(steps, policyId, 0, when);
        assert.equal(whole.seen.state, 'accessRestored');
        assert.equal(whole.seen.environments.length, count);
        assert.deepEqual(whole.seen.notices.length, 4);
        for (let crashAt = 1; crashAt <= whole.calls; crashAt += 1) {
          const { seen: after } = await play(steps, policyId, crashAt, when);
          assert.deepEqual(undated(after), undated(whole.seen), `crash at call ${crashAt} of ${whole.calls}`);
        }
      });
    }
  }
});

/** A redelivered reading is some seconds younger, and so is the deadline counted from it. */
function undated(what: Awaited<ReturnType<typeof seen>>) {
  return { ...what, environments: what.environments.map(([id, state]) => [id, state]) };
}

describe('two processes that take up the same message', () => {
  it('open one incident, call for one notice a channel, and write one list', async () => {
    const tables = { policies: memoryTable(), readModel: memoryTable(), history: memoryTable() };
    const policyId = aPolicyId();
    const step: ReadingOptions = {
      seconds: 60,
      verdicts: REVOKED,
      environments: { members: manyEnvironments(350, 10) },
    };
    await Promise.all(
      [0, 1, 2].map((n) =>
        deliver(
          tableStore(async () => tables),
          policyId,
          { ...step, seconds: 60 + n },
        ),
      ),
    );
    const { notices, sequence, environments, unfinished, timeline } = await seen(
      tableStore(async () => tables),
      policyId,
    );
    assert.equal(sequence, 1);
    assert.deepEqual(notices, [
      ['opened', 'email'],
      ['opened', 'teams'],
    ]);
    assert.equal(timeline.length, 1);
    assert.equal(environments.length, 350);
    assert.equal(unfinished, false);
  });
});

it('a list that a crash left unfinished does not open again what a person closed meanwhile', async () => {
  const tables = { policies: memoryTable(), readModel: memoryTable(), history: memoryTable() };
  const store = tableStore(async () => tables);
  const policyId = aPolicyId();
  const [healthy, locked, , later] = story(250);
  assert.ok(healthy && locked && later);
  await deliver(store, policyId, healthy);
  const before = await store.readPolicyState(policyId);
  const opened = aTransition(policyId, before?.policyState, locked);
  await store.commit(opened, before?.etag, []);
  // Here the process died, with most of the list not written.
  const stored = (await store.readPolicyState(policyId)) ?? assert.fail();
  const id = stored.policyState.incident?.id ?? assert.fail();
  const closed = applyIncidentAction(
    stored.policyState,
    id,
    { what: 'close', why: 'x' },
    { name: 'Ann' },
    at(90),
  );
  assert.ok(!('refused' in closed));
  await store.commit(closed, stored.etag, []);
  await deliver(store, policyId, { ...later, verdicts: REVOKED });
  assert.equal((await store.readIncident(id))?.state, 'closed');
  assert.equal((await store.listEnvironments({ id, policyId })).length, 250);
});
