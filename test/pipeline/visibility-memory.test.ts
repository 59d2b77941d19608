import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { answer } from '../../shared/api/serve-api.ts';
import { policyKey } from '../../shared/incidents/ids.ts';
import type { PolicyState } from '../../shared/incidents/incident.ts';
import type { Notice } from '../../shared/notices/notice.ts';
import { emailContent } from '../../shared/notices/render/email.ts';
import { say } from '../../shared/notices/say/say.ts';
import { respond } from '../../shared/pipeline/on-message.ts';
import { reportVisibility } from '../../shared/pipeline/report-visibility.ts';
import { onTimer } from '../../shared/pipeline/watchdog.ts';
import { tableStore } from '../../shared/storage/table-store.ts';
import type { AdvisoryFinding } from '../../shared/triggers/advisories/advisory.ts';
import { aPolicyState, SUBSCRIPTION as ELSEWHERE } from '../api/status/a-head.ts';
import { refusal } from '../simulation/memory-table.ts';
import { SUBSCRIPTION, unread } from '../triggers/a-reading.ts';
import { aWorld, policyId, vaultEvent, type World } from './a-world.ts';

const SAY = {
  adminCenterUrl: 'https://admin.powerplatform.microsoft.com',
  portalUrl: 'https://portal.azure.com',
};
const FORBIDDEN = { vault: unread('forbidden'), key: unread('follows'), permission: unread('follows') };
const PARTITION = policyKey('lockwatch');
const KEYS = { partitionKey: PARTITION, rowKey: 'visibility' };

const sent = (world: World) => world.channels[0]?.sent ?? [];
const reasons = (world: World) => sent(world).map(({ reason }) => reason);
const textOf = (notice: Notice | undefined) => (notice ? emailContent(say(notice, SAY)).text : '');
const goes = (world: World, name: string) => world.observedState.set(policyId(name).toLowerCase(), FORBIDDEN);
const comes = (world: World, name: string) => world.observedState.set(policyId(name).toLowerCase(), {});

async function minutes(world: World, count: number): Promise<void> {
  world.ports.config.sweepBounds = { minMs: 60_000, maxMs: 60_000 };
  for (let n = 0; n < count; n += 1) {
    await world.clock.advance(60_000);
    await world.clock.drive(onTimer(world.ports));
  }
}

/** p1 can't be read, and people know. */
async function aBlindWorld(): Promise<World> {
  const world = aWorld(['p1', 'p2'], ['email']);
  await minutes(world, 1);
  goes(world, 'p1');
  await minutes(world, 12);
  assert.deepEqual(reasons(world), ['visibilityLost']);
  return world;
}

async function damage(world: World, columns: Record<string, unknown>, isMerged = false): Promise<void> {
  const row = await world.tables.policies.getEntity(PARTITION, 'visibility');
  await world.tables.policies.updateEntity({ ...(isMerged ? row : {}), ...columns, ...KEYS }, 'Replace', {
    etag: '*',
  });
}

