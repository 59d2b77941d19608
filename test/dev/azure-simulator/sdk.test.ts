import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AuthorizationManagementClient } from '@azure/arm-authorization';
import { KeyVaultManagementClient } from '@azure/arm-keyvault';
import type { TokenCredential } from '@azure/core-auth';
import { ManagedIdentityCredential } from '@azure/identity';
import { atEnd, mainIds, startTestSimulator } from './harness.ts';

describe('Microsoft’s own libraries read the Azure simulator', async () => {
  const simulator = await startTestSimulator();
  const ids = mainIds(simulator);
  const kept = {
    IDENTITY_ENDPOINT: process.env.IDENTITY_ENDPOINT,
    IDENTITY_HEADER: process.env.IDENTITY_HEADER,
  };
  process.env.IDENTITY_ENDPOINT = simulator.identity;
  process.env.IDENTITY_HEADER = simulator.identityHeader;
  atEnd(() => {
    for (const [name, value] of Object.entries(kept))
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
  });
  const credential: TokenCredential = new ManagedIdentityCredential({ clientId: simulator.clientId });
  const scope = 'https://management.azure.com/.default';
  const subscription = simulator.subscriptions[0] ?? '';
  const vaults = new KeyVaultManagementClient(credential, subscription, {
    endpoint: simulator.arm,
    credentials: { scopes: [scope] },
  });
  const roles = new AuthorizationManagementClient(credential, subscription, {
    endpoint: simulator.arm,
    $host: simulator.arm,
    credentialScopes: scope,
  });
  const principalId = async () => {
    const { body } = await simulator.read(`${ids.policy}?api-version=2020-10-30-preview`);
    return String((body.identity as { principalId: string }).principalId);
  };
  const all = async <T>(pages: AsyncIterable<T>) => {
    const found: T[] = [];
    for await (const item of pages) found.push(item);
    return found;
  };

  test('arm-keyvault reads a vault, its key and all versions of the key', async () => {
    const vault = await vaults.vaults.get('rg-keys-eu', 'KV-Contoso-EU');
    assert.equal(vault.properties?.enableRbacAuthorization, true);
    assert.equal(vault.properties?.publicNetworkAccess, 'Enabled');
    const key = await vaults.keys.get('rg-keys-eu', 'kv-contoso-eu', 'cmk-finance');
    assert.deepEqual(key.keyOps?.slice(-2), ['wrapKey', 'unwrapKey']);
    const versions = await all(vaults.keys.listVersions('rg-keys-eu', 'kv-contoso-eu', 'cmk-finance'));
    assert.deepEqual(
      versions.map((version) => version.attributes?.enabled),
      [true, true],
    );
  });

  test('arm-authorization reads what the policy’s identity is assigned, and the role’s data actions', async () => {
    const filter = `assignedTo('${await principalId()}')`;
    const assignments = await all(roles.roleAssignments.listForScope(ids.vault, { filter }));
    assert.equal(assignments.length, 1);
    const role = await roles.roleDefinitions.getById(assignments[0]?.roleDefinitionId ?? '');
    assert.equal(role.roleName, 'Key Vault Crypto Service Encryption User');
    assert.ok(role.permissions?.[0]?.dataActions?.includes('Microsoft.KeyVault/vaults/keys/unwrap/action'));
    assert.deepEqual(await all(roles.denyAssignments.listForScope(ids.vault, { filter })), []);
  });

  test('arm-keyvault reads a deleted vault by its region, and only there', async () => {
    await simulator.scenario('vault-deleted');
    const deleted = await vaults.vaults.getDeleted('kv-contoso-eu', 'westeurope');
    const { deletionDate, scheduledPurgeDate } = deleted.properties ?? {};
    assert.equal(Number(scheduledPurgeDate) - Number(deletionDate), 90 * 86_400_000);
    await assert.rejects(vaults.vaults.getDeleted('kv-contoso-eu', 'eastus'), { statusCode: 404 });
    await assert.rejects(vaults.vaults.get('rg-keys-eu', 'kv-contoso-eu'), {
      statusCode: 404,
      code: 'ResourceNotFound',
    });
  });
});
