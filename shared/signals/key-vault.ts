import { dataOf, idOf, timeOf, type UntrustedEvent } from './event.ts';
import { isVaultId, scopeFrom, scopeOfVaultName } from './scope.ts';
import type { About, Signal } from './signal.ts';
import { textFrom } from './untrusted.ts';

// Key Vault: names of objects have at most 127 characters, versions 32, vaults 24.
const MAX_NAME_LENGTH = 127;

/** True for the ten types of "Azure Key Vault as Event Grid source", and for any that Key Vault adds. */
export function isKeyVaultType(type: string): boolean {
  return /^microsoft\.keyvault\./i.test(type);
}

/**
 * A Key Vault event ("Azure Key Vault as Event Grid source") as a signal: the vault, and the key where it
 * names one. A fault where it names no vault; undefined where the signal is not wanted.
 */
export function keyVaultSignal(
  event: UntrustedEvent,
  receivedAt: string,
  wanted?: (about: About) => boolean,
): Signal | { fault: string } | undefined {
  const data = dataOf(event);
  const scope = vaultOf(event, data);
  if (scope === undefined) return { fault: `is of type ${event.type} and names no vault` };
  const about: About = { source: 'keyVault', type: event.type, outcome: 'success', scope };
  if (isAboutKey(event, data)) {
    const keyName = textFrom(field(data, 'ObjectName'), MAX_NAME_LENGTH)?.toLowerCase();
    const keyVersion = textFrom(field(data, 'Version'), MAX_NAME_LENGTH)?.toLowerCase();
    if (keyName !== undefined) about.keyName = keyName;
    if (keyName !== undefined && keyVersion !== undefined) about.keyVersion = keyVersion;
  }
  if (wanted?.(about) === false) return undefined;
  return { id: idOf(event), ...about, at: timeOf(event) ?? receivedAt };
}

function vaultOf(event: UntrustedEvent, data: Record<string, unknown>): string | undefined {
  const topic = scopeFrom(event.topic);
  if (topic !== undefined && isVaultId(topic)) return topic;
  const name = textFrom(field(data, 'VaultName'), MAX_NAME_LENGTH);
  return name !== undefined && /^[a-z0-9-]+$/i.test(name) ? scopeOfVaultName(name) : undefined;
}

function isAboutKey(event: UntrustedEvent, data: Record<string, unknown>): boolean {
  const objectType = textFrom(field(data, 'ObjectType'), MAX_NAME_LENGTH)?.toLowerCase();
  return objectType === undefined
    ? event.type.toLowerCase().startsWith('microsoft.keyvault.key')
    : objectType === 'key';
}

// The field names in real events are PascalCase and sometimes contain stray blanks; the documentation's
// examples differ.
function field(data: Record<string, unknown>, name: string): unknown {
  if (Object.hasOwn(data, name)) return data[name];
  const wanted = name.toLowerCase();
  const found = Object.keys(data).find((key) => key.trim().toLowerCase() === wanted);
  return found === undefined ? undefined : data[found];
}
