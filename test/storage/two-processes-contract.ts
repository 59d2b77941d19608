import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { TableStore } from '../../shared/storage/table-store.ts';
import { aPolicyId, aTransition, someRows } from '../incidents/a-commit.ts';
import { at } from '../incidents/a-reading.ts';

/** What two processes with a store each, over the same tables, may rely on; in memory, in Azurite or in Azure. */
export function twoProcesses(open: () => Promise<[TableStore, TableStore]>): void {
  it('a head that another process has written since it was read is not overwritten, whatever goes with it', async () => {
    const [one, other] = await open();
    const policyId = aPolicyId();
    const first = aTransition(policyId, undefined, { seconds: 0 });
    assert.equal((await one.commit(first, undefined, [])).outcome, 'committed');
    const [read, readToo] = [await one.readPolicyState(policyId), await other.readPolicyState(policyId)];
    assert(read && readToo);
    const locked = aTransition(policyId, read.policyState, {
      seconds: 60,
      verdicts: { 'key-disabled': 'revoked' },
    });
    assert.equal((await one.commit(locked, read.etag, [])).outcome, 'committed');
    // Neither of these writes a row besides the head that could be in the way by itself.
    const clear = aTransition(policyId, readToo.policyState, { seconds: 30 });
    assert.deepEqual(await other.commit(clear, readToo.etag, []), { outcome: 'conflict' });
    assert.deepEqual(await other.commit(first, undefined, []), { outcome: 'conflict' });
    const stands = await other.readPolicyState(policyId);
    assert.equal(stands?.policyState.incident?.id, locked.incident?.id);
  });

  it('of two that take one head at the same time, one does', async () => {
    const stores = await open();
    const policyId = aPolicyId();
    const first = aTransition(policyId, undefined, { seconds: 0 });
    await stores[0].commit(first, undefined, []);
    for (let n = 1; n <= 5; n += 1) {
      const read = await stores[0].readPolicyState(policyId);
      assert(read);
      const next = aTransition(policyId, read.policyState, { seconds: n * 30 });
      const outcomes = await Promise.all(stores.map((store) => store.commit(next, read.etag, [])));
      assert.deepEqual(outcomes.map(({ outcome }) => outcome).sort(), ['committed', 'conflict']);
    }
  });

  it('what is remembered of the watch itself is not overwritten either', async () => {
    const [one, other] = await open();
    // The first time there may be none yet.
    for (let n = 0; n < 2; n += 1) {
      const [mine, theirs] = [await one.visibility.read(), await other.visibility.read()];
      const visibility = { ...mine.visibility, sequence: mine.visibility.sequence + 1 };
      assert.equal((await one.visibility.commit(visibility, mine.etag, [])).outcome, 'committed');
      assert.equal((await other.visibility.commit(theirs.visibility, theirs.etag, [])).outcome, 'conflict');
      assert.equal((await other.visibility.read()).visibility.sequence, visibility.sequence);
    }
  });

  it('of two that lease one group at the same time, one does: a new group, one given back, one that ran out', async () => {
    const stores = await open();
    const group = `opened|vault-deleted|${aPolicyId().toLowerCase()}`;
    for (const seconds of [0, 1, 2, 62, 122]) {
      const leases = await Promise.all(
        stores.map((store) => store.leaseGroup(group, 'teams', at(seconds), at(seconds + 60))),
      );
      const [lease, ...more] = leases.filter((one) => one !== undefined);
      assert(lease, `nobody at ${seconds}`);
      assert.equal(more.length, 0, `both at ${seconds}`);
      if (seconds < 2) await stores[0].releaseGroup(lease);
    }
  });

  it('a lease further ahead than any holds nobody back', async () => {
    const [one, other] = await open();
    const group = `opened|vault-deleted|${aPolicyId().toLowerCase()}`;
    assert(await one.leaseGroup(group, 'teams', at(86_400), at(86_430)));
    assert(await other.leaseGroup(group, 'teams', at(0), at(30)));
    assert.equal(await one.leaseGroup(group, 'teams', at(1), at(31)), undefined, 'a real one does');
  });

  it('of two that take one notice, one gets it', async () => {
    const stores = await open();
    const transition = aTransition(aPolicyId(), undefined, {
      seconds: 0,
      verdicts: { 'key-disabled': 'revoked' },
    });
    const committed = await stores[0].commit(transition, undefined, someRows(transition));
    assert(committed.outcome === 'committed');
    for (const row of committed.rows) {
      const taken = await Promise.all(
        stores.map((store) => store.updateNotice({ ...row, nextTryAt: at(90) })),
      );
      assert.equal(taken.filter((one) => one !== undefined).length, 1);
    }
  });
}
