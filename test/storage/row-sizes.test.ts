import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Cause, Incident, PolicyState, Transition } from '../../shared/incidents/incident.ts';
import { afterSend } from '../../shared/notices/breaker.ts';
import type { OutboxRow } from '../../shared/storage/incident-store.ts';
import { tableStore } from '../../shared/storage/table-store.ts';
import { ADVISORY_IDS, type AdvisoryFinding } from '../../shared/triggers/advisories/advisory.ts';
import { type Finding, TRIGGER_IDS } from '../../shared/triggers/finding.ts';
import { aPolicyId, aTransition, manyEnvironments, someRows } from '../incidents/a-commit.ts';
import { aFinding, at } from '../incidents/a-reading.ts';
import { memoryTable } from '../simulation/memory-table.ts';

/** What nothing can compress much. */
const noise = (characters: number) =>
  randomBytes(Math.ceil(characters * 0.75))
    .toString('base64')
    .slice(0, characters);
const many = <T>(count: number, make: (n: number) => T) => Array.from({ length: count }, (_, n) => make(n));
const guid = () => randomBytes(16).toString('hex');

function inMemory() {
  const tables = { policies: memoryTable(), readModel: memoryTable(), history: memoryTable() };
  return { ...tables, store: tableStore(async () => tables) };
}

interface Extremes {
  entries: number;
  characters: number;
  members: number;
  nameLength: number;
  left: number;
  channels: number;
  causes: number;
}

const extremes: fc.Arbitrary<Extremes> = fc.record({
  entries: fc.constantFrom(0, 10, 3_000),
  characters: fc.constantFrom(10, 1_000, 20_000),
  members: fc.constantFrom(1, 30, 1_000),
  nameLength: fc.constantFrom(0, 64, 1_000),
  left: fc.constantFrom(0, 3_000, 20_000),
  channels: fc.constantFrom(1, 8),
  causes: fc.constantFrom(1, TRIGGER_IDS.length),
});

/** Of `entries` entries, as many as come to 20 KB a list: a megabyte with all causes. */
function said({ entries, characters }: Extremes): Pick<Finding, 'summary' | 'evidence' | 'remediation'> {
  const count = Math.min(entries, Math.ceil(20_000 / characters));
  return {
    summary: noise(characters),
    evidence: many(count, () => ({ text: noise(characters), readAt: at(0) })),
    remediation: many(count, () => ({ text: noise(characters), command: `az ${noise(characters)}` })),
  };
}

function extremeTransition(policyId: string, world: Extremes): Transition {
  const opened = aTransition(policyId, undefined, {
    seconds: 0,
    verdicts: Object.fromEntries(
      TRIGGER_IDS.slice(0, world.causes).map((trigger) => [
        trigger,
        aFinding(trigger, 'revoked', said(world)),
      ]),
    ),
    environments: { members: manyEnvironments(world.members, world.nameLength) },
  });
  assert.ok(opened.incident);
  const easedCauses: Cause[] = opened.incident.causes.map((cause) => ({ ...cause }));
  const incident: Incident = {
    ...opened.incident,
    easedCauses,
    environmentsLeft: many(world.left, guid),
    silence: { from: at(0), until: at(60), by: { name: noise(120) }, why: noise(500), at: at(0) },
  };
  const advisories: AdvisoryFinding[] = ADVISORY_IDS.map((advisory) => {
    const { summary, evidence, remediation } = said(world);
    return {
      advisory,
      verdict: 'present',
      severity: 'warning',
      summary,
      evidence,
      remediation,
      scope: policyId,
    };
  });
  const policyState: PolicyState = {
    ...opened.policyState,
    incident,
    advisories: { readAt: at(0), findings: advisories },
    warnings: many(5, () => noise(world.characters)),
    parts: { vault: { state: 'unknown', reason: 'timeout', detail: noise(world.characters), readAt: at(0) } },
  };
  const timeline = opened.timeline.map((entry) => ({ ...entry, text: noise(world.characters * 10) }));
  return { ...opened, policyState, incident, timeline };
}

