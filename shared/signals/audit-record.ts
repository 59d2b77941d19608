import { createHash } from 'node:crypto';
import { actorFrom } from './actor.ts';
import {
  AUDIT_OPERATION,
  type AuditMatter,
  auditMatterOf,
  isRefusal,
  isSuccess,
  statusFrom,
} from './audit-operations.ts';
import { auditedKey, vaultNameOf } from './audited-key.ts';
import { isNamedAs } from './operation-names.ts';
import { isVaultId, scopeFrom, scopeOfVaultName } from './scope.ts';
import type { Assertion, Signal } from './signal.ts';
import { instantFrom, recordOrJsonFrom, textFrom } from './untrusted.ts';

const MAX_LENGTH = 256;

/**
 * One record of Key Vault's audit log ("Azure Key Vault logging", category AuditEvent) as a signal; a fault
 * where it is relevant and names no vault; undefined where it is irrelevant, which is decided before anything
 * is built.
 *
 * Of the uses of a key, only those that were refused are relevant, or, if asked for, those that succeeded:
 * they refute earlier refusals.
 *
 * The outcome comes from the HTTP status: `resultType` says Success even for a refusal. A record without a
 * status is only a hint to read: it has no actor and no assertion.
 */
export function auditSignal(
  record: Record<string, unknown>,
  receivedAt: string,
  uses: 'refused' | 'succeeded' = 'refused',
): Signal | { fault: string } | undefined {
  const matter = auditMatterOf(record.operationName);
  if (matter === undefined) return undefined;
  const properties = recordOrJsonFrom(record.properties) ?? {};
  const status = statusFrom(properties.httpStatusCode);
  if (uses === 'succeeded' ? matter !== 'use' || !isSuccess(status) : isUseless(matter, status, record))
    return undefined;

  const type = textFrom(record.operationName, MAX_LENGTH) ?? '';
  const scope = vaultOf(record, properties);
  if (scope === undefined) return isOtherResource(record) ? undefined : { fault: `is a ${type} of no vault` };
  const signal: Signal = {
    id: hashOf(record),
    source: 'audit',
    type,
    outcome: status === undefined || isSuccess(status) ? 'success' : 'failure',
    scope,
    at: instantFrom(record.time) ?? receivedAt,
  };
  if (isAboutKey(matter)) Object.assign(signal, auditedKey(properties.id, properties.requestUri));
  const correlationId = textFrom(record.correlationId, MAX_LENGTH);
  if (correlationId !== undefined) signal.correlationId = correlationId;
  if (status === undefined) return signal;

  const actor = matter === 'notification' ? undefined : actorOf(record);
  if (actor !== undefined) signal.actor = actor;
  const assertion = assertionOf(signal, properties);
  if (assertion !== undefined) signal.assertion = assertion;
  return signal;
}

/**
 * The caller and the key of a use that succeeded; undefined for any other record. Cheaper than the signal: a
 * key is used many times a second.
 */
export function succeededUseOf(record: Record<string, unknown>): string | undefined {
  if (auditMatterOf(record.operationName) !== 'use') return undefined;
  const properties = recordOrJsonFrom(record.properties);
  if (!properties || !isSuccess(statusFrom(properties.httpStatusCode))) return undefined;
  return [record.resourceId, properties.id, actorOf(record)?.objectId].map(String).join('|');
}

/** A use of the key that succeeded, or failed without being refused. */
function isUseless(
  matter: AuditMatter,
  status: number | undefined,
  record: Record<string, unknown>,
): boolean {
  return matter === 'use' && !isRefusal(status, () => actorOf(record)?.objectId !== undefined);
}

function actorOf(record: Record<string, unknown>): Signal['actor'] {
  return actorFrom(recordOrJsonFrom(record.identity)?.claim, record.callerIpAddress);
}

function vaultOf(record: Record<string, unknown>, properties: Record<string, unknown>): string | undefined {
  const scope = scopeFrom(record.resourceId);
  if (scope !== undefined) return isVaultId(scope) ? scope : undefined;
  const name = vaultNameOf(properties.id) ?? vaultNameOf(properties.requestUri);
  return name === undefined ? undefined : scopeOfVaultName(name);
}

// A Managed HSM writes records of the same operations, but no policy on one is watched.
function isOtherResource(record: Record<string, unknown>): boolean {
  return scopeFrom(record.resourceId) !== undefined;
}

function isAboutKey(matter: AuditMatter): boolean {
  return matter === 'key' || matter === 'use';
}

/**
 * The lock that the operation alone is enough to suspect. A KeyUpdate that doesn't name `enabled` left it
 * unchanged.
 */
function assertionOf(
  { type, outcome, scope, keyName, keyVersion }: Signal,
  properties: Record<string, unknown>,
): Assertion | undefined {
  if (outcome !== 'success') return undefined;
  if (isNamedAs(type, AUDIT_OPERATION.VaultDelete)) return { what: 'deleted', scope };
  if (keyName === undefined) return undefined;
  if (isNamedAs(type, AUDIT_OPERATION.KeyDelete)) return { what: 'keyDeleted', scope };
  if (isNamedAs(type, AUDIT_OPERATION.KeyPurge)) return { what: 'keyPurged', scope };
  if (!isNamedAs(type, AUDIT_OPERATION.KeyUpdate) || !isDisabling(properties)) return undefined;
  return keyVersion === undefined
    ? { what: 'keyDisabled', scope }
    : { what: 'keyDisabled', scope, version: keyVersion };
}

function isDisabling(properties: Record<string, unknown>): boolean {
  const attributes = recordOrJsonFrom(recordOrJsonFrom(properties.keyProperties)?.attributes);
  return attributes?.enabled === false;
}

// Records have no id of their own, and Event Hubs delivers the same records again after a crash.
function hashOf(record: Record<string, unknown>): string {
  return createHash('sha256').update(textOf(record)).digest('hex');
}

// Nested too deep for JSON.stringify: the outermost texts still distinguish one record from another.
function textOf(record: Record<string, unknown>): string {
  try {
    return JSON.stringify(record);
  } catch {
    return JSON.stringify(Object.entries(record).filter(([, value]) => typeof value !== 'object'));
  }
}
