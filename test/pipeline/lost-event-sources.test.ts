import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answer } from '../../shared/api/serve-api.ts';
import { respond } from '../../shared/pipeline/on-message.ts';
import { onTimer } from '../../shared/pipeline/watchdog.ts';
import { SUBSCRIPTION, VAULT_ID } from '../triggers/a-reading.ts';
import { aWorld, OTHER_VAULT_ID, vaultEvent, type World } from './a-world.ts';

const group = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers`;
const TOPIC = `${group}/Microsoft.EventGrid/systemTopics/t1`;
const SETTING = `${VAULT_ID}/providers/Microsoft.Insights/diagnosticSettings/audit`;
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

async function aSweptWorld(): Promise<World> {
  const world = aWorld();
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
        true,
      ],
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
