import { VAULT } from './examples.ts';

// Records in the form that "Azure Key Vault logging" documents, about a vault of our own making.
export const AUDIT_TIME = '2026-03-04T05:01:00.2691226Z';
export const VERSION = 'ee059b2bb5bc48398a53b168c6cdcb10';
export const OID = '11111111-aaaa-4000-8000-000000000001';
export const APP = 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c';
export const KEY_URI = 'https://kv-one.vault.azure.net/keys/cmk';

export interface AuditExample {
  operation?: unknown;
  status?: unknown;
  /** undefined: left out. */
  id?: unknown;
  requestUri?: unknown;
  enabled?: unknown;
  claim?: unknown;
  record?: Record<string, unknown>;
  properties?: Record<string, unknown>;
}

/** A successful disabling of a key's version, but for what is said otherwise. */
export function auditRecord(example: AuditExample = {}): Record<string, unknown> {
  const { operation = 'KeyUpdate', status = 200, claim } = example;
  const id = 'id' in example ? example.id : `${KEY_URI}/${VERSION}`;
  const enabled = 'enabled' in example ? example.enabled : false;
  return {
    time: AUDIT_TIME,
    category: 'AuditEvent',
    operationName: operation,
    resultType: 'Success',
    resultSignature: 'OK',
    resultDescription: '',
    durationMs: '24',
    callerIpAddress: '203.0.113.7',
    correlationId: 'c0ffee00-1111-4000-8000-000000000001',
    identity: { claim: claim ?? { oid: OID, appid: APP, upn: 'ada@contoso.example' } },
    resourceId: VAULT.toUpperCase(),
    properties: {
      clientInfo: 'azsdk',
      requestUri: example.requestUri ?? `${KEY_URI}/${VERSION}?api-version=7.4`,
      ...(id === undefined ? {} : { id }),
      httpStatusCode: status,
      ...(enabled === undefined ? {} : { keyProperties: { attributes: { enabled } } }),
      ...example.properties,
    },
    ...example.record,
  };
}

/** One message of a diagnostic setting, as the runtime hands it over. */
/** The same record as a data export of a Log Analytics workspace sends it: the columns of AZKVAuditLogs. */
export function exportedRecord(example: AuditExample = {}, columns: object = {}): Record<string, unknown> {
  const { time, operationName, resourceId, identity, correlationId, callerIpAddress, properties } =
    auditRecord(example);
  const { id, requestUri, httpStatusCode, keyProperties } = properties as Record<string, unknown>;
  return {
    TenantId: '00000000-0000-4000-8000-0000000000aa',
    TimeGenerated: time,
    Category: 'AuditEvent',
    OperationName: operationName,
    ResultType: 'Success',
    ResultSignature: 'OK',
    CallerIpAddress: callerIpAddress,
    CorrelationId: correlationId,
    Identity: identity,
    Id: id,
    RequestUri: requestUri,
    HttpStatusCode: httpStatusCode,
    KeyProperties: keyProperties,
    Type: 'AZKVAuditLogs',
    _ResourceId: String(resourceId).toLowerCase(),
    ...columns,
  };
}

export function auditMessage(...records: unknown[]): Buffer {
  return Buffer.from(JSON.stringify({ records }));
}
