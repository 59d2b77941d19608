import type { AuditedAct } from '../scenarios/scenario.ts';
import type { Person } from '../world/world.ts';

/**
 * One record of Key Vault's resource log, as a diagnostic setting would send it ("Azure Key Vault logging"):
 * `resultType` says Success whatever the status is, and `enabled` is there only where the request set it.
 */
export function toAuditRecord(
  act: AuditedAct,
  by: { actor: Person; now: number; correlationId: string },
): Record<string, unknown> {
  const caller: Omit<Person, 'key' | 'name' | 'role'> = act.by ?? by.actor;
  const vaultName = act.vaultId.split('/').at(-1) ?? '';
  const address = `https://${vaultName}.vault.azure.net/`;
  return {
    time: new Date(by.now).toISOString(),
    category: 'AuditEvent',
    operationName: act.operation,
    resultType: 'Success',
    resultSignature: act.status === 200 ? 'OK' : `${act.status}`,
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
    resourceId: act.vaultId.toUpperCase(),
    properties: {
      clientInfo: 'azsdk',
      requestUri: `${address}${act.path ?? ''}?api-version=7.4`,
      id: `${address}${act.path ?? ''}`,
      httpStatusCode: act.status,
      ...(act.enabled === undefined ? {} : { keyProperties: { attributes: { enabled: act.enabled } } }),
      ...(act.rbac === undefined ? {} : { isRbacAuthorized: act.rbac }),
    },
  };
}
