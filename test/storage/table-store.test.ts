import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { deflateRawSync } from 'node:zlib';
import { StorageRefusedError, StorageUnavailableError } from '../../shared/storage/storage-errors.ts';
import type { ListedRows, StoredRow } from '../../shared/storage/table-port.ts';
import { tableStore } from '../../shared/storage/table-store.ts';
import { aPolicyId, aTransition, manyEnvironments, someRows } from '../incidents/a-commit.ts';
import { at } from '../incidents/a-reading.ts';
import { memoryTable, refusal, type TableCall } from '../simulation/memory-table.ts';
import { storeContract } from './store-contract.ts';

const REVOKED = { 'key-disabled': 'revoked' } as const;

/** Rows that a test has changed on their way. */
function listed(rows: AsyncGenerator<StoredRow>): ListedRows {
  return Object.assign(rows, {
    async *byPage({ maxPageSize }: { maxPageSize: number }) {
      let page: StoredRow[] = [];
      for await (const row of rows) {
        page.push(row);
        if (page.length < maxPageSize) continue;
        yield page;
        page = [];
      }
      if (page.length > 0) yield page;
    },
  });
}

function inMemory(exists = true) {
  const tables = {
    policies: memoryTable(exists),
    readModel: memoryTable(exists),
    history: memoryTable(exists),
  };
  return { ...tables, store: tableStore(async () => tables) };
}

