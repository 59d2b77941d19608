// Events in the forms that "Azure Key Vault as Event Grid source" and "Azure subscription as an Event Grid source"
// document, about a subscription of our own making.
export const SUBSCRIPTION = '/subscriptions/0a1b2c3d-0000-4000-8000-000000000001';
export const GROUP = `${SUBSCRIPTION}/resourceGroups/rg-keys`;
export const VAULT = `${GROUP}/providers/Microsoft.KeyVault/vaults/kv-one`;
export const POLICY = `${SUBSCRIPTION}/resourceGroups/rg-power/providers/Microsoft.PowerPlatform/enterprisePolicies/policy-one`;
export const NOW = '2026-03-04T05:06:07.890Z';

export const ASSERTIONS = {
  aud: 'https://management.core.windows.net/',
  appid: 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c',
  ipaddr: '10.0.0.1',
  name: 'Ada Vault',
  'http://schemas.microsoft.com/identity/claims/objectidentifier': '11111111-aaaa-4000-8000-000000000001',
  'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': 'ada@contoso.example',
};

export interface ArmExample {
  eventType?: string;
  operation?: unknown;
  scope?: unknown;
  subject?: unknown;
  data?: Record<string, unknown>;
  id?: unknown;
}

/** In the Event Grid schema. */
export function armEvent(example: ArmExample = {}): Record<string, unknown> {
  const scope = example.scope ?? VAULT;
  return {
    id: example.id ?? '4db48cba-50a2-455a-93b4-de41a3b5b7f6',
    topic: SUBSCRIPTION,
    subject: example.subject ?? scope,
    eventType: example.eventType ?? 'Microsoft.Resources.ResourceWriteSuccess',
    eventTime: '2026-03-04T05:00:00.6117357Z',
    dataVersion: '2',
    metadataVersion: '1',
    data: {
      authorization: { scope, action: 'Microsoft.KeyVault/vaults/write', evidence: { role: 'Owner' } },
      claims: ASSERTIONS,
      correlationId: '7d8f9e0a-1111-4000-8000-000000000001',
      httpRequest: { clientRequestId: 'x', clientIpAddress: '203.0.113.7', method: 'PUT', url: '' },
      resourceProvider: 'Microsoft.KeyVault',
      resourceUri: scope,
      operationName: example.operation ?? 'Microsoft.KeyVault/vaults/write',
      status: 'Succeeded',
      ...example.data,
    },
  };
}

/** In the Event Grid schema. */
export function keyVaultEvent(
  type = 'Microsoft.KeyVault.KeyExpired',
  data: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    id: '00eccf70-95a7-4e7c-8299-2eb17ee9ad64',
    topic: VAULT,
    subject: 'cmk',
    eventType: type,
    eventTime: '2026-03-04T05:00:00.1036736Z',
    dataVersion: '1',
    metadataVersion: '1',
    data: {
      Id: 'https://kv-one.vault.azure.net/keys/cmk/ee059b2bb5bc48398a53b168c6cdcb10',
      VaultName: 'kv-one',
      ObjectType: 'Key',
      ObjectName: 'cmk',
      Version: 'ee059b2bb5bc48398a53b168c6cdcb10',
      NBF: '1559081980',
      EXP: '1559082102',
      ...data,
    },
  };
}

/** The same event in the CloudEvents 1.0 schema. */
export function asCloudEvent(event: Record<string, unknown>): Record<string, unknown> {
  const { eventType, eventTime, topic, dataVersion, metadataVersion, ...rest } = event;
  return { ...rest, specversion: '1.0', type: eventType, time: eventTime, source: topic };
}

export function base64(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64');
}
