import { DECOY_VAULT } from '../world/seed.ts';
import type { VaultNetwork } from '../world/world.ts';
import { armEvent, liveVault, type Scenario, ScenarioRefusedError, type Target } from './scenario.ts';

const OPEN: Partial<VaultNetwork> = {
  publicNetworkAccess: 'Enabled',
  defaultAction: 'Allow',
  bypass: 'AzureServices',
  ipRules: [],
};

/** Changes to a vault's settings through Resource Manager. */
export const NETWORK_SCENARIOS: Scenario[] = [
  setNetwork('public-access-disabled', 'Disables the vault’s public access, trusted services included.', {
    publicNetworkAccess: 'Disabled',
    bypass: 'None',
  }),
  setNetwork('undo-public-access-disabled', 'Opens the vault’s network again.', OPEN),
  setNetwork('network-restricted', 'Lets only one IP range in, and no trusted services.', {
    defaultAction: 'Deny',
    bypass: 'None',
    ipRules: ['203.0.113.0/24'],
  }),
  setNetwork('undo-network-restricted', 'Opens the vault’s network again.', OPEN),
  setNetwork(
    'network-restricted-trusted',
    'Lets only one IP range in, and trusted services (only suspected).',
    {
      defaultAction: 'Deny',
      bypass: 'AzureServices',
      ipRules: ['203.0.113.0/24'],
    },
  ),
  setNetwork('undo-network-restricted-trusted', 'Opens the vault’s network again.', OPEN),
  setNetwork(
    'public-access-disabled-trusted',
    'Disables the vault’s public access, and lets trusted services in (only suspected).',
    { publicNetworkAccess: 'Disabled', defaultAction: 'Deny', bypass: 'AzureServices' },
  ),
  setNetwork('undo-public-access-disabled-trusted', 'Opens the vault’s network again.', OPEN),
  {
    name: 'decoy-vault-changed',
    line: `Tags the vault ${DECOY_VAULT}, which no policy uses: an event that concerns nobody.`,
    raises: 'Microsoft.KeyVault/vaults/write',
    perform(draft, { now }) {
      const vault = draft.vaults.find((candidate) => candidate.name === DECOY_VAULT);
      if (!vault)
        throw new ScenarioRefusedError(409, `The vault ${DECOY_VAULT} is deleted.`, { field: 'vault' });
      vault.tags = { ...vault.tags, touched: new Date(now).toISOString() };
      return written({ vault, vaultDeleted: false });
    },
  },
];

function setNetwork(name: string, line: string, change: Partial<VaultNetwork>): Scenario {
  return {
    name,
    line,
    raises: 'Microsoft.KeyVault/vaults/write',
    perform(_draft, { target }) {
      const vault = liveVault(target);
      vault.network = { ...vault.network, ...change };
      return written(target);
    },
  };
}

function written(target: Target) {
  const vault = liveVault(target);
  return {
    events: [armEvent('Write', 'Microsoft.KeyVault/vaults/write', vault.id)],
    audit: [{ operation: 'VaultPatch', vaultId: vault.id, status: 200 }],
  };
}