describe('the store, on tables in memory with the rules of Azure', () => {
  storeContract(async () => inMemory().store, 10_000);

  it('makes its tables', async () => {
    const { store } = inMemory(false);
    await assert.rejects(store.listPolicyStates(), StorageUnavailableError);
    await store.ensureTables();
    await store.ensureTables();
    assert.deepEqual(await store.listPolicyStates(), []);
  });

  it('lists heads in one query, a pending notice in two, and reads a head in one', async () => {
    const { store, policies } = inMemory();
    const policyId = aPolicyId();
    const transition = aTransition(policyId, undefined, { seconds: 0, verdicts: REVOKED });
    await store.commit(transition, undefined, someRows(transition));
    const calls: string[] = [];
    policies.before = ({ operation }) => {
      calls.push(operation);
    };
    await store.listPolicyStates();
    await store.pendingNotices();
    await store.readPolicyState(policyId);
    const byKey = 'listEntities';
    assert.deepEqual(calls, ['listEntities', 'listEntities', byKey, 'listEntities']);
  });

  it('does not send thousands of unchanged names again, but every change of them', async () => {
    const { store, policies } = inMemory();
    const policyId = aPolicyId();
    const members = manyEnvironments(3_000);
    let calls: TableCall[] = [];
    policies.before = (call) => {
      calls.push(call);
    };
    const sent = () =>
      calls.flatMap(({ rowKeys }) => rowKeys).filter((key) => key.startsWith('state|members')).length;
    const first = aTransition(policyId, undefined, { seconds: 0, environments: { members } });
    const one = await store.commit(first, undefined, []);
    assert.ok(one.outcome === 'committed' && sent() > 0);

    calls = [];
    const second = aTransition(policyId, first.policyState, { seconds: 10, environments: { members } });
    const two = await store.commit(second, one.etag, []);
    assert.ok(two.outcome === 'committed');
    assert.equal(sent(), 0);
    const stored = await store.readPolicyState(policyId);
    assert.deepEqual(stored?.policyState.history.environments?.asOf, at(10));
    assert.equal(stored?.policyState.history.environments?.members.length, 3_000);

    const third = aTransition(policyId, second.policyState, {
      seconds: 20,
      environments: { members: members.slice(1) },
    });
    const three = await store.commit(third, two.etag, []);
    assert.ok(three.outcome === 'committed' && sent() > 0);
    assert.equal(
      (await store.readPolicyState(policyId))?.policyState.history.environments?.members.length,
      2_999,
    );

    const few = aTransition(policyId, third.policyState, {
      seconds: 30,
      environments: { members: members.slice(0, 2) },
    });
    assert.ok((await store.commit(few, three.etag, [])).outcome === 'committed');
    assert.equal(
      (await store.readPolicyState(policyId))?.policyState.history.environments?.members.length,
      2,
    );
  });

  it('cuts names before it lets a membership outgrow a transaction', async () => {
    const { store } = inMemory();
    const policyId = aPolicyId();
    const members = manyEnvironments(20_000, 230);
    const transition = aTransition(policyId, undefined, {
      seconds: 0,
      verdicts: REVOKED,
      environments: { members },
    });
    assert.ok((await store.commit(transition, undefined, someRows(transition))).outcome === 'committed');
    const stored = (await store.readPolicyState(policyId))?.policyState.history.environments?.members ?? [];
    assert.deepEqual(
      stored.map(({ id }) => id),
      members.map(({ id }) => id),
    );
    assert.ok(stored.every(({ displayName }, n) => members[n]?.displayName.startsWith(displayName)));
  });

  it('reads a head again that it met in the midst of a write', async () => {
    const { store, policies } = inMemory();
    const policyId = aPolicyId();
    const transition = aTransition(policyId, undefined, {
      seconds: 0,
      environments: { members: manyEnvironments(500) },
    });
    await store.commit(transition, undefined, []);
    const whole = policies.listEntities;
    let torn = 2;
    policies.listEntities = (options) =>
      listed(
        (async function* () {
          for await (const row of whole(options)) {
            yield torn > 0 && row.rowKey?.startsWith('state|members')
              ? { ...row, membersHash: 'of another write' }
              : row;
          }
          torn -= 1;
        })(),
      );
    assert.equal(
      (await store.readPolicyState(policyId))?.policyState.history.environments?.members.length,
      500,
    );
    torn = 1;
    assert.equal((await store.listPolicyStates())[0]?.policyState.history.environments?.members.length, 500);
    let writes = 0;
    policies.listEntities = (options) =>
      listed(
        (async function* () {
          writes += 1;
          for await (const row of whole(options)) {
            if (row.rowKey?.startsWith('state|members')) yield { ...row, membersHash: 'of another write' };
            else yield { ...row, etag: `W/"${writes}"` };
          }
        })(),
      );
    await assert.rejects(store.readPolicyState(policyId), StorageUnavailableError);
  });

  it('goes on with what it has of a head of which rows are missing, and keeps its history', async () => {
    const { store, policies } = inMemory();
    const policyId = aPolicyId();
    const transition = aTransition(policyId, undefined, {
      seconds: 0,
      environments: { members: manyEnvironments(500) },
    });
    await store.commit(transition, undefined, []);
    const whole = policies.listEntities;
    policies.listEntities = (options) =>
      listed(
        (async function* () {
          for await (const row of whole(options)) if (!row.rowKey?.startsWith('state|members')) yield row;
        })(),
      );
    const stored = await store.readPolicyState(policyId);
    assert.deepEqual(stored?.policyState.findings, transition.policyState.findings);
    assert.equal(stored?.policyState.history.environments, undefined);
    assert.deepEqual(
      store.unreadableRows().all.map(({ rowKey, why }) => [rowKey, why]),
      [['state', 'rows of its list of environments are missing']],
    );
  });

  it('a writer overtaken in the midst of its list stops, and the newer list stands whole', async () => {
    const { store, policies } = inMemory();
    const policyId = aPolicyId();
    const members = manyEnvironments(400, 10);
    const locked = aTransition(policyId, undefined, {
      seconds: 0,
      verdicts: REVOKED,
      environments: { members },
    });
    const one = await store.commit(locked, undefined, []);
    const restored = aTransition(policyId, locked.policyState, {
      seconds: 60,
      environments: { members: members.map((member) => ({ ...member, runtimeState: 'Disabled' })) },
    });
    assert.ok(one.outcome === 'committed' && locked.incident && restored.incident);
    let batches = 0;
    policies.before = async ({ operation }) => {
      if (operation !== 'submitTransaction') return;
      batches += 1;
      if (batches !== 2 || !restored.incident) return;
      policies.before = undefined;
      assert.equal((await store.commit(restored, one.etag, [])).outcome, 'committed');
      await store.writeEnvironments(restored.incident, restored.environments);
    };
    await store.writeEnvironments(locked.incident, locked.environments);
    const states = (await store.listEnvironments(locked.incident)).map(({ state }) => state);
    assert.equal(states.length, 400);
    assert.deepEqual([...new Set(states)], ['awaitingReEnable']);
    assert.equal((await store.readPolicyState(policyId))?.policyState.environmentsUnwritten, undefined);
  });

  for (const isFirst of [true, false]) {
    it(`knows its own commit again whose answer was lost (${isFirst ? 'the first' : 'a later'} one)`, async () => {
      const { store, policies } = inMemory();
      const policyId = aPolicyId();
      const healthy = aTransition(policyId, undefined, { seconds: 0 });
      const before = isFirst ? undefined : await store.commit(healthy, undefined, []);
      const etag = before?.outcome === 'committed' ? before.etag : undefined;
      const transition = aTransition(policyId, isFirst ? undefined : healthy.policyState, {
        seconds: 10,
        verdicts: REVOKED,
      });
      const once = policies.submitTransaction;
      // As the SDK does: the answer is lost, the same transaction goes out again.
      policies.submitTransaction = async (actions) => {
        await once(actions);
        return once(actions);
      };
      const result = await store.commit(transition, etag, someRows(transition));
      policies.submitTransaction = once;
      assert.ok(result.outcome === 'committed');
      assert.equal((await store.readPolicyState(policyId))?.etag, result.etag);
      for (const row of result.rows) assert.ok(await store.updateNotice({ ...row, state: 'sent' }));
    });
  }

  it('a head that somebody deleted is a conflict, not an error', async () => {
    const { store } = inMemory();
    const transition = aTransition(aPolicyId(), undefined, { seconds: 0 });
    assert.deepEqual(await store.commit(transition, 'W/"gone"', []), { outcome: 'conflict' });
  });

  it('makes the overview anew that somebody deleted', async () => {
    const { store, readModel } = inMemory();
    const { policyState } = aTransition(aPolicyId(), undefined, {
      seconds: 0,
      environments: { members: manyEnvironments(10_000) },
    });
    readModel.deleteTable();
    assert.deepEqual(await store.readReadModel(), []);
    await store.writeReadModel(policyState, at(0));
    const [entry] = await store.readReadModel();
    assert.equal(entry?.environments.length, 10_000);
  });

  it('leaves out an overview entry that is being written', async () => {
    const { store, readModel } = inMemory();
    const { policyState } = aTransition(aPolicyId(), undefined, {
      seconds: 0,
      environments: { members: manyEnvironments(10_000) },
    });
    await store.writeReadModel(policyState, at(0));
    const [, second] = readModel.rows();
    assert.ok(second?.partitionKey && second.rowKey);
    const row = {
      ...second,
      partitionKey: second.partitionKey,
      rowKey: second.rowKey,
      etag: undefined,
      readAt: at(5),
    };
    await readModel.updateEntity(row, 'Replace', { etag: '*' });
    assert.deepEqual(await store.readReadModel(), []);
  });
});

