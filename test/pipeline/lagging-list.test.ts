import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { respond } from '../../shared/pipeline/on-message.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import { aBigWorld, learn, policyStatesOf } from './a-big-world.ts';
import { vaultEvent } from './a-world.ts';

/** One policy, whose vault's row every sweep has compared with the vault. */
async function aComparedWorld() {
  const big = aBigWorld({ policies: 1, vaults: 1, subscriptions: 1 });
  const { world, tenant } = big;
  await learn(big);
  const vaultId = `/subscriptions/${tenant.subscriptions[0]}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-0`;
  const swept = async (count = 2) => {
    for (let n = 0; n < count; n += 1) {
      await world.clock.drive(sweep(world.ports));
      await world.clock.advance(30_000);
    }
  };
  const event = () =>
    world.clock.drive(
      respond(
        vaultEvent({ operation: 'Microsoft.KeyVault/vaults/write', vaultId, at: world.clock.now() }),
        world.ports,
      ),
    );
  const verdict = async () => (await policyStatesOf(world))[0]?.verdict;
  await swept();
  return { tenant, vaultId, swept, event, verdict };
}

const permissions = (rbac: boolean) => (vault: Record<string, unknown>) => ({
  ...vault,
  properties: { ...(vault.properties as object), enableRbacAuthorization: rbac, accessPolicies: [] },
});

describe('a list of vaults that lags behind', () => {
  it('does not end what an event has shown', async () => {
    const { tenant, vaultId, swept, event, verdict } = await aComparedWorld();
    tenant.changeResource(vaultId, permissions(false));
    await event();
    assert.equal(await verdict(), 'revoked');
    await swept();
    assert.equal(await verdict(), 'revoked');
  });

  it('does not take down again what an event has shown to be restored', async () => {
    const { tenant, vaultId, swept, event, verdict } = await aComparedWorld();
    tenant.change(vaultId, permissions(false));
    await swept(3);
    assert.equal(await verdict(), 'revoked');
    tenant.changeResource(vaultId, permissions(true));
    await event();
    assert.equal(await verdict(), 'clear');
    await swept();
    assert.equal(await verdict(), 'clear');
  });
});
