import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { applyIncidentAction } from '../../shared/incidents/actions.ts';
import type { Incident } from '../../shared/incidents/incident.ts';
import { moveEnded } from '../../shared/pipeline/move-ended.ts';
import type { IncidentStore } from '../../shared/storage/incident-store.ts';
import { HistoryUnreadableError } from '../../shared/storage/storage-errors.ts';
import type { StoredRow } from '../../shared/storage/table-port.ts';
import { tableStore } from '../../shared/storage/table-store.ts';
import { aPolicyState } from '../api/status/a-head.ts';
import { handClock } from '../azure/hand-clock.ts';
import { aPolicyId, aTransition, manyEnvironments, someRows } from '../incidents/a-commit.ts';
import { at } from '../incidents/a-reading.ts';
import { memoryTable, refusal } from '../simulation/memory-table.ts';

class Crash extends Error {}

const REVOKED = { 'key-disabled': 'revoked' } as const;

function inMemory() {
  const tables = { policies: memoryTable(), readModel: memoryTable(), history: memoryTable() };
  return { tables, store: tableStore(async () => tables) };
}
type World = ReturnType<typeof inMemory>;

/** An incident that a person closed, with its environments, and notices that were sent. */
async function closed(store: IncidentStore, environments = 250, policyId = aPolicyId()): Promise<Incident> {
  const before = await store.readPolicyState(policyId);
  const opened = aTransition(policyId, before?.policyState, {
    seconds: 60,
    verdicts: REVOKED,
    environments: { members: manyEnvironments(environments, 10) },
  });
  const rows = someRows(opened);
  const first = await store.commit(opened, before?.etag, rows);
  assert.ok(first.outcome === 'committed' && opened.incident);
  await store.writeEnvironments(opened.incident, opened.environments);
  for (const row of first.rows) await store.updateNotice({ ...row, state: 'sent', sentAt: at(61) });
  const done = applyIncidentAction(
    opened.policyState,
    opened.incident.id,
    { what: 'close', why: 'planned' },
    { name: 'Ann' },
    at(90),
  );
  assert.ok(!('refused' in done));
  const stored = await store.readPolicyState(policyId);
  assert.equal((await store.commit(done, stored?.etag, [])).outcome, 'committed');
  return done.incident ?? assert.fail();
}

/** All that answers are made from. */
async function seen(store: IncidentStore, { id, policyId }: Incident) {
  const incident = { id, policyId };
  const current = await store.listIncidents();
  const ended = await store.listEnded({ states: ['closed', 'dismissed'], count: 50 });
  const ids = new Set([...current, ...ended].map((one) => one.id));
  return {
    listed: [...ids].filter((one) => one === id),
    incident: await store.readIncident(id),
    environments: (await store.listEnvironments(incident)).map((one) => one.id).sort(),
    timeline: (await store.listTimeline(incident)).map(({ what, at: when }) => [when, what]),
    notices: (await store.listNotices(incident)).map(({ reason, channel, state }) => [
      reason,
      channel,
      state,
    ]),
  };
}

const ofIncident =
  ({ id }: Incident) =>
  (row: StoredRow) =>
    row.rowKey?.split('|').includes(id);

