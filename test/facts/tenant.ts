import { createFactsReader, type FactsReaderOptions } from '../../shared/facts/azure-facts-reader.ts';
import type { FactsReader } from '../../shared/facts/reader.ts';
import { type HandClock, handClock } from '../azure/hand-clock.ts';
import { type FakeAzure, fakeAzure, list, ORIGIN } from './fake-azure.ts';
import { noEnvironmentsHere } from './no-environments.ts';

/** Ids and answers of one healthy chain: a policy, an RBAC vault, a key with two versions, one role assignment. */
export const SUBSCRIPTION = '/subscriptions/11111111-2222-3333-4444-555555555555';
export const GROUP = `${SUBSCRIPTION}/resourceGroups/rg-cmk`;
export const POLICY = `${GROUP}/providers/Microsoft.PowerPlatform/enterprisePolicies/ep1`;
export const POLICIES = `${SUBSCRIPTION}/providers/Microsoft.PowerPlatform/enterprisePolicies`;
export const VAULT = `${GROUP}/providers/Microsoft.KeyVault/vaults/kv1`;
export const KEY = `${VAULT}/keys/cmk`;
export const PRINCIPAL = 'aaaaaaaa-0000-0000-0000-000000000001';
export const ROLES = `${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions`;
export const ENCRYPTION_USER = `${ROLES}/e147488a-f6f5-4113-8e2d-b22465e65bf6`;
export const ASSIGNMENTS = `${VAULT}/providers/Microsoft.Authorization/roleAssignments`;
export const DENIALS = `${VAULT}/providers/Microsoft.Authorization/denyAssignments`;
export const DELETED_VAULT = `${SUBSCRIPTION}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/kv1`;
export const OLD = '11111111111111111111111111111111';
export const CURRENT = '22222222222222222222222222222222';

export function policyAnswer(id = POLICY, changes: Record<string, unknown> = {}) {
  return {
    id,
    name: id.split('/').at(-1),
    kind: 'Encryption',
    location: 'europe',
    identity: { type: 'SystemAssigned', principalId: PRINCIPAL, tenantId: 't' },
    properties: {
      systemId: `/regions/europe/providers/Microsoft.PowerPlatform/enterprisePolicies/${PRINCIPAL}`,
      healthStatus: 'Healthy',
      encryption: { state: 'Enabled', keyVault: { id: VAULT, key: { name: 'cmk', version: 'N/A' } } },
    },
    ...changes,
  };
}

export function vaultAnswer(properties: Record<string, unknown> = {}) {
  return {
    id: VAULT,
    name: 'kv1',
    location: 'westeurope',
    properties: {
      tenantId: 't',
      sku: { family: 'A', name: 'standard' },
      enableRbacAuthorization: true,
      enableSoftDelete: true,
      softDeleteRetentionInDays: 90,
      enablePurgeProtection: true,
      publicNetworkAccess: 'Enabled',
      ...properties,
    },
  };
}

/** As the list of versions tells it: attributes and URI, neither type nor operations. */
export function versionItem(version: string, attributes: Record<string, unknown> = {}) {
  return {
    id: `${KEY}/versions/${version}`,
    name: version,
    type: 'Microsoft.KeyVault/vaults/keys/versions',
    properties: {
      attributes: { enabled: true, created: 1_700_000_000, ...attributes },
      keyUri: 'https://kv1.vault.azure.net:443/keys/cmk',
      keyUriWithVersion: `https://kv1.vault.azure.net:443/keys/cmk/${version}`,
    },
  };
}

export function keyAnswer(version = CURRENT, properties: Record<string, unknown> = {}) {
  const item = versionItem(version, { created: 1_750_000_000 });
  return {
    ...item,
    id: KEY,
    name: 'cmk',
    properties: {
      ...item.properties,
      kty: 'RSA',
      keyOps: ['wrapKey', 'unwrapKey'],
      keySize: 2048,
      ...properties,
    },
  };
}

export function assignment(changes: Record<string, unknown> = {}) {
  const scope = String(changes.scope ?? VAULT);
  return {
    id: `${scope}/providers/Microsoft.Authorization/roleAssignments/${changes.principalId ?? 'a1'}`,
    properties: {
      scope,
      principalId: PRINCIPAL,
      principalType: 'ServicePrincipal',
      roleDefinitionId: ENCRYPTION_USER,
      ...changes,
    },
  };
}

export const KEY_DATA_ACTIONS = ['read', 'wrap/action', 'unwrap/action'].map(
  (verb) => `Microsoft.KeyVault/vaults/keys/${verb}`,
);

export function role(dataActions: string[] = KEY_DATA_ACTIONS, notDataActions: string[] = []) {
  return {
    properties: {
      roleName: 'Key Vault Crypto Service Encryption User',
      type: 'BuiltInRole',
      permissions: [{ actions: [], notActions: [], dataActions, notDataActions }],
    },
  };
}

export interface Stage {
  azure: FakeAzure;
  clock: HandClock;
  reader: FactsReader;
  /** One policy read with 10 s to do it. */
  read(
    ...args: Parameters<ReturnType<FactsReader['begin']>['read']>
  ): ReturnType<ReturnType<FactsReader['begin']>['read']>;
}

/** A reader over a healthy chain. */
export function stage(options: Partial<FactsReaderOptions> & { clock?: HandClock } = {}): Stage {
  const clock = options.clock ?? handClock();
  const azure = fakeAzure(clock);
  azure.on(POLICY, { body: policyAnswer() });
  azure.on(POLICIES, list(policyAnswer()));
  azure.on(VAULT, { body: vaultAnswer() });
  azure.on(KEY, { body: keyAnswer() });
  azure.on(`${KEY}/versions`, list(versionItem(OLD), versionItem(CURRENT, { created: 1_750_000_000 })));
  azure.on(ASSIGNMENTS, list(assignment()));
  azure.on(DENIALS, list());
  azure.on(ENCRYPTION_USER, { body: role() });
  const reader = createFactsReader({
    armEndpoint: ORIGIN,
    armScope: `${ORIGIN}/.default`,
    subscriptions: [SUBSCRIPTION.split('/')[2] ?? ''],
    credential: {
      getToken: async () => ({ token: 'secret-token', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }),
    },
    clock,
    environments: noEnvironmentsHere(clock),
    httpClient: azure,
    ...options,
  });
  return { azure, clock, reader, read: (...args) => clock.drive(reader.begin(10_000).read(...args)) };
}
