import { guidOf, hexOf } from '../world/ids.ts';
import { ALL_KEY_OPERATIONS } from '../world/make.ts';
import { currentVersion, type Key, type KeyVersion, type Vault } from '../world/world.ts';
import {
  type AuditedOperation,
  DATA_PLANE,
  liveKey,
  liveVault,
  type Scenario,
  type ScenarioOutcome,
  ScenarioRefusedError,
  type Target,
} from './scenario.ts';

const DAY_S = 86_400;

/** Changes to a key through the data plane: none of them raises a Resource Manager event. */
export const KEY_SCENARIOS: Scenario[] = [
  silentUpdate('key-disabled', 'Disables every version of the key.', ({ key }) =>
    key.versions.map((version) => ({ version, enabled: false })),
  ),
  silentUpdate('undo-key-disabled', 'Enables every version of the key.', ({ key }) =>
    key.versions.map((version) => ({ version, enabled: true })),
  ),
  {
    name: 'key-version-disabled',
    line: 'Disables the pinned version, or else the previous one, still in use (rotates first where there is only one).',
    raises: null,
    silent: DATA_PLANE,
    perform(_draft, { target, now }) {
      const { vault, key } = liveKey(target);
      const rotated = key.versions.length < 2 ? rotate(vault, key, now) : { events: [], audit: [] };
      const pinned = key.versions.find((version) => version.id === target.policy?.keyVersion);
      const version = pinned ?? key.versions.at(-2);
      if (!version)
        throw new ScenarioRefusedError(409, `The key ${key.name} has no previous version.`, { field: 'key' });
      const audit = [...rotated.audit, update(vault, key, version, now, { enabled: false })];
      return rotated.events.length > 0
        ? { events: rotated.events, audit }
        : { events: [], audit, silent: DATA_PLANE };
    },
  },
  silentUpdate('undo-key-version-disabled', 'Enables every version of the key again.', ({ key }) =>
    key.versions.filter((version) => !version.enabled).map((version) => ({ version, enabled: true })),
  ),
  silentUpdate(
    'key-not-yet-active',
    'Sets the not-before date of the version in use to a week from now.',
    (found, now) => [{ version: used(found), nbf: seconds(now) + 7 * DAY_S }],
  ),
  silentUpdate('undo-key-not-yet-active', 'Takes the not-before date away.', (found) => [
    { version: used(found), nbf: undefined },
  ]),
  silentUpdate(
    'key-unusable',
    'Takes wrapKey and unwrapKey out of the allowed operations of the version in use.',
    (found) => [
      { version: used(found), keyOps: ALL_KEY_OPERATIONS.filter((operation) => !/wrap/i.test(operation)) },
    ],
  ),
  silentUpdate('undo-key-unusable', 'Allows every operation again.', (found) => [
    { version: used(found), keyOps: [...ALL_KEY_OPERATIONS] },
  ]),
  {
    name: 'key-expired',
    line: 'The version in use expires now.',
    raises: 'Microsoft.KeyVault.KeyExpired',
    perform: (_draft, { target, now }) => expire(target, seconds(now), 'KeyExpired'),
  },
  silentUpdate(
    'undo-key-expired',
    'Sets the expiry of the version in use to a year from now.',
    (found, now) => [{ version: used(found), exp: seconds(now) + 365 * DAY_S }],
  ),
  {
    name: 'near-expiry',
    line: 'The version in use will expire in 29 days.',
    raises: 'Microsoft.KeyVault.KeyNearExpiry',
    perform: (_draft, { target, now }) => expire(target, seconds(now) + 29 * DAY_S, 'KeyNearExpiry'),
  },
  {
    name: 'rotate-key',
    line: 'Makes a new version, which becomes the current one.',
    raises: 'Microsoft.KeyVault.KeyNewVersionCreated',
    perform(_draft, { target, now }) {
      const { vault, key } = liveKey(target);
      return rotate(vault, key, now);
    },
  },
  {
    name: 'key-recreated',
    line: 'Deletes and purges the key and makes another of the same name. It does not unlock anything.',
    raises: 'Microsoft.KeyVault.KeyNewVersionCreated',
    perform(_draft, { target, now }) {
      const vault = liveVault(target);
      const name = target.keyName;
      if (!name)
        throw new ScenarioRefusedError(400, 'This scenario needs a key: name one in "key".', {
          field: 'key',
        });
      const without = (keys: Key[]) => keys.filter((key) => key.name.toLowerCase() !== name.toLowerCase());
      vault.keys = without(vault.keys);
      vault.deletedKeys = without(vault.deletedKeys);
      const version = newVersion(`${vault.name}/${name}/${now}`, now);
      vault.keys.push({
        name,
        birth: guidOf(`${vault.name}/${name}/${now}`),
        kty: 'RSA',
        keySize: 3072,
        versions: [version],
      });
      return {
        events: [created(vault, name, version)],
        audit: (['KeyDelete', 'KeyPurge', 'KeyCreate'] as const).map((operation) => ({
          operation,
          vaultId: vault.id,
          path: `keys/${name}`,
          status: 200,
        })),
        note: 'A vault with purge protection allows this only after the retention has ended; here it ends at once.',
      };
    },
  },
];