describe('an incident that ended moves to the table history', () => {
  it('with every row, under the same keys, and answers show the same as before', async () => {
    const { store, tables } = inMemory();
    const incident = await closed(store);
    const before = await seen(store, incident);
    assert.equal(before.environments.length, 250);
    const keys = tables.policies
      .rows()
      .filter(ofIncident(incident))
      .map(({ rowKey }) => rowKey);
    assert.equal(await store.moveToHistory(incident.id), 'moved');
    assert.deepEqual(await seen(store, incident), before);
    const left = tables.policies.rows().filter(ofIncident(incident));
    assert.deepEqual(
      left.filter(({ rowKey }) => !rowKey?.startsWith('pending|')),
      [],
    );
    const moved = new Set(tables.history.rows().map(({ rowKey }) => rowKey));
    assert.deepEqual(
      keys.filter((key) => !key?.startsWith('pending|') && !moved.has(key)),
      [],
    );
    assert.equal(await store.moveToHistory(incident.id), 'gone');
  });

  for (const when of ['before', 'after'] as const)
    it(`loses and doubles nothing when the process ends ${when} any call takes effect, and another goes on`, async () => {
      const attempt = async (crashAt: number) => {
        const { store, tables } = inMemory();
        const incident = await closed(store);
        const whole = await seen(store, incident);
        let calls = 0;
        const crash = () => {
          calls += 1;
          if (calls === crashAt) throw new Crash();
        };
        tables.policies[when] = crash;
        tables.history[when] = crash;
        try {
          await tableStore(async () => tables).moveToHistory(incident.id);
        } catch (error) {
          if (!(error instanceof Crash)) throw error;
        }
        delete tables.policies[when];
        delete tables.history[when];
        const other = tableStore(async () => tables);
        assert.deepEqual(await seen(other, incident), whole, `crash at call ${crashAt}`);
        await other.moveToHistory(incident.id);
        assert.deepEqual(await seen(other, incident), whole, `after call ${crashAt}, finished`);
        assert.deepEqual(rowsLeft(tables, incident), []);
        return calls;
      };
      const all = await attempt(0);
      assert.ok(all > 10);
      for (let crashAt = 1; crashAt <= all; crashAt += 1) await attempt(crashAt);
    });

  for (const when of ['before', 'after'] as const)
    it(`is moved on by the next sweep of the same process where storage fails ${when} any call takes effect`, async () => {
      const attempt = async (failAt: number) => {
        const { store, tables } = inMemory();
        const incident = await closed(store);
        const whole = await seen(store, incident);
        const clock = handClock(at(90 + 2 * 86_400));
        const log = { info() {}, warn() {}, error() {} };
        // A state that needs no incident any more.
        const states = [{ ...aPolicyState('p'), policyId: incident.policyId }];
        let calls = 0;
        const fail = () => {
          calls += 1;
          if (calls === failAt) throw refusal(503, 'ServerBusy');
        };
        tables.policies[when] = fail;
        tables.history[when] = fail;
        await clock.drive(moveEnded(states, { store, clock, log }));
        await clock.advance(5_000);
        await clock.drive(moveEnded(states, { store, clock, log }));
        delete tables.policies[when];
        delete tables.history[when];
        assert.deepEqual(await seen(store, incident), whole, `after a failure at call ${failAt}`);
        assert.deepEqual(rowsLeft(tables, incident), [], `after a failure at call ${failAt}`);
        return calls;
      };
      const all = await attempt(0);
      assert.ok(all > 10);
      for (let failAt = 1; failAt <= all; failAt += 1) await attempt(failAt);
    });

  it('misses nothing in an answer whose reads the move meets, at whichever read it does', async () => {
    const reads = async (moveAt: number) => {
      const { store, tables } = inMemory();
      const incident = await closed(store, 3);
      const whole = await seen(store, incident);
      let calls = 0;
      let hasMoved = false;
      const meet = async () => {
        calls += 1;
        if (calls !== moveAt || hasMoved) return;
        hasMoved = true;
        await tableStore(async () => tables).moveToHistory(incident.id);
      };
      tables.policies.before = meet;
      tables.history.before = meet;
      const found = await seen(
        tableStore(async () => tables),
        incident,
      );
      assert.deepEqual(found, whole, `the move at read ${moveAt}`);
      return calls;
    };
    const all = await reads(0);
    for (let moveAt = 1; moveAt <= all; moveAt += 1) await reads(moveAt);
  });

  it('by two processes at once, as by one', async () => {
    const { store, tables } = inMemory();
    const incident = await closed(store);
    const whole = await seen(store, incident);
    const others = [0, 1].map(() => tableStore(async () => tables));
    await Promise.all(others.map((other) => other.moveToHistory(incident.id)));
    await store.moveToHistory(incident.id);
    assert.deepEqual(await seen(store, incident), whole);
    assert.deepEqual(rowsLeft(tables, incident), []);
  });

  it('makes the table that a person deleted anew', async () => {
    const { store, tables } = inMemory();
    const incident = await closed(store, 3);
    tables.history.deleteTable();
    assert.match((await store.historyFault()) ?? '', /404 \(TableNotFound\)/);
    assert.equal(await store.moveToHistory(incident.id), 'moved');
    assert.equal(await store.historyFault(), undefined);
    assert.equal((await store.readIncident(incident.id))?.state, 'closed');
  });
});

describe('an incident stays in the table policies', () => {
  it('while a notice of it is not delivered', async () => {
    const { store } = inMemory();
    const incident = await closed(store, 3);
    const [row] = await store.listNotices(incident);
    assert.ok(row);
    const pending = await store.updateNotice({ ...row, state: 'pending' });
    assert.equal(await store.moveToHistory(incident.id), 'waits');
    assert.ok(pending && (await store.updateNotice({ ...pending, state: 'givenUp' })));
    assert.equal(await store.moveToHistory(incident.id), 'moved');
  });

  for (const kind of ['incident', 'environment', 'timeline', 'notice'])
    it(`while one row of it can not be read (${kind}), which is named and lost nowhere`, async () => {
      const { store, tables } = inMemory();
      const incident = await closed(store, 3);
      const [row] = tables.policies.rows().filter(({ rowKey }) => rowKey?.startsWith(`${kind}|`));
      assert.ok(row);
      row.json = '{"cut';
      const before = tables.policies.rows().length;
      assert.equal(await store.moveToHistory(incident.id), 'unreadable');
      assert.equal(tables.policies.rows().length, before);
      assert.deepEqual(tables.history.rows(), []);
      assert.ok(store.unreadableRows().all.some(({ rowKey }) => rowKey === row.rowKey));
    });
});

