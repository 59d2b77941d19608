import { azCommand } from '../az-command.ts';
import { subjectOf } from '../subject.ts';
import type { Advisory } from './advisory.ts';
import { absent, present, unknownAdvisory } from './make-advisory.ts';
import { REFERENCES_PAGE } from './pages.ts';

/**
 * The platform resolves an app setting that refers to a secret when the app starts. If the watched vault is
 * deleted or unreachable, Lockwatch loses its own channel at the next start, exactly when it is needed.
 */
export const ownSecretInWatchedVault: Advisory = {
  id: 'own-secret-in-watched-vault',
  words: 'Lockwatch keeps a secret of its own in a key vault that it watches',
  link: REFERENCES_PAGE,
  severities: ['warning'],
  judge(facts, history, { now, settings }) {
    const { vaultId, vaultName } = subjectOf(facts, history);
    const scope = vaultId ?? facts.policyId;
    const self = ownSecretInWatchedVault;
    const { secretVaults } = settings;
    if (secretVaults === undefined) {
      const why =
        'Which vaults hold Lockwatch’s own secrets is not known: say so in LOCKWATCH_SECRET_VAULTS.';
      return unknownAdvisory(self, scope, why);
    }
    if (secretVaults.length === 0) {
      return absent(self, scope, 'No key vault holds a secret of Lockwatch’s own.');
    }
    if (vaultName === undefined)
      return unknownAdvisory(self, scope, 'Which vault the policy uses is not known.');
    // Vault names are unique in a cloud (Key Vault: "Vault name"), so a name is enough.
    if (!secretVaults.some((name) => name.toLowerCase() === vaultName.toLowerCase())) {
      return absent(self, scope, `No secret of Lockwatch’s own lies in the vault ${vaultName}.`);
    }
    return present(self, scope, {
      summary: `A secret of Lockwatch’s own lies in the watched vault ${vaultName}: if that vault goes, so does the channel that would tell of it.`,
      evidence: [{ text: `LOCKWATCH_SECRET_VAULTS names ${vaultName}`, source: scope, readAt: now }],
      remediation: [
        {
          text: 'Move Lockwatch’s secrets to a key vault that no enterprise policy uses, and let the app settings refer to it. This lists what lies in the present one.',
          command: azCommand('keyvault secret list', ['--vault-name', vaultName]),
          portal: 'Function App → Settings → Environment variables',
          link: REFERENCES_PAGE,
        },
      ],
    });
  },
};