describe('no stored state outgrows a row or a transaction of Azure', () => {
  it('however long an incident, its causes, its members and its channels are: it is committed, and nothing that decisions stand on is lost', async () => {
    await fc.assert(
      fc.asyncProperty(extremes, async (world) => {
        const { store } = inMemory();
        const policyId = aPolicyId();
        const transition = extremeTransition(policyId, world);
        const { incident } = transition;
        assert.ok(incident);
        const rows: OutboxRow[] = someRows(
          transition,
          many(world.channels, (n) => `webhook-${n}`),
        );
        const committed = await store.commit(transition, undefined, rows);
        assert.ok(committed.outcome === 'committed');
        const isShort = world.members <= 1_000;
        if (isShort) await store.writeEnvironments(incident, transition.environments);

        const { policyState } = (await store.readPolicyState(policyId)) ?? assert.fail('no head');
        assert.deepEqual(
          policyState.history.environments?.members.map(({ id }) => id),
          transition.policyState.history.environments?.members.map(({ id }) => id),
        );
        const stood = ({ causes, easedCauses, state, recoverBy }: Incident) => ({
          state,
          recoverBy,
          causes: [...causes, ...(easedCauses ?? [])].map(({ trigger, verdict, scope, since }) => ({
            trigger,
            verdict,
            scope,
            since,
          })),
        });
        assert.ok(policyState.incident);
        assert.deepEqual(stood(policyState.incident), stood(incident));
        assert.equal((policyState.incident.environmentsLeft?.length ?? 0) > 0, world.left > 0);
        const whole = await store.readIncident(incident.id);
        assert.deepEqual(whole && stood(whole), stood(incident));
        assert.equal((await store.listNotices(incident)).length, rows.length);
        assert.equal((await store.listTimeline(incident)).length, transition.timeline.length);
        const environments = await store.listEnvironments(incident);
        if (isShort) assert.equal(environments.length, transition.environments.length);

        const [row] = committed.rows;
        assert.ok(row);
        const told = rows.map((one) => ({ ...one, noticeId: `${one.noticeId}-undelivered` }));
        assert.ok(await store.giveUp({ ...row, state: 'givenUp', lastError: noise(100_000) }, told));
        await store.writeReadModel(policyState, policyState.readAt);
        assert.equal((await store.readReadModel()).length, 1);
        assert.deepEqual(store.unreadableRows().all, []);
      }),
      { numRuns: 4, endOnFailure: true, examples: [[LARGEST]] },
    );
  });

  const LARGEST: Extremes = {
    entries: 3_000,
    characters: 20_000,
    members: 16_000,
    nameLength: 200,
    left: 60_000,
    channels: 40,
    causes: TRIGGER_IDS.length,
  };

  it('the notices of eighty channels have room beside a membership that is as large as it may be', async () => {
    const { store } = inMemory();
    const policyId = aPolicyId();
    const finding = aFinding('key-disabled', 'revoked', { summary: noise(28_000) });
    const transition = aTransition(policyId, undefined, {
      seconds: 0,
      verdicts: { 'key-disabled': finding },
      environments: { members: manyEnvironments(16_000, 135) },
    });
    const rows = someRows(
      transition,
      many(80, (n) => `webhook-${n}`),
    );
    assert.equal((await store.commit(transition, undefined, rows)).outcome, 'committed');
    assert.equal((await store.pendingNotices()).length, 80);
  });

  it('the notices of eighty channels have room also where they are short texts, and each character takes three bytes', async () => {
    const { store, policies } = inMemory();
    const summary = '鍵'.repeat(9_300);
    const transition = aTransition(aPolicyId(), undefined, {
      seconds: 0,
      verdicts: { 'key-disabled': aFinding('key-disabled', 'revoked', { summary }) },
    });
    const channels = many(80, (n) => `webhook-${n}`);
    const committed = await store.commit(transition, undefined, someRows(transition, channels.slice(0, 1)));
    assert.equal(committed.outcome, 'committed');
    const alone = policies.rows().find(({ channel }) => channel === channels[0]);
    assert.ok(
      typeof alone?.json === 'string' && Buffer.byteLength(alone.json) * channels.length > 4 * 1024 * 1024,
    );

    const other = inMemory().store;
    assert.equal(
      (await other.commit(transition, undefined, someRows(transition, channels))).outcome,
      'committed',
    );
    assert.equal((await other.pendingNotices()).length, channels.length);
  });

  it('what is short is stored as it is', async () => {
    const { store } = inMemory();
    const policyId = aPolicyId();
    const transition = aTransition(policyId, undefined, {
      seconds: 0,
      verdicts: { 'key-disabled': aFinding('key-disabled', 'revoked', said(SHORT)) },
    });
    await store.commit(transition, undefined, []);
    assert.deepEqual(
      (await store.readPolicyState(policyId))?.policyState.incident?.causes[0]?.finding,
      transition.incident?.causes[0]?.finding,
    );
  });
  const SHORT: Extremes = { ...LARGEST, entries: 20, characters: 1_000 };

  it('a membership of ten thousands of environments fits into the read model', async () => {
    const { store } = inMemory();
    const { policyState } = aTransition(aPolicyId(), undefined, {
      seconds: 0,
      environments: { members: manyEnvironments(30_000, 200) },
    });
    await store.writeReadModel(policyState, policyState.readAt);
    assert.equal((await store.readReadModel())[0]?.environments.length, 30_000);
  });

  it('what a channel said when it failed is stored, however much it said', async () => {
    const { store } = inMemory();
    const failed = { outcome: 'failed', permanent: false, detail: noise(200_000) } as const;
    const health = await store.channelHealth.update('teams', (before) =>
      afterSend(before, failed, at(0), at(1)),
    );
    assert.deepEqual(await store.channelHealth.readAll(), [health]);
  });

  it('a group of notices is leased, however long its name', async () => {
    const { store } = inMemory();
    const group = `opened|key-disabled|${noise(100_000)}`;
    const lease = await store.leaseGroup(group, 'teams', at(0), at(30));
    assert.ok(lease);
    await store.releaseGroup(lease, { at: at(1), messageId: guid() });
    assert.equal((await store.leaseGroup(group, 'teams', at(2), at(32)))?.sentAt, at(1));
  });
});