describe('what storage answers, and what becomes of it', () => {
  const answers: [string, Error, typeof StorageUnavailableError | typeof StorageRefusedError | TypeError][] =
    [
      ['throttling', refusal(503, 'ServerBusy'), StorageUnavailableError],
      ['too many requests', refusal(429, 'TooManyRequests', true), StorageUnavailableError],
      ['a missing right', refusal(403, 'AuthorizationPermissionMismatch'), StorageUnavailableError],
      [
        'no connection',
        Object.assign(new Error('connect ECONNREFUSED'), { name: 'RestError', code: 'ECONNREFUSED' }),
        StorageUnavailableError,
      ],
      [
        'no token',
        Object.assign(new Error('SECRET-TOKEN'), { name: 'CredentialUnavailableError' }),
        StorageUnavailableError,
      ],
      ['a wrong request', refusal(400, 'InvalidInput', true), StorageRefusedError],
    ];
  for (const [name, error, kind] of answers) {
    it(`${name} is ${(kind as { name: string }).name}, and tells no secret`, async () => {
      const { store, policies } = inMemory();
      policies.before = () => {
        throw error;
      };
      const transition = aTransition(aPolicyId(), undefined, { seconds: 0 });
      for (const work of [
        () => store.commit(transition, undefined, []),
        () => store.readPolicyState(aPolicyId()),
        () => store.listPolicyStates(),
        () => store.leaseGroup('g', 'teams', at(0), at(1)),
      ]) {
        await assert.rejects(work, (thrown: Error) => {
          assert.equal(thrown.constructor, kind);
          assert.match(thrown.message, /^Could not .*table storage/);
          assert.doesNotMatch(inspect(thrown, { depth: 9, showHidden: true }), /SECRET|Bearer/);
          assert.ok(thrown.cause instanceof Error);
          return true;
        });
      }
    });
  }

  it('a missing right names the role that fixes it', async () => {
    const { store, policies } = inMemory();
    policies.before = () => {
      throw refusal(403, 'AuthorizationPermissionMismatch');
    };
    await assert.rejects(store.listPolicyStates(), /Storage Table Data Contributor/);
  });

  it('a bug of ours goes through as it is', async () => {
    const { store, policies } = inMemory();
    policies.before = () => {
      throw new TypeError('a bug');
    };
    await assert.rejects(store.listPolicyStates(), { name: 'TypeError', message: 'a bug' });
  });

  it('a head row that is not ours is named with the command that deletes it, and left as it is', async () => {
    const { store, policies } = inMemory();
    const policyId = aPolicyId();
    await store.commit(aTransition(policyId, undefined, { seconds: 0 }), undefined, []);
    const [row] = policies.rows();
    assert.ok(row?.partitionKey);
    await policies.updateEntity({ partitionKey: row.partitionKey, rowKey: 'state', json: '{' }, 'Replace', {
      etag: '*',
    });
    const stored = await store.readPolicyState(policyId);
    assert.equal(stored?.policyState.verdict, 'unknown');
    const next = aTransition(policyId, stored?.policyState, { seconds: 60 });
    const committed = await store.commit(next, stored?.etag, []);
    assert.ok(committed.outcome === 'committed');
    assert.equal((await store.readPolicyState(policyId))?.etag, committed.etag);
    assert.equal((await store.commit(next, stored?.etag, [])).outcome, 'conflict');
    assert.equal(policies.rows().find(({ rowKey }) => rowKey === 'state')?.json, '{');
    assert.deepEqual(store.unreadableRows().all, [
      {
        table: 'policies',
        partitionKey: row.partitionKey,
        rowKey: 'state',
        policyId,
        why: 'its JSON is damaged',
        command: `az storage entity delete --account-name '<storage account>' --table-name 'policies' --partition-key '${row.partitionKey}' --row-key 'state' --auth-mode login`,
      },
    ]);
  });

  it('takes a row that unpacks to more than it ever wrote for damaged, before it fills the memory', async () => {
    const { store, policies } = inMemory();
    const policyId = aPolicyId();
    await store.commit(aTransition(policyId, undefined, { seconds: 0 }), undefined, []);
    const [row] = policies.rows();
    assert.ok(row?.partitionKey);
    // 65 MB of blanks before valid JSON, in some 65 KB.
    const bomb = deflateRawSync(`${' '.repeat(65 * 1024 * 1024)}${row.json}`);
    const columns = { zip0: bomb.subarray(0, 60_000), zip1: bomb.subarray(60_000) };
    await policies.updateEntity({ partitionKey: row.partitionKey, rowKey: 'state', ...columns }, 'Replace', {
      etag: '*',
    });
    assert.equal((await store.readPolicyState(policyId))?.policyState.verdict, 'unknown');
    assert.equal(store.unreadableRows().all[0]?.why, 'its JSON is damaged');
  });
});
