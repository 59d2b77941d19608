import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { passes } from '../../dev/azure-simulator/events/filters.ts';
import { answer } from '../../shared/api/serve-api.ts';
import { respond } from '../../shared/pipeline/on-message.ts';
import { onTimer } from '../../shared/pipeline/watchdog.ts';
import { WATCHED_OPERATIONS } from '../../shared/signals/operation-names.ts';
import { topicHash } from '../../shared/visibility/event-source-scope.ts';
import { SUBSCRIPTION, VAULT_ID } from '../triggers/a-reading.ts';
import { aWorld, OTHER_VAULT_ID, vaultEvent, type World } from './a-world.ts';

const group = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers`;
const TOPIC = `${group}/Microsoft.EventGrid/systemTopics/t1`;
const SETTING = `${VAULT_ID}/providers/Microsoft.Insights/diagnosticSettings/lw`;
const HUBS = `${group}/Microsoft.EventHub/namespaces`;

const reasons = (world: World) => world.channels[0]?.sent.map(({ reason }) => reason);
const gapsOf = (world: World, index: number) => world.channels[0]?.sent[index]?.visibility?.gaps ?? [];

async function sweeps(world: World, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    await world.clock.advance(30_000);
    await world.clock.drive(onTimer(world.ports));
  }
}

/** Event Grid tells of this act on this resource. */
async function happens(world: World, operation: string, scope: string, id = `${operation} ${scope}`) {
  const event = vaultEvent({ operation, vaultId: scope, id, at: world.clock.now() });
  await world.clock.drive(respond(event, world.ports));
  return event;
}

const topicDeleted = (world: World) => happens(world, 'Microsoft.EventGrid/systemTopics/delete', TOPIC);
const setting = (world: World, verb: 'write' | 'delete') =>
  happens(world, `Microsoft.Insights/diagnosticSettings/${verb}`, SETTING);

/** A topic of another team in the same watched subscription. */
const theirs = (n = 1) => `${group}/Microsoft.EventGrid/systemTopics/web-${n}`;
const theirsDeleted = (world: World, n = 1) =>
  happens(world, 'Microsoft.EventGrid/systemTopics/delete', theirs(n), `theirs ${n} ${world.clock.now()}`);
const VAULT_TOPIC = `${group}/Microsoft.EventGrid/systemTopics/kv-eu`;
const OURS = ['lw', `${SUBSCRIPTION}/rg/t1`, topicHash(VAULT_TOPIC)];
const OUR_EVENTS = `${TOPIC}/eventSubscriptions/lw`.toLowerCase();

async function aSweptWorld(eventSources: readonly string[] | 'not set' = OURS): Promise<World> {
  const world = aWorld();
  if (eventSources !== 'not set') world.eventSources = eventSources;
  world.ports = world.restart();
  await sweeps(world, 2);
  return world;
}

describe('what Lockwatch sees by, deleted', () => {
  it('is told at once, once, with who did it', async () => {
    const world = await aSweptWorld();
    const event = await topicDeleted(world);
    await world.clock.drive(respond(event, world.restart()));
    assert.deepEqual(reasons(world), ['visibilityLost']);
    assert.match(gapsOf(world, 0)[0]?.text ?? '', /eve@contoso\.com did Microsoft\.EventGrid/);
  });

  it('stands while it is gone, through restarts, and is asked for once a minute', async () => {
    const world = await aSweptWorld();
    await topicDeleted(world);
    world.detectionSources.set(TOPIC.toLowerCase(), 'gone');
    await sweeps(world, 10);
    world.ports = world.restart();
    await sweeps(world, 10);
    assert.deepEqual(reasons(world), ['visibilityLost']);
    assert.deepEqual(world.sourceReads, Array(10).fill(TOPIC.toLowerCase()));
    const { visibility } = await world.ports.visibility.read();
    assert.match(Object.values(visibility.gaps)[0]?.text ?? '', /systemtopics\/t1/);
  });

  it('is told again when it is there again', async () => {
    const world = await aSweptWorld();
    await topicDeleted(world);
    world.detectionSources.set(TOPIC.toLowerCase(), 'gone');
    await sweeps(world, 4);
    world.detectionSources.set(TOPIC.toLowerCase(), 'known');
    await sweeps(world, 2);
    assert.deepEqual(reasons(world), ['visibilityLost', 'visibilityRestored']);
    const { visibility } = await world.ports.visibility.read();
    assert.deepEqual([visibility.gaps, visibility.lostEventSources], [{}, []]);
    const asked = world.sourceReads.length;
    await sweeps(world, 4);
    assert.equal(world.sourceReads.length, asked, 'nothing is asked for it any more');
  });

  it('stands while nobody can tell: unknown is not back', async () => {
    const world = await aSweptWorld();
    await topicDeleted(world);
    await sweeps(world, 30);
    assert.deepEqual(reasons(world), ['visibilityLost']);
    assert.equal((await world.ports.visibility.read()).visibility.lostEventSources?.length, 1);
  });

  it('is over when an event comes from that subscription well after it, for it may have another name now', async () => {
    const world = await aSweptWorld();
    await topicDeleted(world);
    world.detectionSources.set(TOPIC.toLowerCase(), 'gone');
    await sweeps(world, 2);
    await happens(world, 'Microsoft.KeyVault/vaults/write', VAULT_ID, 'still under way');
    await sweeps(world, 10);
    assert.deepEqual(
      reasons(world),
      ['visibilityLost'],
      'an event of the first minutes may have set out before',
    );
    await happens(world, 'Microsoft.KeyVault/vaults/write', VAULT_ID, 'by the new way');
    await sweeps(world, 1);
    assert.deepEqual(reasons(world), ['visibilityLost', 'visibilityRestored']);
  });

  it('that is deleted once more is told once more', async () => {
    const world = await aSweptWorld();
    await topicDeleted(world);
    world.detectionSources.set(TOPIC.toLowerCase(), 'known');
    await sweeps(world, 2);
    await happens(world, 'Microsoft.EventGrid/systemTopics/delete', TOPIC, 'again');
    assert.deepEqual(reasons(world), ['visibilityLost', 'visibilityRestored', 'visibilityLost']);
  });

  it('counts where it is ours, and not where it is somebody else’s', async () => {
    const cases: [operation: string, scope: string, counts: boolean][] = [
      ['Microsoft.Insights/diagnosticSettings/delete', SETTING, true],
      ['Microsoft.Insights/diagnosticSettings/delete', SETTING.replace(VAULT_ID, OTHER_VAULT_ID), false],
      ['Microsoft.EventHub/namespaces/delete', `${HUBS}/LW-Audit`, true],
      ['Microsoft.EventHub/namespaces/eventhubs/delete', `${HUBS}/lw-audit/eventhubs/audit`, true],
      ['Microsoft.EventHub/namespaces/delete', `${HUBS}/lw-audit-neu`, true],
      ['Microsoft.EventHub/namespaces/eventhubs/delete', `${HUBS}/lw-audit-web/eventhubs/audit`, false],
      ['Microsoft.EventGrid/systemTopics/eventSubscriptions/delete', `${TOPIC}/eventSubscriptions/lw`, true],
      [
        'Microsoft.EventGrid/eventSubscriptions/delete',
        `${VAULT_ID}/providers/Microsoft.EventGrid/eventSubscriptions/lw`,
        false,
      ],
      ['Microsoft.EventGrid/systemTopics/delete', VAULT_TOPIC, true],
      [
        'Microsoft.EventGrid/systemTopics/eventSubscriptions/delete',
        `${VAULT_TOPIC}/eventSubscriptions/LW`,
        true,
      ],
      [
        'Microsoft.EventGrid/systemTopics/eventSubscriptions/delete',
        `${TOPIC}/eventSubscriptions/web`,
        false,
      ],
      [
        'Microsoft.EventGrid/systemTopics/eventSubscriptions/delete',
        `${theirs()}/eventSubscriptions/lw`,
        false,
      ],
      ['Microsoft.Insights/diagnosticSettings/delete', SETTING.replace(/lw$/, 'siem'), false],
      [
        'Microsoft.EventGrid/eventSubscriptions/delete',
        `${group}/Microsoft.Storage/storageAccounts/web/providers/Microsoft.EventGrid/eventSubscriptions/web`,
        false,
      ],
      ['Microsoft.EventGrid/topics/delete', `${group}/Microsoft.EventGrid/topics/web`, false],
    ];
    for (const [operation, scope, counts] of cases) {
      const world = await aSweptWorld();
      await happens(world, operation, scope);
      assert.deepEqual(reasons(world), counts ? ['visibilityLost'] : [], scope);
    }
  });

  it('is nothing to a watch that has no audit log anyway', async () => {
    const world = await aSweptWorld();
    world.ports.config.auditNamespaces = [];
    await setting(world, 'delete');
    await happens(world, 'Microsoft.EventHub/namespaces/delete', `${HUBS}/lw-audit`);
    assert.deepEqual(reasons(world), []);
  });
});

it('what is cut shows in the health and in the coverage until it is back', async () => {
  const world = await aSweptWorld();
  const ask = async (path: string) => {
    const ports = { ...world.ports, eventSources: { event: true, audit: true } };
    return JSON.parse((await answer({ url: `http://localhost/api/${path}`, ifNoneMatch: null }, ports)).body);
  };
  const wired = async () => {
    const { policies } = await ask('coverage?trigger=vault-deleted');
    const { event, audit, sweep } = policies[0].triggers[0].detectionSources;
    return [event.wired, audit.wired, sweep.wired];
  };
  assert.equal((await ask('health')).status, 'ok');
  await topicDeleted(world);
  await setting(world, 'delete');
  const health = await ask('health');
  assert.equal(health.status, 'degraded');
  assert.deepEqual(
    health.currentGaps.map(({ what }: { what: string }) => /systemtopics|diagnosticsettings/.exec(what)?.[0]),
    ['systemtopics', 'diagnosticsettings'],
  );
  assert.deepEqual((await ask('coverage')).currentGaps, health.currentGaps);
  assert.deepEqual(await wired(), ['lost', 'lost', 'seen']);
  for (const way of [TOPIC, SETTING]) world.detectionSources.set(way.toLowerCase(), 'known');
  await sweeps(world, 2);
  assert.equal((await ask('health')).status, 'ok');
  assert.deepEqual(await wired(), ['configured, nothing seen yet', 'configured, nothing seen yet', 'seen']);
});

