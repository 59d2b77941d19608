import { get as getKey, getVersion, listVersions } from '@azure/arm-keyvault/api/keys';
import { getDeleted, get as getVault, listBySubscription, listDeleted } from '@azure/arm-keyvault/api/vaults';
import type { Deadline } from './deadline.ts';
import { KEY_VAULT_VERSION, type KeyVaultOperation, type Operate } from './key-vault-operations.ts';
import type { Outcome } from './outcome.ts';
import { getJson, getPages } from './pages.ts';
import { notAnId, type SharedAnswers } from './shared-answers.ts';

/**
 * Key Vault's resources in Azure Resource Manager, within one read session. Ids and names are taken as
 * received, even if malformed.
 */
export interface KeyVaultReads {
  vault(vaultId: string): Promise<Outcome<unknown>>;
  /** `location`: the region's name, without blanks. */
  deletedVault(subscriptionId: string, location: string, name: string): Promise<Outcome<unknown>>;
  deletedVaults(subscriptionId: string): Promise<Outcome<unknown[]>>;
  vaults(subscriptionId: string): Promise<Outcome<unknown[]>>;
  /** The version that is named, or else the current one. */
  key(vaultId: string, keyName: string, version?: string): Promise<Outcome<unknown>>;
  keyVersions(vaultId: string, keyName: string): Promise<Outcome<unknown[]>>;
}

export const KEY_VAULT_API = `api-version=${KEY_VAULT_VERSION}`;

export function keyVaultReads(answers: SharedAnswers, operate: Operate, deadline: Deadline): KeyVaultReads {
  const one = (id: string, subscriptionId: string, operation: KeyVaultOperation) =>
    answers.document(id, KEY_VAULT_API, (target) =>
      getJson(operate(subscriptionId, operation, target), target, deadline),
    );
  const all = (id: string, subscriptionId: string, operation: KeyVaultOperation) =>
    answers.list(id, KEY_VAULT_API, (target) =>
      getPages(operate(subscriptionId, operation, target), target, deadline),
    );
  const notAVault = async () => notAnId(deadline.clock.now());
  const provider = (subscriptionId: string) =>
    `/subscriptions/${subscriptionId}/providers/Microsoft.KeyVault`;
  return {
    async vault(vaultId) {
      const at = vaultNames(vaultId);
      if (!at) return notAVault();
      return one(vaultId, at.subscriptionId, (context, options) =>
        getVault(context, at.group, at.vault, options),
      );
    },
    deletedVault: (subscriptionId, location, name) =>
      one(
        `${provider(subscriptionId)}/locations/${location}/deletedVaults/${name}`,
        subscriptionId,
        (context, options) => getDeleted(context, name, location, options),
      ),
    deletedVaults: (subscriptionId) =>
      all(`${provider(subscriptionId)}/deletedVaults`, subscriptionId, (context, options) =>
        listDeleted(context, options).byPage().next(),
      ),
    vaults: (subscriptionId) =>
      all(`${provider(subscriptionId)}/vaults`, subscriptionId, (context, options) =>
        listBySubscription(context, options).byPage().next(),
      ),
    async key(vaultId, keyName, version) {
      const at = vaultNames(vaultId, keyName, version);
      if (!at) return notAVault();
      const { subscriptionId, group, vault } = at;
      const id = `${vaultId}/keys/${keyName}`;
      if (version === undefined)
        return one(id, subscriptionId, (context, options) => getKey(context, group, vault, keyName, options));
      return one(`${id}/versions/${version}`, subscriptionId, (context, options) =>
        getVersion(context, group, vault, keyName, version, options),
      );
    },
    async keyVersions(vaultId, keyName) {
      const at = vaultNames(vaultId, keyName);
      if (!at) return notAVault();
      return all(`${vaultId}/keys/${keyName}/versions`, at.subscriptionId, (context, options) =>
        listVersions(context, at.group, at.vault, keyName, options).byPage().next(),
      );
    },
  };
}

interface VaultNames {
  subscriptionId: string;
  group: string;
  vault: string;
}

/** Undefined where it is no id of a key vault, or a name below it is empty or more than a name. */
function vaultNames(vaultId: string, ...below: (string | undefined)[]): VaultNames | undefined {
  const [, subscriptionId, group, vault] = VAULT_ID.exec(vaultId.trim()) ?? [];
  if (subscriptionId === undefined || group === undefined || vault === undefined) return undefined;
  if (below.some((name) => name === '' || name?.includes('/'))) return undefined;
  return { subscriptionId, group, vault };
}

const VAULT_ID =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.KeyVault\/vaults\/([^/]+)\/*$/i;
