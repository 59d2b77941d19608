import { armIdParts } from '../../azure/arm-id.ts';
import type { TriggerId } from '../../triggers/finding.ts';
import type { StatusPolicy } from './policy-condition.ts';
import { plainName } from './text.ts';

/** Of what a cause is, the clause with its name, and the clause for several. */
type Because = readonly [of: 'policy' | 'vault' | 'key', one: (name: string) => string, several: string];

/** `locked`: the environments are down, and no reading says why. */
const BECAUSE: Readonly<Record<TriggerId, Because | undefined>> = {
  'policy-deleted': ['policy', (name) => `the policy ${name} was deleted`, 'policies were deleted'],
  'vault-deleted': ['vault', (name) => `the vault ${name} was deleted`, 'vaults were deleted'],
  'key-deleted': ['key', (name) => `the key ${name} was deleted`, 'keys were deleted'],
  'permissions-revoked': [
    'key',
    (name) => `the permission to use the key ${name} was removed`,
    'permissions to use keys were removed',
  ],
  'key-disabled': ['key', (name) => `the key ${name} was disabled`, 'keys were disabled'],
  'key-version-disabled': [
    'key',
    (name) => `the version of the key ${name} that is in use was disabled`,
    'versions of keys that are in use were disabled',
  ],
  'public-access-disabled': [
    'vault',
    (name) => `public access to the vault ${name} was disabled`,
    'public access to vaults was disabled',
  ],
  'network-restricted': [
    'vault',
    (name) => `the network of the vault ${name} was restricted`,
    'the networks of vaults were restricted',
  ],
  'key-expired': ['key', (name) => `the key ${name} has expired`, 'keys have expired'],
  'key-not-yet-active': ['key', (name) => `the key ${name} is not active yet`, 'keys are not active yet'],
  'key-unusable': ['key', (name) => `the key ${name} can't be used`, "keys can't be used"],
  locked: undefined,
};

/** " because the key cmk was disabled": where all of these policies are down for one reason that is known. Pure. */
export function downBecause(policies: readonly StatusPolicy[]): string {
  const causes = policies.map(({ incident }) => incident?.triggers[0]?.trigger);
  const [cause] = causes;
  if (cause === undefined) return '';
  if (causes.some((one) => one !== cause)) return causes.includes(undefined) ? '' : ', for different reasons';
  const because = BECAUSE[cause];
  if (because === undefined) return '';
  const [of, one, several] = because;
  const targets = new Map(policies.map((policy) => targetOf(policy, of)));
  const [name] = [...targets.values()];
  return ` because ${targets.size === 1 && name !== undefined ? one(plainName(name, 60)) : several}`;
}

/** What is at fault, and its name; a key's name counts within its vault. */
function targetOf(
  { id, name, vaultId, keyName }: StatusPolicy,
  of: Because[0],
): [id: string, name: string | undefined] {
  const vault = vaultId ?? '';
  if (of === 'policy') return [id, name];
  if (of === 'vault') return [vault.toLowerCase(), vaultId === null ? undefined : armIdParts(vault).name];
  // Several vaults may have a key of the same name.
  const keyInVault = keyName && vaultId !== null ? `${keyName} of vault ${armIdParts(vault).name}` : keyName;
  return [`${vault}/keys/${keyName}`.toLowerCase(), keyInVault ?? undefined];
}
