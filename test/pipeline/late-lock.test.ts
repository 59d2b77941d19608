import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { normalId } from '../../shared/azure/arm-id.ts';
import type { Facts } from '../../shared/facts/facts.ts';
import { say } from '../../shared/notices/say/say.ts';
import { respond } from '../../shared/pipeline/on-message.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import {
  DISABLED,
  environment,
  key,
  known,
  NOTHING_HELD,
  permission,
  policy,
  version,
} from '../triggers/a-reading.ts';
import { aWorld, policyId, vaultEvent, type World } from './a-world.ts';

const ID = policyId('p1');
const SAY = { adminCenterUrl: 'https://admin.example', portalUrl: 'https://portal.example' };
const KEY_OFF = { key: known(key(version('v1', { enabled: false }))) };
const NO_RIGHT = { permission: known(permission(NOTHING_HELD)) };

interface Scene {
  environments?: 'running' | 'disabled';
  source?: 'powerPlatform' | 'inventory';
  facts?: Partial<Facts>;
}

/** Sweeps once a minute for so long, while Azure shows this. */
async function pass(world: World, minutes: number, scene: Scene = {}): Promise<void> {
  for (let n = 0; n < minutes; n += 1) {
    await world.clock.advance(60_000);
    const { environments = 'running', source = 'powerPlatform', facts } = scene;
    const change = environments === 'disabled' ? DISABLED : {};
    world.observedState.set(normalId(ID), {
      policy: known(policy({ id: ID, name: 'p1' })),
      environments: known({
        source,
        asOf: world.clock.now(),
        environments: ['e1', 'e2'].map((id) => environment(id, change)),
      }),
      ...facts,
    });
    await world.clock.drive(sweep(world.ports));
  }
}

async function watching(scene: Scene = {}): Promise<World> {
  const world = aWorld();
  world.ports.config.closeAfterMs = 900_000;
  await pass(world, 3, scene);
  return world;
}

/** What every channel got, in its order, without what only time asks for. */
function reasons(world: World): string[] {
  const [first, ...others] = world.channels.map(({ sent }) => sent.map(({ reason }) => reason));
  for (const other of others) assert.deepEqual(other, first);
  return (first ?? []).filter((reason) => reason !== 'reminder');
}

function lastTitle(world: World): string {
  const notice = world.channels[0]?.sent.at(-1);
  assert.ok(notice);
  return say(notice, SAY).title;
}

async function incidents(world: World): Promise<string[]> {
  const stored = await world.ports.store.readPolicyState(ID);
  return [`${stored?.policyState.sequence} incident`, stored?.policyState.incident?.state ?? 'none open'];
}

describe('a key that was away for two minutes', () => {
  it('keeps its incident open until the list shows that no lock followed', async () => {
    const world = await watching();
    await pass(world, 2, { facts: KEY_OFF });
    await pass(world, 15);
    assert.deepEqual(reasons(world), ['opened', 'accessRestored']);
    await pass(world, 1);
    assert.deepEqual(reasons(world), ['opened', 'accessRestored', 'closed']);
  });

  it('has its lock reported where the list shows it three minutes later', async () => {
    const world = await watching();
    await pass(world, 2, { facts: KEY_OFF });
    await pass(world, 3);
    await pass(world, 30, { environments: 'disabled' });
    assert.deepEqual(reasons(world), ['opened', 'accessRestored', 'worsened']);
    assert.match(lastTitle(world), /Locked after all, enable 2 environments \(policy p1\)/);
    assert.deepEqual(await incidents(world), ['1 incident', 'accessRestored']);
  });

  it('returns its incident where the list shows the lock after it closed', async () => {
    const world = await watching();
    await pass(world, 2, { facts: KEY_OFF });
    await pass(world, 20);
    await pass(world, 60, { environments: 'disabled' });
    assert.deepEqual(reasons(world), ['opened', 'accessRestored', 'closed', 'worsened']);
    assert.deepEqual(await incidents(world), ['1 incident', 'accessRestored']);
    await pass(world, 2);
    assert.deepEqual(reasons(world).at(-1), 'closed');
    assert.deepEqual(await incidents(world), ['1 incident', 'none open']);
  });

  it('has a later lock reported as a new incident', async () => {
    const world = await watching();
    await pass(world, 2, { facts: KEY_OFF });
    await pass(world, 20);
    await world.clock.advance(25 * 3_600_000);
    await pass(world, 2);
    await pass(world, 3, { environments: 'disabled' });
    assert.deepEqual(reasons(world).slice(3), ['suspected']);
    assert.deepEqual(await incidents(world), ['2 incident', 'suspected']);
  });
});

describe('a permission that was away for two minutes', () => {
  it('keeps its incident open for as long as the grant may not act, and a lock may follow', async () => {
    const world = await watching();
    await pass(world, 2, { facts: NO_RIGHT });
    await world.clock.drive(
      respond(
        vaultEvent({
          operation: 'Microsoft.KeyVault/vaults/accessPolicies/write',
          id: 'granted',
          at: world.clock.now(),
        }),
        world.ports,
      ),
    );
    await pass(world, 24);
    assert.deepEqual(reasons(world), ['opened', 'accessRestored']);
    await pass(world, 3);
    assert.deepEqual(reasons(world), ['opened', 'accessRestored', 'closed']);
  });
});

describe('a pipeline that writes to the vault every ten minutes', () => {
  const write = (world: World, n: number) =>
    world.clock.drive(
      respond(
        vaultEvent({ operation: 'Microsoft.KeyVault/vaults/write', id: `write-${n}`, at: world.clock.now() }),
        world.ports,
      ),
    );

  it('does not keep an incident open for an hour', async () => {
    const world = await watching();
    await pass(world, 2, { facts: NO_RIGHT });
    await pass(world, 1);
    for (let n = 0; n < 6; n += 1) {
      await write(world, n);
      await pass(world, 10);
    }
    assert.deepEqual(reasons(world), ['opened', 'accessRestored', 'closed']);
  });
});

describe('with an inventory, which shows no states', () => {
  it('an incident closes a week after access came back, and says that nobody verified the environments', async () => {
    const world = await watching({ source: 'inventory' });
    await pass(world, 2, { source: 'inventory', facts: KEY_OFF });
    await pass(world, 1, { source: 'inventory' });
    await world.clock.advance(7 * 86_400_000 - 120_000);
    await pass(world, 1, { source: 'inventory' });
    assert.deepEqual(reasons(world), ['opened', 'accessRestored']);
    await pass(world, 2, { source: 'inventory' });
    assert.deepEqual(reasons(world), ['opened', 'accessRestored', 'closed']);
    const notice = world.channels[0]?.sent.at(-1);
    assert.ok(notice);
    assert.match(
      JSON.stringify(say(notice, SAY)),
      /nobody has verified[^"]*","2 environments of it were not seen enabled: Environment e1 and Environment e2/,
    );
    assert.match(notice.incidents[0]?.because ?? '', /nobody has verified/);
  });
});
