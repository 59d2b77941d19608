import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { respond } from '../../shared/pipeline/on-message.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import { policyAnswer, vaultAnswer } from '../facts/tenant.ts';
import { aBigWorld, learn, policyStatesOf } from './a-big-world.ts';
import { aWorld, VAULT_GONE, vaultEvent } from './a-world.ts';

/** All known for a while, and the throttling budget full again. */
async function aSharedVault(policies: number, vaults = 1) {
  const big = aBigWorld({ policies, vaults, subscriptions: 1, environments: true });
  await learn(big);
  await big.world.clock.advance(60_000);
  const { world, tenant } = big;
  const began = world.clock.nowMs();
  const said: { channel: string; text: string; ms: number }[] = [];
  for (const channel of world.channels) {
    const { name, send } = channel;
    channel.send = async (notice, abort) => {
      if (notice.incidents.length > 0) {
        const text = `${notice.reason} of ${notice.incidents.length}`;
        said.push({ channel: name, text, ms: world.clock.nowMs() - began });
      }
      return send(notice, abort);
    };
  }
  return { ...big, vaultId: tenant.vaultIds[0] ?? '', said };
}
type Shared = Awaited<ReturnType<typeof aSharedVault>>;

const deletion = ({ world, vaultId }: Shared) =>
  world.clock.drive(respond(vaultEvent({ vaultId, at: world.clock.now() }), world.ports));

async function sweeps({ world }: Shared, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    await world.clock.drive(sweep(world.ports));
    await world.clock.advance(30_000);
  }
}

const textsOn = ({ said }: Shared, name: string) =>
  said.filter(({ channel }) => channel === name).map(({ text }) => text);

function assertOnEach(shared: Shared, texts: string[], withinMs: number): void {
  for (const { name } of shared.world.channels) assert.deepEqual(textsOn(shared, name), texts, name);
  for (const { text, ms } of shared.said) assert.ok(ms <= withinMs, `${text} after ${ms} ms`);
}

describe('a cause that hundreds of policies share', () => {
  it('is one message for each channel, within seconds of its event', async () => {
    const shared = await aSharedVault(300);
    shared.tenant.deleteVault(shared.vaultId);
    await deletion(shared);
    await sweeps(shared, 2);
    assertOnEach(shared, ['opened of 300'], 3_000);
  });

  it('is one message for each channel where no event came', async () => {
    const shared = await aSharedVault(110);
    shared.tenant.deleteVault(shared.vaultId);
    await sweeps(shared, 4);
    assertOnEach(shared, ['opened of 110'], 3_000);
    // What was left out for the sake of the notice is read by the sweeps after it.
    for (const { parts } of await policyStatesOf(shared.world)) assert.equal(parts.policy?.state, 'known');
  });

  it('is one message also where it leaves the vault in place', async () => {
    const shared = await aSharedVault(110);
    const { tenant, vaultId } = shared;
    tenant.change(vaultId, () => ({
      ...vaultAnswer({
        publicNetworkAccess: 'Disabled',
        networkAcls: { bypass: 'None', defaultAction: 'Deny' },
      }),
      id: vaultId,
      name: 'kv-0',
    }));
    await sweeps(shared, 2);
    assertOnEach(shared, ['opened of 110'], 3_000);
  });

  it('is one message also where it confirms what only an event said', async () => {
    const shared = await aSharedVault(110);
    const { tenant, vaultId } = shared;
    const [subscription = ''] = tenant.subscriptions;
    tenant.deleteVault(vaultId);
    tenant.grant(subscription, { capacity: 0, perSecond: 0.01 });
    await deletion(shared);
    tenant.grant(subscription, { capacity: 250, perSecond: 25 });
    await shared.world.clock.advance(120_000);
    await sweeps(shared, 3);
    for (const { name } of shared.world.channels)
      assert.deepEqual(textsOn(shared, name), ['suspected of 110', 'confirmed of 110']);
  });

  it('takes no policy down that has another vault by now', async () => {
    const shared = await aSharedVault(110, 2);
    const { tenant, vaultId } = shared;
    const [, other] = tenant.vaultIds;
    const [, , moved = ''] = tenant.policyIds;
    const properties = { encryption: { keyVault: { id: other, key: { name: 'cmk-1' } } } };
    const identity = { principalId: '00000000-0000-0000-0000-000000001002', tenantId: 't' };
    tenant.change(moved, () => policyAnswer(moved, { identity, properties }));
    tenant.deleteVault(vaultId);
    await deletion(shared);
    assertOnEach(shared, ['opened of 54'], 3_000);
  });
});

it('that access is back is one message for all that one sweep has read', async () => {
  const shared = await aSharedVault(110);
  const recover = shared.tenant.deleteVault(shared.vaultId);
  await sweeps(shared, 2);
  shared.said.length = 0;
  recover();
  await shared.world.clock.advance(60_000);
  await sweeps(shared, 1);
  for (const { name } of shared.world.channels)
    assert.deepEqual(textsOn(shared, name), ['accessRestored of 110']);
});

it('what only one of them has lost is reported of that one', async () => {
  const shared = await aSharedVault(110);
  const { tenant, vaultId } = shared;
  for (const path of [`${vaultId}/keys/cmk-0`, `${vaultId}/keys/cmk-0/versions`])
    tenant.change(path, () => undefined);
  await sweeps(shared, 2);
  for (const { name } of shared.world.channels)
    assert.equal(textsOn(shared, name)[0]?.endsWith(' of 1'), true);
  assert.equal((await policyStatesOf(shared.world)).filter(({ verdict }) => verdict !== 'clear').length, 1);
});

it('one key of 240 that is disabled makes none of the others unknown', async () => {
  const shared = await aSharedVault(240);
  const { tenant, vaultId, world } = shared;
  const disabled = (item: Record<string, unknown>) => ({
    ...item,
    properties: { ...Object(item.properties), attributes: { enabled: false } },
  });
  const [oldest] = (await policyStatesOf(world)).toSorted((a, b) => a.readAt.localeCompare(b.readAt));
  const key = `${vaultId}/keys/${oldest?.history.policy?.keyName}`;
  tenant.change(key, disabled);
  tenant.change(`${key}/versions`, ({ value }) => ({ value: (value as []).map(disabled) }));
  for (let n = 0; n < 3; n += 1) {
    await sweeps(shared, 1);
    const states = await policyStatesOf(world);
    assert.deepEqual(states.filter(({ verdict }) => verdict === 'unknown').length, 0);
  }
  for (const { name } of world.channels) assert.deepEqual(textsOn(shared, name), ['opened of 1']);
});

it('the environments of many policies are written after their notice went out', async () => {
  const world = aWorld(Array.from({ length: 60 }, (_, n) => `p${n}`));
  await world.clock.drive(sweep(world.ports));
  for (const id of world.observedState.keys()) world.observedState.set(id, VAULT_GONE);
  const order: string[] = [];
  const { ports } = world;
  const { writeEnvironments } = ports.store;
  ports.store.writeEnvironments = async (...given) => {
    order.push('environments');
    return writeEnvironments(...given);
  };
  for (const channel of world.channels) {
    const { send } = channel;
    channel.send = async (notice, abort) => {
      order.push('notice');
      return send(notice, abort);
    };
  }
  await world.clock.drive(respond(vaultEvent({ at: world.clock.now() }), ports));
  assert.deepEqual([order[0], order[1], order[2]], ['notice', 'notice', 'environments']);
});