describe('what is remembered of visibility, where it can not be read', () => {
  const cases: [what: string, why: RegExp, harm: (world: World) => Promise<void>][] = [
    ['since it is no JSON', /holds no JSON/, (world) => damage(world, { json: '{"gaps":' }, true)],
    [
      'since another version wrote it',
      /schema version is 99/,
      (world) => damage(world, { version: 99 }, true),
    ],
    ['since a person made it', /schema version is undefined/, (world) => damage(world, { json: '{}' })],
    [
      'since a field is of another kind',
      /field gaps\.x is not/,
      (world) => damage(world, { json: '{"gaps":{"x":7},"sequence":1}' }, true),
    ],
    [
      'since rows of it are missing',
      /rows that belong to it are missing/,
      (world) => damage(world, { rows: 3 }, true),
    ],
  ];
  for (const [what, why, harm] of cases)
    it(`${what}, is made anew: that is reported once, and nothing that people know is`, async () => {
      const world = await aBlindWorld();
      await harm(world);
      const { body } = await answer(
        { url: 'http://localhost/api/health', ifNoneMatch: null },
        { ...world.ports, eventSources: { event: true, audit: false } },
      );
      assert.match(body, /key vault of policy p1/, 'the health is answered meanwhile');
      await minutes(world, 30);
      assert.deepEqual(reasons(world), ['visibilityLost', 'visibilityLost', 'visibilityRestored']);
      const told = textOf(sent(world)[1]);
      assert.match(told, /What Lockwatch remembers of its own visibility could not be read/);
      assert.match(told, new RegExp(`table policies, PartitionKey ${PARTITION}, RowKey visibility`));
      assert.match(told, why);
      assert.doesNotMatch(told, /p1/);
      goes(world, 'p2');
      await minutes(world, 12);
      assert.match(textOf(sent(world)[3]), /key vault of policy p2 can't be read/, 'and sight goes on');
      comes(world, 'p1');
      comes(world, 'p2');
      await minutes(world, 1);
      assert.deepEqual(reasons(world).slice(4), ['visibilityRestored']);
      assert.match(textOf(sent(world)[4]), /key vault of policies p1, p2/);
    });

  it('since somebody deleted it, goes on where it was, and no new notice takes the place of an old one', async () => {
    const world = await aBlindWorld();
    world.tables.policies.deleteRow(PARTITION, 'visibility');
    await minutes(world, 20);
    assert.deepEqual(reasons(world), ['visibilityLost']);
    goes(world, 'p2');
    await minutes(world, 12);
    assert.match(textOf(sent(world)[1]), /policy p2 can't be read/);
    comes(world, 'p1');
    comes(world, 'p2');
    await minutes(world, 1);
    assert.deepEqual(reasons(world), ['visibilityLost', 'visibilityLost', 'visibilityRestored']);
  });

  it('still knows a deleted event source, and asks whether it is back', async () => {
    const world = await aBlindWorld();
    const topic = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.EventGrid/systemTopics/t1`;
    world.eventSources = ['lw', `${SUBSCRIPTION}/rg/t1`];
    world.ports = world.restart();
    const operation = 'Microsoft.EventGrid/systemTopics/delete';
    await world.clock.drive(
      respond(vaultEvent({ operation, vaultId: topic, at: world.clock.now() }), world.ports),
    );
    await damage(world, { json: '{' }, true);
    world.detectionSources.set(topic.toLowerCase(), 'gone');
    await minutes(world, 20);
    assert.deepEqual(reasons(world), [
      'visibilityLost',
      'visibilityLost',
      'visibilityLost',
      'visibilityRestored',
    ]);
    world.detectionSources.set(topic.toLowerCase(), 'known');
    await minutes(world, 2);
    assert.match(textOf(sent(world)[4]), /eve@contoso\.com did Microsoft\.EventGrid\/systemTopics\/delete/);
  });

  it('again and again, as with two versions that run side by side, is three messages an hour at most', async () => {
    const world = await aBlindWorld();
    for (let n = 0; n < 60; n += 1) {
      await damage(world, { version: 99 }, true);
      await minutes(world, 1);
    }
    assert.ok(reasons(world).length <= 1 + 3, reasons(world).join());
  });
});

describe('a large tenant', () => {
  const findings = (n: number, count: number): AdvisoryFinding[] =>
    Array.from({ length: count }, (_, m) => ({
      advisory: 'key-expiring',
      verdict: 'present',
      severity: 'warning',
      summary: `The key ${m} of ${n} expires.`,
      evidence: [],
      remediation: [],
      scope: `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-${n}/keys/k${m}`,
    }));
  const policyStates = (count: number, isDark: (n: number) => boolean): PolicyState[] => {
    const at = '2026-11-20T10:00:00.000Z';
    const dark = { state: 'unknown' as const, reason: 'forbidden', detail: 'It needs Reader.', readAt: at };
    return Array.from({ length: count }, (_, n) =>
      aPolicyState(`ep-${n}`, {
        parts: isDark(n) ? { vault: dark, environments: dark, policy: dark } : {},
        advisories: { readAt: at, findings: findings(n, 6) },
      }),
    );
  };
  const seen = (some: readonly PolicyState[]) => ({
    policyStates: some,
    unlistable: [],
    subscriptions: [],
    notReached: [],
    unwritten: [],
  });

  it('of 12,000 policies with 6 warnings each, none of them visible, is remembered, and says what is new', async () => {
    const world = aWorld([], ['email', 'teams', 'slack', 'webhook', 'sms', 'log']);
    world.ports.config.watchedSubscriptions = [ELSEWHERE.split('/')[2] ?? ''];
    const before = policyStates(12_000, (n) => n < 11_999);
    const tell = (some: readonly PolicyState[]) =>
      world.clock.drive(reportVisibility(seen(some), world.ports));
    await tell(before);
    await world.clock.advance(11 * 60_000);
    await tell(before);
    assert.deepEqual(reasons(world), ['warning', 'visibilityLost']);
    await world.clock.advance(20 * 60_000);
    const after = policyStates(12_000, () => true);
    await tell(after);
    await world.clock.advance(11 * 60_000);
    await tell(after);
    assert.deepEqual(reasons(world), ['warning', 'visibilityLost', 'visibilityLost']);
    assert.match(textOf(sent(world)[2]), /key vault of policy ep-11999 can't be read/);
    const again = { ...world.ports, visibility: world.restart().visibility };
    await world.clock.drive(reportVisibility(seen(after), again));
    assert.deepEqual(reasons(world).length, 3, 'and after a restart it is as before');
    const parts = world.tables.policies.rows().filter(({ rowKey }) => rowKey?.startsWith('visibility'));
    assert.ok(parts.length > 1, 'more than one row holds');
  });
});

describe('a memory in several rows', () => {
  const aStore = () => {
    const world = aWorld([], []);
    return { world, store: tableStore(async () => world.tables).visibility };
  };
  /** Noise hardly compresses: this takes several rows. */
  const memory = (mark: string) => ({
    sequence: 1,
    tenants: Object.fromEntries(
      Array.from({ length: 1_000 }, (_, n) => [`s${n}`, `${mark}${randomBytes(1_000).toString('base64')}`]),
    ),
    gaps: {
      'read|x': {
        since: '2026-11-20T10:00:00.000Z',
        text: 'dark',
        remediation: 'light',
        notifiedAt: '2026-11-20T10:00:00.000Z',
        noticeAt: '2026-11-20T10:00:00.000Z',
        leftAt: '2026-11-20T10:00:00.000Z',
        returned: true,
        policies: { k: { since: '2026-11-20T10:00:00.000Z', notifiedAt: '2026-11-20T10:00:00.000Z' } },
      },
    },
    ended: { y: '2026-11-20T10:00:00.000Z' },
    warned: { known: { k: 'warning' as const }, digestAt: { info: '2026-11-20T10:00:00.000Z' } },
    heardSignals: ['c'],
    lostEventSources: [
      {
        scope: '/s',
        operation: 'delete',
        by: 'eve',
        since: '2026-11-20T10:00:00.000Z',
        state: 'lost' as const,
        checkedAt: '2026-11-20T10:00:00.000Z',
      },
    ],
  });

  it('comes back as it was written, field by field', async () => {
    const { store, world } = aStore();
    const visibility = memory('a');
    await store.commit(visibility, undefined, []);
    assert.ok(world.tables.policies.rows().length > 1);
    assert.deepEqual((await store.read()).visibility, visibility);
    const small = { ...visibility, tenants: { s: 't' } };
    await store.commit(small, (await store.read()).etag, []);
    assert.deepEqual((await store.read()).visibility, small);
  });

  it('is never mixed of two writes, and a write in between is not taken for damage', async () => {
    const { store, world } = aStore();
    await store.commit(memory('a'), undefined, []);
    const { etag } = await store.read();
    let isWritten = false;
    world.tables.policies.before = async ({ operation, rowKeys }) => {
      if (isWritten || operation !== 'getEntity' || rowKeys[0] === 'visibility') return;
      isWritten = true;
      await store.commit(memory('b'), etag, []);
    };
    const { visibility, unreadable } = await store.read();
    assert.equal(unreadable, undefined);
    assert.ok(Object.values(visibility.tenants ?? {}).every((text) => text.startsWith('b')));
  });

  it('whose writer never gets the answer is written once, and its notice is sent once', async () => {
    const world = aWorld(['p1'], ['email']);
    await minutes(world, 1);
    goes(world, 'p1');
    await minutes(world, 9);
    let lost = 0;
    world.tables.policies.after = ({ operation, rowKeys }) => {
      if (operation !== 'submitTransaction' || !rowKeys.some((key) => key.startsWith('notice|'))) return;
      lost += 1;
      throw refusal(500, 'InternalError', true);
    };
    await world.clock.advance(120_000);
    await assert.rejects(world.clock.drive(onTimer(world.ports)));
    world.tables.policies.after = undefined;
    world.ports = world.restart();
    await minutes(world, 30);
    assert.equal(lost, 1);
    assert.deepEqual(reasons(world), ['visibilityLost']);
  });
});
