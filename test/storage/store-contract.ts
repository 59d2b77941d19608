import assert from 'node:assert/strict';
import { it } from 'node:test';
import { applyIncidentAction } from '../../shared/incidents/actions.ts';
import type { ChannelHealth } from '../../shared/storage/channel-health.ts';
import type { TableStore } from '../../shared/storage/table-store.ts';
import { aPolicyId, aTransition, manyEnvironments, someRows } from '../incidents/a-commit.ts';
import { anEnvironment, at, type ReadingOptions } from '../incidents/a-reading.ts';

const REVOKED = { 'key-disabled': 'revoked' } as const;
const LOCK: ReadingOptions = { seconds: 60, verdicts: REVOKED };

/** What every store over Azure Tables keeps, be they in memory, in Azurite or in Azure. `long`: of a long list. */
export function storeContract(open: () => Promise<TableStore>, long: number): void {
  /** A store with one policy whose incident is open. */
  async function locked(options: ReadingOptions = LOCK) {
    const store = await open();
    const policyId = aPolicyId();
    const transition = aTransition(policyId, undefined, options);
    const committed = await store.commit(transition, undefined, someRows(transition));
    assert.ok(committed.outcome === 'committed' && transition.incident);
    return { store, policyId, transition, committed, incident: transition.incident };
  }
  const json = (value: unknown) => JSON.parse(JSON.stringify(value));

  it('gives back what was committed, under the ETag that the commit gave', async () => {
    const { store, policyId, transition, committed, incident } = await locked();
    const stored = await store.readPolicyState(policyId.toUpperCase());
    assert.deepEqual(stored?.policyState, json(transition.policyState));
    assert.equal(stored?.etag, committed.etag);
    assert.deepEqual(await store.readIncident(incident.id), json(incident));
    assert.deepEqual(await store.listEnvironments(incident), json(transition.environments));
    assert.deepEqual(await store.listTimeline(incident), json(transition.timeline));
    const notices = await store.listNotices(incident);
    assert.deepEqual(
      notices.map(({ channel }) => channel),
      ['email', 'teams'],
    );
    for (const row of committed.rows) {
      assert.deepEqual(
        notices.find(({ channel }) => channel === row.channel),
        json(row),
      );
    }
  });

  it('knows nothing of a policy or an incident that was never committed', async () => {
    const store = await open();
    assert.equal(await store.readPolicyState(aPolicyId()), undefined);
    for (const id of ['', 'inc-1', "x' or PartitionKey ne '", `${'a'.repeat(20)}-1`, `${'a'.repeat(20)}-0`]) {
      assert.equal(await store.readIncident(id), undefined);
    }
  });

  it('lets one of two commits through, and the other leaves no trace', async () => {
    const { store, policyId, transition, committed, incident } = await locked();
    const second = aTransition(policyId, undefined, {
      seconds: 61,
      verdicts: { 'vault-deleted': 'revoked' },
    });
    assert.deepEqual(await store.commit(second, undefined, someRows(second)), { outcome: 'conflict' });

    const worse = aTransition(policyId, transition.policyState, {
      seconds: 70,
      verdicts: { ...REVOKED, 'vault-deleted': 'revoked' },
    });
    const [a, b] = await Promise.all([
      store.commit(worse, committed.etag, someRows(worse)),
      store.commit(worse, committed.etag, someRows(worse)),
    ]);
    assert.deepEqual([a.outcome, b.outcome].sort(), ['committed', 'conflict']);
    assert.equal((await store.listNotices(incident)).length, 4);
    assert.deepEqual(
      (await store.listTimeline(incident)).map(({ what }) => what),
      ['opened', 'worsened'],
    );
    assert.equal((await store.readIncident(incident.id))?.causes.length, 2);
  });

  it('lists the incidents of all policies by a few columns, open or not, and each as it stands now', async () => {
    const { store, incident } = await locked();
    const listed = await store.listIncidents();
    const { id, policyId, state, openedAt } = incident;
    assert.deepEqual(
      listed.filter((one) => one.id === id),
      [{ id, policyId, state, openedAt }],
    );
  });

  it('lists every head, and none twice', async () => {
    const { store, policyId } = await locked();
    const other = aPolicyId();
    await store.commit(aTransition(other, undefined, { seconds: 0 }), undefined, []);
    const listed = (await store.listPolicyStates()).map(({ policyState }) => policyState.policyId);
    assert.deepEqual(listed.filter((id) => id === policyId || id === other).sort(), [policyId, other].sort());
    assert.equal(new Set(listed).size, listed.length);
  });

  it('keeps the first incident apart from the tenth', async () => {
    const { store, policyId, incident } = await locked();
    const stored = await store.readPolicyState(policyId);
    assert.ok(stored);
    const before = { ...stored.policyState, sequence: 9, incident: undefined };
    const tenth = aTransition(policyId, before, { seconds: 900, verdicts: { 'vault-deleted': 'revoked' } });
    await store.commit(tenth, stored.etag, someRows(tenth));
    assert.equal(tenth.incident?.sequence, 10);
    assert.equal((await store.listNotices(incident)).length, 2);
    assert.equal((await store.listTimeline(incident)).length, 1);
    assert.equal((await store.listEnvironments(incident)).length, 2);
    assert.equal((await store.readIncident(incident.id))?.sequence, 1);
  });

  it('finds what is pending, of all or of some policies, until it is sent', async () => {
    const { store, policyId, committed } = await locked();
    const { policyId: other } = await locked();
    const ofBoth = (await store.pendingNotices()).filter((row) => [policyId, other].includes(row.policyId));
    assert.ok(ofBoth.some((row) => row.policyId === policyId));
    const mine = await store.pendingNotices([policyId, policyId.toUpperCase()]);
    assert.deepEqual(
      mine.map(({ channel }) => channel),
      ['email', 'teams'],
    );
    assert.deepEqual(await store.pendingNotices([]), []);

    const teams = committed.rows.find(({ channel }) => channel === 'teams');
    assert.ok(teams);
    const sent = await store.updateNotice({ ...teams, state: 'sent', sentAt: at(90), messageId: 'm1' });
    assert.equal(sent?.messageId, 'm1');
    assert.equal(await store.updateNotice({ ...teams, state: 'pending' }), undefined);
    assert.deepEqual(
      (await store.pendingNotices([policyId])).map(({ channel }) => channel),
      ['email'],
    );
    assert.ok(await store.updateNotice({ ...sent, attempts: 2 }));
  });

  it('moves an incident that ended to the history with all its rows, and lists it there by its time', async () => {
    const members = manyEnvironments(120, 10);
    const { store, policyId, transition, committed, incident } = await locked({
      ...LOCK,
      environments: { members },
    });
    await store.writeEnvironments(incident, transition.environments);
    const done = applyIncidentAction(
      transition.policyState,
      incident.id,
      { what: 'close', why: 'planned' },
      { name: 'Ann' },
      at(90),
    );
    assert.ok(!('refused' in done));
    await store.commit(done, committed.etag, []);
    assert.equal(await store.moveToHistory(incident.id), 'waits');
    for (const row of committed.rows) await store.updateNotice({ ...row, state: 'sent' });
    assert.deepEqual(await store.pendingNotices([policyId]), []);
    const seen = async () => [
      await store.readIncident(incident.id),
      (await store.listEnvironments({ id: incident.id, policyId })).length,
      await store.listTimeline({ id: incident.id, policyId }),
      (await store.listNotices({ id: incident.id, policyId })).map(({ etag: _, ...row }) => row),
    ];
    const before = await seen();
    assert.equal(await store.moveToHistory(incident.id), 'moved');
    assert.deepEqual(await seen(), before);
    assert.ok(!(await store.listIncidents()).some(({ id }) => id === incident.id));
    const listed = {
      id: incident.id,
      policyId,
      state: 'closed',
      openedAt: incident.openedAt,
      endedAt: at(90),
    };
    for (const one of [undefined, policyId]) {
      const ended = await store.listEnded({ states: ['closed', 'dismissed'], policyId: one, count: 500 });
      assert.deepEqual(
        ended.filter(({ id }) => id === incident.id),
        [listed],
      );
    }
    const after = { states: ['closed' as const], policyId, count: 5, after: incident };
    assert.deepEqual(await store.listEnded(after), []);
    assert.equal(await store.historyFault(), undefined);
    assert.equal(await store.moveToHistory(incident.id), 'gone');
  });

  it('a notice that was called for before stays as it became', async () => {
    const { store, policyId, transition, committed, incident } = await locked();
    const [first] = committed.rows;
    assert.ok(first);
    await store.updateNotice({ ...first, state: 'sent' });
    const next = aTransition(policyId, transition.policyState, { seconds: 70, verdicts: REVOKED });
    const again = await store.commit(
      next,
      committed.etag,
      someRows(transition, ['teams', 'email', 'webhook']),
    );
    assert.ok(again.outcome === 'committed');
    assert.deepEqual(
      again.rows.map(({ channel }) => channel),
      ['webhook'],
    );
    const states = (await store.listNotices(incident)).map(({ channel, state }) => [channel, state]);
    assert.deepEqual(states, [
      ['email', 'pending'],
      ['teams', 'sent'],
      ['webhook', 'pending'],
    ]);
  });

  it('gives a notice up together with the rows that tell of it, or not at all', async () => {
    const { store, policyId, committed, incident } = await locked();
    const teams = committed.rows.find(({ channel }) => channel === 'teams');
    assert.ok(teams);
    const gone = { ...teams, state: 'givenUp' as const, lastError: 'HTTP 400' };
    const telling = ['email', 'webhook'].map((channel) => ({
      ...teams,
      noticeId: `${incident.id}-undelivered-1`,
      reason: 'undelivered' as const,
      channel,
      undelivered: { channel: 'teams', reason: teams.reason, since: teams.createdAt, because: 'HTTP 400' },
      etag: undefined,
    }));
    const told = await store.giveUp(gone, telling);
    assert.equal(told?.length, 2);
    assert.equal(await store.giveUp(gone, telling), undefined, 'another was first');
    assert.equal(await store.giveUp({ ...gone, etag: 'W/"1"' }, []), undefined);
    const stored = await store.listNotices(incident);
    const ofTeams = stored.find(({ channel }) => channel === 'teams');
    assert.deepEqual([ofTeams?.state, ofTeams?.lastError], ['givenUp', 'HTTP 400']);
    const waiting = (await store.pendingNotices([policyId])).map(({ channel, reason }) => [channel, reason]);
    assert.deepEqual(waiting.sort(), [
      ['email', teams.reason],
      ['email', 'undelivered'],
      ['webhook', 'undelivered'],
    ]);
    for (const row of told ?? []) {
      assert.deepEqual(row.undelivered, telling[0]?.undelivered);
      assert.ok(await store.updateNotice({ ...row, state: 'sent' }), 'the ETag is the right one');
    }
    await assert.rejects(store.giveUp({ ...gone, etag: undefined }, []), TypeError);
  });

  it('a row that would tell of it and is there already keeps the notice from being given up twice', async () => {
    const { store, committed, incident } = await locked();
    const [teams, email] = ['teams', 'email'].map((name) =>
      committed.rows.find(({ channel }) => channel === name),
    );
    assert.ok(teams && email);
    assert.equal(
      await store.giveUp({ ...teams, state: 'givenUp' }, [{ ...email, etag: undefined }]),
      undefined,
    );
    const states = (await store.listNotices(incident)).map(({ state }) => state);
    assert.deepEqual(states, ['pending', 'pending']);
  });

  it('remembers how each channel is; of two who write at once, both count', async () => {
    const store = await open();
    const channel = `teams-${aPolicyId().slice(-12)}`;
    const mine = async () =>
      (await store.channelHealth.readAll()).find((health) => health.channel === channel);
    assert.equal(await mine(), undefined);
    const failed = (before: ChannelHealth) => ({ ...before, failures: before.failures + 1, lastError: 'no' });
    await Promise.all([1, 2, 3].map(() => store.channelHealth.update(channel, failed)));
    assert.deepEqual(await mine(), { channel, failures: 3, lastError: 'no' });
    assert.equal(await store.channelHealth.update(channel, () => undefined), undefined);
    assert.equal((await mine())?.failures, 3);
    const well = { channel, failures: 0, lastSuccessAt: at(5) };
    assert.deepEqual(await store.channelHealth.update(channel, () => well), well);
    assert.deepEqual(await mine(), well, 'what is not there any more is gone');
    const policyStates = (await store.listPolicyStates()).map(({ policyState }) => policyState.policyId);
    assert.ok(policyStates.every((id) => id !== undefined));
  });

  it('takes ids of any letters and any length into its keys', async () => {
    const ids = ['a/b\\c#d?e', "it's|a pipe", 'ÄÖ\u0000\u009f', 'x'.repeat(2000), `${'x'.repeat(1999)}y`];
    const members = ids.map((id, n) => anEnvironment(n, { id }));
    const { store, transition, incident } = await locked({ ...LOCK, environments: { members } });
    const listed = (await store.listEnvironments(incident)).map(({ id }) => id);
    assert.deepEqual(listed.sort(), transition.environments.map(({ id }) => id).sort());
    assert.equal(listed.length, ids.length);
  });

  it('takes the first environments along and the rest afterwards, and knows until then that the list is unfinished', async () => {
    const members = manyEnvironments(long);
    const { store, policyId, transition, incident } = await locked({ ...LOCK, environments: { members } });
    const early = await store.listEnvironments(incident);
    assert.ok(early.length > 0 && early.length < 100, `${early.length} went along`);
    const between = await store.readPolicyState(policyId);
    assert.deepEqual(between?.policyState.environmentsUnwritten, json(incident));
    assert.deepEqual(between?.policyState.history.environments?.members, json(members));

    await store.writeEnvironments(incident, transition.environments);
    await store.writeEnvironments(incident, transition.environments);
    const listed = await store.listEnvironments(incident);
    const ids = transition.environments.map(({ id }) => id).sort();
    assert.deepEqual(listed.map(({ id }) => id).sort(), ids);
    const after = await store.readPolicyState(policyId);
    assert.equal(after?.policyState.environmentsUnwritten, undefined);
    assert.equal(after?.etag, between?.etag);
  });

  it('a slow writer of an older list does not overwrite a newer one', async () => {
    const members = manyEnvironments(250, 20);
    const { store, policyId, transition, committed, incident } = await locked({
      ...LOCK,
      environments: { members },
    });
    const restored = aTransition(policyId, transition.policyState, {
      seconds: 90,
      environments: { members: members.map((member) => ({ ...member, runtimeState: 'Disabled' })) },
    });
    await store.commit(restored, committed.etag, []);
    assert.ok(restored.incident);
    await store.writeEnvironments(restored.incident, restored.environments);
    await store.writeEnvironments(incident, transition.environments);
    const states = new Set((await store.listEnvironments(incident)).map(({ state }) => state));
    assert.deepEqual([...states], ['awaitingReEnable']);
  });

  it('leases a group to one sender, and remembers what it sent', async () => {
    const store = await open();
    const group = `opened|vault-deleted|${aPolicyId().toLowerCase()}`;
    const [a, b] = await Promise.all([
      store.leaseGroup(group, 'teams', at(0), at(60)),
      store.leaseGroup(group, 'teams', at(0), at(60)),
    ]);
    const lease = a ?? b;
    assert.ok(lease && !(a && b));
    assert.equal(lease.sentAt, undefined);
    assert.ok(await store.leaseGroup(group, 'email', at(0), at(60)));
    assert.equal(await store.leaseGroup(group, 'teams', at(59), at(99)), undefined);
    await store.releaseGroup(lease, { at: at(5), messageId: 'm1' });
    const next = await store.leaseGroup(group, 'teams', at(6), at(66));
    assert.deepEqual([next?.sentAt, next?.messageId], [at(5), 'm1']);
    assert.ok(next);
    await store.releaseGroup(next);
    const kept = await store.leaseGroup(group, 'teams', at(7), at(67));
    assert.equal(kept?.messageId, 'm1');
  });

  it('a lease whose holder died runs out, and its late release changes nothing', async () => {
    const store = await open();
    const group = `opened|vault-deleted|${aPolicyId().toLowerCase()}`;
    const dead = await store.leaseGroup(group, 'teams', at(0), at(60));
    const next = await store.leaseGroup(group, 'teams', at(60), at(120));
    assert.ok(dead && next);
    await store.releaseGroup(dead, { at: at(61), messageId: 'late' });
    assert.equal(await store.leaseGroup(group, 'teams', at(70), at(130)), undefined);
    await store.releaseGroup(next);
    assert.equal((await store.leaseGroup(group, 'teams', at(71), at(131)))?.messageId, undefined);
  });

  it('the overview tells of each policy, and an older head never overwrites a newer one', async () => {
    const { store, policyId, transition, incident } = await locked();
    const newer = aTransition(policyId, transition.policyState, { seconds: 90 });
    await store.writeReadModel(newer.policyState, at(90));
    await store.writeReadModel(transition.policyState, at(90));
    const mine = (await store.readReadModel()).filter((entry) => entry.policyId === policyId);
    assert.deepEqual(mine, [
      {
        policyId,
        name: policyId.split('/').at(-1),
        verdict: 'clear',
        incidentId: incident.id,
        readAt: at(90),
        environments: [1, 2].map((n) => ({ id: anEnvironment(n).id, displayName: `Env ${n}` })),
      },
    ]);
  });
}
