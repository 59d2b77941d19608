import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { OutboxRow } from '../../shared/storage/incident-store.ts';
import { tableStore } from '../../shared/storage/table-store.ts';
import { aPolicyId, aTransition, someRows } from '../incidents/a-commit.ts';
import { memoryTable, refusal } from '../simulation/memory-table.ts';

const REVOKED = { 'key-disabled': 'revoked' } as const;

function inMemory() {
  const tables = { policies: memoryTable(), readModel: memoryTable(), history: memoryTable() };
  const store = tableStore(async () => tables);
  const beside = () => tables.policies.rows().filter(({ rowKey }) => rowKey?.startsWith('pending|')).length;
  const open = async (channels = ['teams', 'email']): Promise<OutboxRow[]> => {
    const transition = aTransition(aPolicyId(), undefined, { seconds: 60, verdicts: REVOKED });
    const committed = await store.commit(transition, undefined, someRows(transition, channels));
    assert.ok(committed.outcome === 'committed');
    return committed.rows;
  };
  const send = (rows: readonly OutboxRow[]) =>
    Promise.all(rows.map((row) => store.updateNotice({ ...row, state: 'sent' })));
  return { policies: tables.policies, store, beside, open, send };
}

describe('the row beside a notice', () => {
  it('stays while one channel is pending, and goes once all are final', async () => {
    const { store, beside, open, send } = inMemory();
    const [email, ...others] = await open(['email', 'teams', 'webhook']);
    assert.ok(email);
    await send(others);
    assert.deepEqual(
      (await store.pendingNotices()).map(({ channel }) => channel),
      ['email'],
    );
    assert.equal(beside(), 1);
    await store.giveUp({ ...email, state: 'givenUp' }, []);
    assert.deepEqual(await store.pendingNotices(), []);
    assert.equal(beside(), 0);
  });

  it('is not deleted where a channel was added to the notice meanwhile', async () => {
    const { policies, store, beside, open, send } = inMemory();
    await send(await open());
    const [row] = policies.rows().filter(({ rowKey }) => rowKey?.startsWith('pending|'));
    policies.before = async ({ operation }) => {
      if (operation !== 'deleteEntity') return;
      delete policies.before;
      const { partitionKey = '', rowKey = '' } = row ?? {};
      await policies.submitTransaction([['upsert', { partitionKey, rowKey }, 'Replace']]);
    };
    assert.deepEqual(await store.pendingNotices(), []);
    assert.equal(beside(), 1);
  });

  it('that storage does not delete keeps no notice from being found', async () => {
    const { policies, store, open, send } = inMemory();
    await send(await open());
    await open(['teams']);
    policies.before = ({ operation }) => {
      if (operation === 'deleteEntity') throw refusal(503, 'ServerBusy');
    };
    assert.equal((await store.pendingNotices()).length, 1);
  });
});

it('rows that are missing beside pending notices are written, some at a time, and none beside those that are final', async () => {
  const { policies, store, beside, open, send } = inMemory();
  for (let n = 0; n < 520; n += 1) await open();
  await send(await open());
  const all = policies.rows().filter(({ rowKey }) => rowKey?.startsWith('pending|'));
  for (const { partitionKey = '', rowKey = '' } of all) policies.deleteRow(partitionKey, rowKey);
  assert.deepEqual(await store.pendingNotices(), []);
  assert.deepEqual(await store.repairPendingRows(), { written: 500, isWhole: false });
  assert.deepEqual(await store.repairPendingRows(), { written: 20, isWhole: true });
  assert.deepEqual(await store.repairPendingRows(), { written: 0, isWhole: true });
  assert.deepEqual([(await store.pendingNotices()).length, beside()], [1040, 520]);
});

it('hundreds of pending notices are all found, by few queries, and those that are final are not', async () => {
  const { policies, store, beside, open, send } = inMemory();
  for (let n = 0; n < 130; n += 1) {
    const [first, second] = await open();
    assert.ok(first && second);
    await send(n % 2 === 0 ? [first] : [first, second]);
  }
  let calls = 0;
  policies.before = ({ operation }) => {
    if (operation === 'listEntities') calls += 1;
  };
  assert.equal((await store.pendingNotices()).length, 65);
  assert.ok(calls <= 4, `${calls} queries`);
  assert.equal(beside(), 65);
  assert.equal((await store.pendingNotices()).length, 65);
});
