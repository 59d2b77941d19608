import { statusFrom } from './audit-operations.ts';
import { textFrom } from './untrusted.ts';

/**
 * A record in the schema of the audit log as a diagnostic setting sends it. A data export of a Log Analytics
 * workspace sends the columns of the table instead (Azure Monitor reference: AZKVAuditLogs); every other record
 * is returned as it is.
 */
export function inDiagnosticSchema(record: Record<string, unknown>): Record<string, unknown> {
  if (!('OperationName' in record) || 'operationName' in record) return record;
  return {
    operationName: record.OperationName,
    time: record.TimeGenerated,
    resourceId: record._ResourceId,
    correlationId: record.CorrelationId,
    callerIpAddress: record.CallerIpAddress ?? record.CallerIPAddress,
    identity: record.Identity,
    properties: {
      id: record.Id,
      requestUri: record.RequestUri,
      httpStatusCode: statusFrom(record.HttpStatusCode) ?? statusOfSignature(record.ResultSignature),
      keyProperties: record.KeyProperties,
    },
  };
}

/** Whether a record names an operation in either schema; what it names may be of no interest. */
export function namesOperation(record: unknown): boolean {
  return (
    typeof record === 'object' && record !== null && ('operationName' in record || 'OperationName' in record)
  );
}

/** The status in words, as in "Forbidden" or "Not Found"; undefined for any other text. */
function statusOfSignature(signature: unknown): number | undefined {
  return STATUS.get((textFrom(signature, 40) ?? '').replaceAll(' ', '').toLowerCase());
}

const STATUS: ReadonlyMap<string, number> = new Map([
  ['ok', 200],
  ['created', 201],
  ['accepted', 202],
  ['nocontent', 204],
  ['badrequest', 400],
  ['unauthorized', 401],
  ['forbidden', 403],
  ['notfound', 404],
  ['conflict', 409],
]);