function rotate(vault: Vault, key: Key, now: number): ScenarioOutcome {
  const version = newVersion(`${vault.name}/${key.name}/${key.versions.length + 1}/${now}`, now);
  key.versions.push(version);
  return {
    events: [created(vault, key.name, version)],
    audit: [
      { operation: 'KeyRotate', vaultId: vault.id, path: `keys/${key.name}/${version.id}`, status: 200 },
    ],
  };
}

type Change = { version: KeyVersion } & Partial<Pick<KeyVersion, 'enabled' | 'nbf' | 'exp' | 'keyOps'>>;
type Found = { vault: Vault; key: Key; target: Target };

function silentUpdate(
  name: string,
  line: string,
  changes: (found: Found, now: number) => Change[],
): Scenario {
  return {
    name,
    line,
    raises: null,
    silent: DATA_PLANE,
    perform(_draft, { target, now }) {
      const { vault, key } = liveKey(target);
      const audit = changes({ vault, key, target }, now).map(({ version, ...change }) =>
        update(vault, key, version, now, change),
      );
      return { events: [], audit, silent: DATA_PLANE };
    },
  };
}

/** The pinned version, else the current one. */
function used({ key, target }: Found): KeyVersion {
  return key.versions.find((version) => version.id === target.policy?.keyVersion) ?? currentVersion(key);
}

function update(
  vault: Vault,
  key: Key,
  version: KeyVersion,
  now: number,
  change: Partial<KeyVersion>,
): AuditedOperation {
  Object.assign(version, change, { updated: seconds(now) });
  return {
    operation: 'KeyUpdate',
    vaultId: vault.id,
    path: `keys/${key.name}/${version.id}`,
    status: 200,
    enabled: change.enabled,
  };
}

function expire(target: Target, exp: number, type: 'KeyExpired' | 'KeyNearExpiry'): ScenarioOutcome {
  const found = { ...liveKey(target), target };
  const version = used(found);
  version.exp = exp;
  const object = { name: found.key.name, version: version.id, nbf: version.nbf, exp };
  // Time passes without a caller, so there is no record of one either.
  return {
    events: [{ from: 'keyVault', type, vaultId: found.vault.id, object }],
    audit: [],
    unattended: true,
  };
}

function created(vault: Vault, name: string, version: KeyVersion): ScenarioOutcome['events'][number] {
  return {
    from: 'keyVault',
    type: 'KeyNewVersionCreated',
    vaultId: vault.id,
    object: { name, version: version.id },
  };
}

function newVersion(seed: string, now: number): KeyVersion {
  const created = seconds(now);
  return { id: hexOf(seed), enabled: true, created, updated: created, keyOps: [...ALL_KEY_OPERATIONS] };
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}
