import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { predictedTenant } from '../../local/bicep/predicted-tenant.ts';
import { mainIds, startTestTenant } from '../local/tenant-harness.ts';

const POLICIES = 'api-version=2020-10-30-preview';

describe('the simulated tenant as it would be deployed', () => {
  it('grants the app what the predicted role holds, and refuses everything else', async () => {
    const { appActions } = predictedTenant();
    const tenant = await startTestTenant({ appActions });
    assert.equal((await tenant.read(`${mainIds(tenant).policies}?${POLICIES}`)).status, 200);

    const lacking = appActions.filter((action) => !/enterprisePolicies\/read/.test(action));
    const poorer = await startTestTenant({ appActions: lacking });
    const ids = mainIds(poorer);
    assert.equal((await poorer.read(`${ids.policies}?${POLICIES}`)).status, 403);
    assert.equal((await poorer.read(`${ids.vault}?api-version=2026-02-01`)).status, 200);
  });

  it('gives the same role back where it was taken away', async () => {
    const tenant = await startTestTenant({ appActions: ['Microsoft.KeyVault/vaults/read'] });
    const { vault, policies } = mainIds(tenant);
    const target = { policy: 'ep-finance' };
    await tenant.act('reader-revoked', target);
    assert.equal((await tenant.read(`${vault}?api-version=2026-02-01`)).status, 403);
    await tenant.act('reader-granted', target);
    assert.equal((await tenant.read(`${vault}?api-version=2026-02-01`)).status, 200);
    assert.equal((await tenant.read(`${policies}?${POLICIES}`)).status, 403, 'not the whole of Reader');
  });
});
