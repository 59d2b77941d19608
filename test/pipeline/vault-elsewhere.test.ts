import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { normalId } from '../../shared/azure/arm-id.ts';
import type { Facts } from '../../shared/facts/facts.ts';
import { say } from '../../shared/notices/say/say.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import {
  gone,
  known,
  NOTHING_HELD,
  permission,
  policy,
  unread,
  VAULT_ID,
  vault,
} from '../triggers/a-reading.ts';
import { aWorld, policyId, type World } from './a-world.ts';

const ID = policyId('p1');
const SAY = { adminCenterUrl: 'https://admin.example', portalUrl: 'https://portal.example' };
const AWAY: Partial<Facts> = {
  vault: gone(),
  deletedVault: gone('GET answered 404 DeletedVaultNotFound'),
  key: unread('follows'),
  permission: unread('follows'),
};
const movedTo = (held: Parameters<typeof permission>[0] = {}): Partial<Facts> => ({
  ...AWAY,
  movedVault: known({ id: VAULT_ID.replace('rg-keys', 'rg-new'), permission: known(permission(held)) }),
});
const nowhere: Partial<Facts> = { ...AWAY, movedVault: gone('No vault has the name kv-eu.') };
const ofTenant = (tenantId: string): Partial<Facts> => ({ vault: known(vault({ tenantId })) });

async function pass(world: World, minutes: number, facts: Partial<Facts> = {}): Promise<void> {
  for (let n = 0; n < minutes; n += 1) {
    await world.clock.advance(60_000);
    const own = known(policy({ id: ID, name: 'p1', tenantId: 't1' }));
    world.observedState.set(normalId(ID), { policy: own, ...ofTenant('t1'), ...facts });
    await world.clock.drive(sweep(world.ports));
  }
}

function told(world: World): { reasons: string[]; title: string; text: string } {
  const sent = (world.channels[0]?.sent ?? []).filter(({ reason }) => !BESIDE.has(reason));
  const message = say(sent.at(-1) ?? assert.fail('nothing was sent'), SAY);
  return { reasons: sent.map(({ reason }) => reason), title: message.title, text: JSON.stringify(message) };
}
const BESIDE: ReadonlySet<string> = new Set(['warning', 'reminder', 'visibilityLost', 'visibilityRestored']);

async function watching(): Promise<World> {
  const world = aWorld();
  await pass(world, 3);
  return world;
}

describe('a vault that is not where the policy says', () => {
  it('and was moved, is suspected with its new place, for an hour, and ends when it is back', async () => {
    const world = await watching();
    await pass(world, 60, movedTo());
    const { reasons, title, text } = told(world);
    assert.deepEqual(reasons, ['suspected']);
    assert.match(title, /vault moved/);
    assert.doesNotMatch(title, /deleted/);
    for (const part of ['rg-new', 'it is not deleted', 'az resource move'])
      assert.ok(text.includes(part), part);
    await pass(world, 30);
    assert.ok(['dismissed', 'closed'].includes(told(world).reasons.at(-1) ?? ''));
  });

  it('and has lost its permission there, is revoked', async () => {
    const world = await watching();
    await pass(world, 2, movedTo(NOTHING_HELD));
    assert.deepEqual(told(world).reasons, ['opened']);
    assert.match(told(world).text, /has no permission on the key there/);
  });

  it('and is found nowhere, is suspected; once it was seen deleted, its end is a purge', async () => {
    const world = await watching();
    await pass(world, 2, nowhere);
    assert.deepEqual(told(world).reasons, ['suspected']);
    assert.match(told(world).title, /vault not found/);
    const other = await watching();
    await pass(other, 2, { ...AWAY, deletedVault: known({}) });
    await pass(other, 2, nowhere);
    assert.equal(told(other).reasons[0], 'opened');
    const stored = await other.ports.store.readPolicyState(ID);
    assert.equal(stored?.policyState.verdict, 'revoked', 'nothing less than what was known');
  });

  it('and is found nowhere while the policy turns Unhealthy, is confirmed', async () => {
    const world = await watching();
    await pass(world, 2, nowhere);
    const sick = known(policy({ id: ID, name: 'p1', tenantId: 't1', healthStatus: 'Unhealthy' }));
    await pass(world, 3, { ...nowhere, policy: sick });
    assert.deepEqual(told(world).reasons, ['suspected', 'confirmed']);
  });
});

// azure-docs issues 102149 and 55914: after a move to another tenant the vault answers 401 with AKV10032.
describe('a vault of another tenant', () => {
  it('is revoked in the minute in which it changes, with the command, and restored by the old tenant', async () => {
    const world = await watching();
    await pass(world, 1, ofTenant('t2'));
    const { reasons, title, text } = told(world);
    assert.deepEqual(reasons, ['opened']);
    assert.match(title, /vault in another tenant/);
    assert.ok(text.includes('properties.tenantId=t1'));
    await pass(world, 1440 / 60, ofTenant('t2'));
    await pass(world, 15);
    assert.ok(told(world).reasons.includes('accessRestored'));
  });

  it('is suspected where it was so at the first reading', async () => {
    const world = aWorld();
    await pass(world, 2, ofTenant('t2'));
    assert.deepEqual(told(world).reasons, ['suspected']);
  });
});

describe('a policy whose answer lacks what it named before', () => {
  for (const [field, what] of [
    ['principalId', 'managed identity'],
    ['vaultId', 'key vault'],
  ] as const)
    it(`is suspected without its ${what}, in words for people, and ends when it names it again`, async () => {
      const world = await watching();
      const without = known(policy({ id: ID, name: 'p1', tenantId: 't1', [field]: undefined }));
      await pass(world, 60, { policy: without });
      const { reasons, title, text } = told(world);
      assert.deepEqual(reasons, ['suspected']);
      assert.ok(title.includes(`policy without its ${what}`), title);
      assert.match(text, new RegExp(`no longer names its ${what}`));
      await pass(world, 30);
      assert.ok(['dismissed', 'closed'].includes(told(world).reasons.at(-1) ?? ''));
    });
});