describe('what is read of the history', () => {
  it('is a page of rows, however long the history is, the newest first', async () => {
    const { store, tables } = inMemory();
    const times: string[] = [];
    for (let n = 0; n < 130; n += 1) {
      const openedAt = at(n * 1000);
      const index = { policyId: `p${n}`, state: n % 3 === 0 ? 'dismissed' : 'closed', openedAt };
      times.unshift(openedAt);
      await tables.history.createEntity(endedIndex(n, index));
    }
    let rows = 0;
    const list = tables.history.listEntities;
    tables.history.listEntities = (options) => {
      const listed = list(options);
      return {
        ...listed,
        async *byPage(settings) {
          for await (const page of listed.byPage(settings)) {
            rows += page.length;
            yield page;
          }
        },
      };
    };
    const states = ['closed', 'dismissed'] as const;
    const first = await store.listEnded({ states, count: 10 });
    assert.deepEqual(newest(first, 10), times.slice(0, 10));
    const last = first.find(({ openedAt }) => openedAt === times[9]);
    const next = await store.listEnded({ states, count: 10, after: last });
    assert.deepEqual(newest(next, 10), times.slice(10, 20));
    const [to, from] = [times[50], times[59]].map((time) => Date.parse(time ?? ''));
    const ranged = await store.listEnded({ states, count: 100, from, to });
    assert.deepEqual(newest(ranged, 100), times.slice(50, 60));
    assert.ok(rows <= 50, `${rows} rows`);
  });

  it('is not needed for an incident that is known to be open', async () => {
    const { store, tables } = inMemory();
    const policyId = aPolicyId();
    const opened = aTransition(policyId, undefined, { seconds: 60, verdicts: REVOKED });
    await store.commit(opened, undefined, someRows(opened));
    tables.history.before = () => {
      throw refusal(403, 'AuthorizationPermissionMismatch');
    };
    assert.ok(opened.incident);
    assert.equal((await store.readIncident(opened.incident.id))?.state, 'revoked');
    assert.ok((await store.listTimeline(opened.incident)).length > 0);
    assert.ok((await store.listNotices(opened.incident)).length > 0);
    assert.match((await store.historyFault()) ?? '', /403 .*Storage Table Data Contributor/);
  });

  it('is not needed for one that ended, until its move has begun to delete', async () => {
    const { store, tables } = inMemory();
    const incident = await closed(store);
    const { id, policyId } = incident;
    const refuse = () => {
      throw refusal(403, 'AuthorizationPermissionMismatch');
    };
    const rows = async () => [
      (await store.listEnvironments({ id, policyId })).length,
      (await store.listTimeline(incident)).length,
      (await store.listNotices({ id, policyId })).length,
    ];
    const whole = await rows();
    assert.equal(whole[0], 250);
    tables.history.before = refuse;
    assert.deepEqual(await rows(), whole);
    delete tables.history.before;
    tables.policies.before = ({ operation, rowKeys }) => {
      if (operation === 'submitTransaction' && rowKeys[0]?.startsWith('timeline|')) throw new Crash();
      if (operation === 'submitTransaction' && rowKeys[0]?.startsWith('incident|')) throw new Crash();
    };
    await assert.rejects(store.moveToHistory(id), Crash);
    delete tables.policies.before;
    assert.deepEqual(await rows(), whole);
    tables.history.before = refuse;
    // Some of its rows are gone here: less than all would read as all.
    await assert.rejects(store.listEnvironments({ id, policyId }), HistoryUnreadableError);
    assert.equal((await store.readIncident(id))?.state, 'closed');
    await assert.rejects(store.listEnded({ states: ['closed'], count: 1 }), HistoryUnreadableError);
  });

  it('keeps the number of a new incident above those that moved, where the policy state is damaged', async () => {
    const { store, tables } = inMemory();
    const policyId = aPolicyId();
    const incident = await closed(store, 3, policyId);
    await store.moveToHistory(incident.id);
    const [state] = tables.policies.rows().filter(({ rowKey }) => rowKey === 'state');
    assert.ok(state);
    state.json = '{"cut';
    for (const sequence of [1, undefined]) {
      if (sequence === undefined) delete state.sequence;
      const recovered = await store.readPolicyState(policyId);
      assert.equal(recovered?.policyState.sequence, 1, `column ${sequence}`);
    }
    delete state.policyId;
    tables.history.before = () => {
      throw refusal(503, 'ServerBusy');
    };
    state.policyId = policyId;
    state.sequence = 1;
    assert.equal((await store.readPolicyState(policyId))?.policyState.sequence, 1, 'without the history');
  });
});

function rowsLeft(tables: World['tables'], incident: Incident): string[] {
  const left = tables.policies.rows().filter(ofIncident(incident));
  return left.map(({ rowKey = '' }) => rowKey).filter((key) => !key.startsWith('pending|'));
}

function endedIndex(n: number, index: { policyId: string; state: string; openedAt: string }) {
  const inverted = String(9_999_999_999_999 - Date.parse(index.openedAt));
  const id = `${'a'.repeat(20)}-${n + 1}`;
  return { partitionKey: 'ended', rowKey: `ended|${index.state}|${inverted}|${id}`, ...index };
}

function newest(listed: readonly { openedAt: string }[], count: number): string[] {
  return listed
    .map(({ openedAt }) => openedAt)
    .sort()
    .reverse()
    .slice(0, count);
}
