import type { AuditedOperation } from '../scenarios/scenario.ts';
import type { WorldPerson } from '../world/world.ts';

/**
 * One record of Key Vault's resource log, as a diagnostic setting would send it ("Azure Key Vault logging"):
 * `resultType` says Success for every status, and `enabled` is present only where the request set it.
 */
export function toAuditRecord(
  scenario: AuditedOperation,
  by: { actor: WorldPerson; now: number; correlationId: string },
): Record<string, unknown> {
  const caller: Omit<WorldPerson, 'key' | 'name' | 'role'> = scenario.by ?? by.actor;
  const vaultName = scenario.vaultId.split('/').at(-1) ?? '';
  const address = `https://${vaultName}.vault.azure.net/`;
  return {
    time: new Date(by.now - (scenario.agoMs ?? 0)).toISOString(),
    category: 'AuditEvent',
    operationName: scenario.operation,
    resultType: 'Success',
    resultSignature: scenario.status === 200 ? 'OK' : `${scenario.status}`,
    durationMs: '24',
    callerIpAddress: caller.ipAddress,
    correlationId: by.correlationId,
    identity: {
      claim: {
        oid: caller.objectId,
        appid: caller.applicationId,
        ...(caller.upn ? { upn: caller.upn } : {}),
      },
    },
    resourceId: scenario.vaultId.toUpperCase(),
    properties: {
      clientInfo: 'azsdk',
      requestUri: `${address}${scenario.path ?? ''}?api-version=7.4`,
      id: `${address}${scenario.path ?? ''}`,
      httpStatusCode: scenario.status,
      ...(scenario.enabled === undefined
        ? {}
        : { keyProperties: { attributes: { enabled: scenario.enabled } } }),
      ...(scenario.rbac === undefined ? {} : { isRbacAuthorized: scenario.rbac }),
    },
  };
}
