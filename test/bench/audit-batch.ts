import { readAuditBatch } from '../../shared/signals/audit-records.ts';
import { cpuClock, type Figure, pairedRatio } from './figure.ts';

const MESSAGES = 100;
const RECORDS = 100;

/** Audit records of a watched vault whose operations are of no interest. Floor: `JSON.parse` of the same bytes. */
export async function auditBatch(): Promise<Figure> {
  const batch = auditMessages(MESSAGES);
  let signals = 0;
  const measured = await pairedRatio(
    () => {
      signals += readAuditBatch(batch, '2026-11-23T03:00:00.000Z').signals.length;
    },
    () => {
      for (const bytes of batch) JSON.parse(bytes.toString());
    },
    { pairs: 15, warmUp: 5 },
  );
  const cpuMs = cpuClock();
  signals += readAuditBatch(batch, '2026-11-23T03:00:00.000Z').signals.length;
  const cpuMsPerItem = cpuMs() / (MESSAGES * RECORDS);
  if (signals > 0) throw new Error(`${signals} signals were made of reads.`);
  return {
    name: 'audit records of no interest',
    ...measured,
    budget: 1.3,
    detail: `${MESSAGES * RECORDS} records in ${MESSAGES} messages`,
    cpuMsPerItem,
  };
}

/** So many messages of an event hub, a hundred records in each. */
export function auditMessages(count: number): Buffer[] {
  return Array.from({ length: count }, (_, n) =>
    Buffer.from(
      JSON.stringify({ records: Array.from({ length: RECORDS }, (_, m) => record(n * RECORDS + m)) }),
    ),
  );
}

function record(n: number) {
  const id = 'https://kv-eu.vault.azure.net/keys/cmk/0123456789abcdef0123456789abcdef';
  return {
    time: '2026-11-23T02:59:58.000Z',
    category: 'AuditEvent',
    operationName: n % 2 === 0 ? 'KeyWrap' : 'KeyUnwrap',
    resultType: 'Success',
    correlationId: `c-${n}`,
    callerIpAddress: '203.0.113.7',
    identity: { claim: { oid: '22222222-2222-2222-2222-222222222222', appid: 'a', upn: 'x' } },
    properties: {
      id,
      clientInfo: 'Power Platform',
      requestUri: `${id}/unwrapkey`,
      httpStatusCode: 200,
      keyProperties: { type: 'RSA', size: 3072 },
    },
    resourceId:
      '/SUBSCRIPTIONS/11111111-1111-1111-1111-111111111111/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.KEYVAULT/VAULTS/KV-EU',
  };
}
