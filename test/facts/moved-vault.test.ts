import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { armError, list } from './fake-azure.ts';
import {
  assignment,
  DELETED_VAULT,
  POLICY,
  PRINCIPAL,
  SUBSCRIPTION,
  stage,
  VAULT,
  vaultAnswer,
} from './tenant.ts';

const HINTS = {
  vaultId: VAULT,
  vaultLocation: 'westeurope',
  keyName: 'cmk',
  principalId: PRINCIPAL,
  rbac: true,
};
const OTHER = '/subscriptions/99999999-2222-3333-4444-555555555555';
const MOVED = VAULT.replace(SUBSCRIPTION, OTHER).replace('rg-cmk', 'rg-new');
const vaultsOf = (subscription: string) => `${subscription}/providers/Microsoft.KeyVault/vaults`;

/** A vault that is gone from its place, with no deleted twin; the identity may list two subscriptions. */
function moved() {
  const made = stage();
  const { azure } = made;
  azure.on(VAULT, armError(404, 'ResourceNotFound'));
  azure.on(DELETED_VAULT, armError(404, 'DeletedVaultNotFound'));
  azure.on('/subscriptions', list({ subscriptionId: OTHER.split('/')[2] }, { id: 'odd' }));
  azure.on(vaultsOf(SUBSCRIPTION), list({ id: `${VAULT}2`, name: 'kv12' }));
  azure.on(vaultsOf(OTHER), list({ id: MOVED.toUpperCase(), name: 'KV1' }));
  azure.on(MOVED, { body: { ...vaultAnswer(), id: MOVED } });
  azure.on(`${MOVED}/providers/Microsoft.Authorization/roleAssignments`, list(assignment({ scope: MOVED })));
  azure.on(`${MOVED}/providers/Microsoft.Authorization/denyAssignments`, list());
  const role = 'providers/Microsoft.Authorization/roleDefinitions/e147488a-f6f5-4113-8e2d-b22465e65bf6';
  azure.on(`${OTHER}/${role}`, {
    body: {
      properties: { roleName: 'r', permissions: [{ dataActions: ['Microsoft.KeyVault/vaults/keys/*'] }] },
    },
  });
  return made;
}

describe('a vault that is gone without a deleted twin', () => {
  it('is looked for by its name in every subscription that may be listed, and judged there', async () => {
    const { read } = moved();
    const { movedVault, vault } = await read(POLICY, HINTS);
    assert.ok(movedVault?.state === 'known', JSON.stringify(movedVault));
    assert.equal(vault.state, 'gone');
    assert.equal(movedVault.value.id.toLowerCase(), MOVED.toLowerCase());
    const { permission } = movedVault.value;
    assert.deepEqual(permission.state === 'known' && permission.value.missing, []);
  });

  it('is nowhere only where every subscription could be listed', async () => {
    const { azure, read } = moved();
    azure.on(vaultsOf(OTHER), list());
    const nowhere = (await read(POLICY, HINTS)).movedVault;
    assert.match(nowhere?.state === 'gone' ? nowhere.detail : '', /2 subscriptions .* name kv1/);
    for (const answer of [armError(403, 'AuthorizationFailed'), list(null)]) {
      azure.on(vaultsOf(OTHER), answer);
      assert.equal((await read(POLICY, HINTS)).movedVault?.state, 'unknown');
    }
    azure.on('/subscriptions', armError(403, 'AuthorizationFailed'));
    assert.equal((await read(POLICY, HINTS)).movedVault?.state, 'unknown');
  });

  it('is not looked for where it is there, or a deleted one is', async () => {
    const { azure, read } = moved();
    azure.on(DELETED_VAULT, { body: { properties: { vaultId: VAULT } } });
    assert.equal((await read(POLICY, HINTS)).movedVault, undefined);
    azure.on(VAULT, { body: vaultAnswer() });
    assert.equal((await read(POLICY, HINTS)).movedVault, undefined);
    assert.equal(azure.countOf('/subscriptions'), 0);
  });
});