describe('a diagnostic setting that was written', () => {
  it('is looked at, and not worth a word while the audit log goes on', async () => {
    const world = await aSweptWorld();
    world.detectionSources.set(SETTING.toLowerCase(), 'known');
    await setting(world, 'write');
    await sweeps(world, 30);
    assert.deepEqual(reasons(world), []);
    assert.deepEqual(world.sourceReads, [SETTING.toLowerCase()]);
  });

  it('without the audit log is told at the next sweep, and again when the log is back', async () => {
    const world = await aSweptWorld();
    world.detectionSources.set(SETTING.toLowerCase(), 'closed');
    await setting(world, 'write');
    await sweeps(world, 1);
    assert.deepEqual(reasons(world), ['visibilityLost']);
    world.detectionSources.set(SETTING.toLowerCase(), 'known');
    await sweeps(world, 2);
    assert.deepEqual(reasons(world), ['visibilityLost', 'visibilityRestored']);
  });

  it('and that nobody can read is told after a while', async () => {
    const world = await aSweptWorld();
    await setting(world, 'write');
    await sweeps(world, 18);
    assert.deepEqual(reasons(world), []);
    await sweeps(world, 4);
    assert.deepEqual(reasons(world), ['visibilityLost']);
    assert.match(gapsOf(world, 0)[0]?.text ?? '', /can't read what became of it/);
  });

  it('fixes the one that was deleted at once, not a minute later', async () => {
    const world = await aSweptWorld();
    world.detectionSources.set(SETTING.toLowerCase(), 'gone');
    await setting(world, 'delete');
    await sweeps(world, 2);
    world.detectionSources.set(SETTING.toLowerCase(), 'known');
    await setting(world, 'write');
    await sweeps(world, 1);
    assert.deepEqual(reasons(world), ['visibilityLost', 'visibilityRestored']);
  });
});

describe('an event source that the deployment does not know', () => {
  it('is checked, and its deletion is no news while ours brings the same signals', async () => {
    const world = await aSweptWorld();
    world.detectionSources.set(OUR_EVENTS, 'known');
    for (let n = 1; n <= 150; n += 1) {
      world.detectionSources.set(theirs(n).toLowerCase(), 'gone');
      await theirsDeleted(world, n);
      if (n % 20 === 0) await sweeps(world, 1);
    }
    await sweeps(world, 30);
    assert.deepEqual(reasons(world), []);
    assert.deepEqual((await world.ports.visibility.read()).visibility.lostEventSources, []);
  });

  it('is no news either if it is a diagnostic setting of another team on a watched vault', async () => {
    const world = await aSweptWorld();
    world.detectionSources.set(SETTING.toLowerCase(), 'known');
    const siem = SETTING.replace(/lw$/, 'siem');
    world.detectionSources.set(siem.toLowerCase(), 'gone');
    for (const verb of ['write', 'delete'])
      await happens(world, `Microsoft.Insights/diagnosticSettings/${verb}`, siem);
    await sweeps(world, 30);
    assert.deepEqual(reasons(world), []);
  });

  it('is no news where no such signals ever came', async () => {
    const world = await aSweptWorld();
    for (const [operation, scope] of [
      ['Microsoft.Insights/diagnosticSettings/delete', SETTING.replace(/lw$/, 'siem')],
      [
        'Microsoft.EventGrid/eventSubscriptions/delete',
        `${VAULT_ID}/providers/Microsoft.EventGrid/eventSubscriptions/web`,
      ],
    ] as const) {
      world.detectionSources.set(scope.toLowerCase(), 'gone');
      await happens(world, operation, scope);
    }
    await sweeps(world, 30);
    assert.deepEqual(reasons(world), []);
  });

  it('costs one reading of ours in a sweep, however many were deleted', async () => {
    const world = await aSweptWorld();
    world.detectionSources.set(OUR_EVENTS, 'known');
    for (let n = 1; n <= 15; n += 1) await theirsDeleted(world, n);
    await sweeps(world, 1);
    assert.deepEqual(world.sourceReads, [OUR_EVENTS]);
  });

  it('waits ten minutes for an answer about ours, which Azure may withhold for a while', async () => {
    const world = await aSweptWorld();
    world.detectionSources.set(theirs().toLowerCase(), 'gone');
    await theirsDeleted(world);
    await sweeps(world, 18);
    assert.deepEqual(reasons(world), []);
    await sweeps(world, 4);
    assert.deepEqual(reasons(world), ['visibilityLost']);
  });

  it('is reported with others at most once in 15 minutes, if nothing shows that ours works', async () => {
    const world = await aSweptWorld();
    world.detectionSources.set(OUR_EVENTS, 'gone');
    for (let n = 1; n <= 90; n += 1) {
      world.detectionSources.set(theirs(n).toLowerCase(), 'gone');
      await theirsDeleted(world, n);
      await sweeps(world, 1);
    }
    assert.deepEqual(reasons(world), ['visibilityLost', 'visibilityLost'], 'twenty are kept, and no more');
    assert.match(gapsOf(world, 0)[0]?.text ?? '', /does not know it as an event source/);
    assert.ok(gapsOf(world, 1).length > 1, 'those of a quarter of an hour are one notice');
  });

  it('that comes and goes is reported as restored no more often', async () => {
    const world = await aSweptWorld();
    world.detectionSources.set(OUR_EVENTS, 'gone');
    for (let n = 1; n <= 10; n += 1) {
      world.detectionSources.set(theirs(n).toLowerCase(), 'gone');
      await theirsDeleted(world, n);
    }
    await sweeps(world, 1);
    for (let n = 1; n <= 10; n += 1) {
      world.detectionSources.set(theirs(n).toLowerCase(), 'known');
      await sweeps(world, 2);
    }
    assert.deepEqual(reasons(world), ['visibilityLost', 'visibilityRestored']);
    await sweeps(world, 30);
    assert.deepEqual(reasons(world), ['visibilityLost', 'visibilityRestored', 'visibilityRestored']);
  });

  it('never delays the loss of ours, nor takes its room', async () => {
    const world = await aSweptWorld();
    world.detectionSources.set(OUR_EVENTS, 'gone');
    for (let n = 1; n <= 150; n += 1) {
      world.detectionSources.set(theirs(n).toLowerCase(), 'gone');
      await theirsDeleted(world, n);
    }
    await sweeps(world, 1);
    const before = reasons(world)?.length ?? 0;
    const event = await topicDeleted(world);
    assert.equal(reasons(world)?.length, before + 1);
    assert.match(gapsOf(world, before)[0]?.text ?? '', /systemtopics\/t1/);
    for (let n = 151; n <= 300; n += 1) await theirsDeleted(world, n);
    await world.clock.drive(respond(event, world.restart()));
    assert.equal(reasons(world)?.length, before + 1, 'and a redelivery of it is still recognised');
  });

  it('does not show as a lost event source in the coverage', async () => {
    const world = await aSweptWorld();
    world.detectionSources.set(OUR_EVENTS, 'gone');
    world.detectionSources.set(theirs().toLowerCase(), 'gone');
    await theirsDeleted(world);
    await sweeps(world, 2);
    const ports = { ...world.ports, eventSources: { event: true, audit: true } };
    const url = 'http://localhost/api/coverage?trigger=vault-deleted';
    const { policies } = JSON.parse((await answer({ url, ifNoneMatch: null }, ports)).body);
    assert.notEqual(policies[0].triggers[0].detectionSources.event.wired, 'lost');
  });
});

describe('without the setting', () => {
  const named = (n: number) => `${group}/Microsoft.EventGrid/systemTopics/egst-lockwatch-${n}`;
  const namedDeleted = (world: World, n: number) =>
    happens(world, 'Microsoft.EventGrid/systemTopics/delete', named(n));

  it('ours is known by the name that the deployment gives, and its loss is reported at once', async () => {
    const world = await aSweptWorld('not set');
    await namedDeleted(world, 1);
    assert.deepEqual(reasons(world), ['visibilityLost']);
    const settingOfOurs = SETTING.replace(/lw$/, 'lockwatch-x');
    const other = await aSweptWorld('not set');
    await happens(other, 'Microsoft.Insights/diagnosticSettings/delete', settingOfOurs);
    assert.deepEqual(reasons(other), ['visibilityLost']);
  });

  it('such names in a loop are reported together, at most once in 15 minutes', async () => {
    const world = await aSweptWorld('not set');
    for (let n = 1; n <= 80; n += 1) {
      world.detectionSources.set(named(n).toLowerCase(), 'gone');
      await namedDeleted(world, n);
      await sweeps(world, 1);
    }
    assert.deepEqual(reasons(world), Array(3).fill('visibilityLost'));
  });

  it('another name is checked first: one that still exists is no news, one that is gone is reported', async () => {
    for (const [state, expected] of [
      ['known', []],
      ['gone', ['visibilityLost']],
    ] as const) {
      const world = await aSweptWorld('not set');
      world.detectionSources.set(TOPIC.toLowerCase(), state);
      await topicDeleted(world);
      assert.deepEqual(reasons(world), []);
      await sweeps(world, 1);
      assert.deepEqual(reasons(world), expected);
    }
  });
});

it('a diagnostic setting of the subscription itself carries the activity log: its loss is no news', async () => {
  const world = await aSweptWorld('not set');
  const activity = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Insights/diagnosticSettings/activity`;
  world.detectionSources.set(activity.toLowerCase(), 'closed');
  for (const verb of ['write', 'delete'])
    await happens(world, `Microsoft.Insights/diagnosticSettings/${verb}`, activity);
  await sweeps(world, 30);
  assert.deepEqual(reasons(world), []);
});

it('a diagnostic setting is followed by both names of its operation, and only on a vault itself', async () => {
  const cases: [operation: string, scope: string, counts: boolean][] = [
    ['Microsoft.Insights/diagnosticSettings/delete', SETTING, true],
    ['microsoft.keyvault/vaults/providers/microsoft.insights/diagnosticSettings/delete', SETTING, true],
    ['Microsoft.Web/sites/providers/Microsoft.Insights/diagnosticSettings/delete', SETTING, false],
    [
      'Microsoft.Insights/diagnosticSettings/delete',
      `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Insights/diagnosticSettings/activity`,
      false,
    ],
  ];
  for (const [operation, scope, counts] of cases) {
    const world = await aSweptWorld();
    await happens(world, operation, scope);
    assert.deepEqual(reasons(world), counts ? ['visibilityLost'] : [], `${operation} ${scope}`);
    assert.equal(
      passes(WATCHED_OPERATIONS, operation),
      counts || !scope.includes('vaults'),
      `the event filter, ${operation}`,
    );
  }
});
