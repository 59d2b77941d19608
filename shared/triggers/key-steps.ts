import type { KeyVersionFact } from '../facts/facts.ts';
import { azCommand, type CommandPart } from './az-command.ts';
import type { Evidence, RemediationStep } from './finding.ts';
import { LOCK_PAGE } from './links.ts';
import type { Subject } from './subject.ts';

/**
 * If there are very many versions, a person needs the first few and a list, with the version in use first.
 */
const MAX_VERSIONS_SHOWN = 5;

/** The steps of the first few versions, and one for all others. */
export function versionSteps<Version>(
  subject: Subject,
  versions: readonly Version[],
  steps: (version: Version) => RemediationStep[],
): RemediationStep[] {
  const shown = versions.slice(0, MAX_VERSIONS_SHOWN).flatMap(steps);
  if (versions.length <= MAX_VERSIONS_SHOWN) return shown;
  const keys = `Key vaults → ${subject.vaultName ?? 'the vault'} → Keys → ${subject.keyName ?? 'the key'}`;
  return [
    ...shown,
    {
      text: `Do the same for ${versions.length - MAX_VERSIONS_SHOWN} more versions. This list shows the state of each version. ${rightTo(subject, 'List')}`,
      command: azCommand(
        'keyvault key list-versions',
        ['--vault-name', subject.vaultName],
        ['--name', subject.keyName],
        ['--subscription', subject.subscriptionId],
      ),
      portal: keys,
    },
  ];
}

/** The evidence of the first few versions, and how many more there are. */
export function versionEvidence<Version extends KeyVersionFact>(
  scope: string,
  readAt: string,
  versions: readonly Version[],
  says: (version: Version) => string,
): Evidence[] {
  const shown = versions.slice(0, MAX_VERSIONS_SHOWN).map((version) => ({
    text: `Key version ${version.version}: ${says(version)}`,
    source: `${scope}/versions/${version.version}`,
    readAt,
  }));
  const more = versions.length - shown.length;
  return more > 0 ? [...shown, { text: `Key versions: ${more} more`, source: scope, readAt }] : shown;
}

/** How to enable one version of the key. */
export function enableVersion(subject: Subject, version: string): RemediationStep {
  return {
    text: `Enable the version ${version} of the key ${subject.keyName ?? ''}. ${rightTo(subject, 'Update')}`,
    command: setAttributes(subject, version, ['--enabled', 'true']),
    portal: `${versionInPortal(subject, version)} → Enabled: Yes → Save`,
    link: LOCK_PAGE,
  };
}

/**
 * `az keyvault key set-attributes` on exactly one version; without a version it would change the newest one.
 */
export function setAttributes(
  subject: Subject,
  version: string,
  change: Exclude<CommandPart, string>,
): string | undefined {
  return azCommand(
    'keyvault key set-attributes',
    ['--vault-name', subject.vaultName],
    ['--name', subject.keyName],
    ['--version', version],
    change,
    ['--subscription', subject.subscriptionId],
  );
}

export function versionInPortal(subject: Subject, version: string): string {
  return `Key vaults → ${subject.vaultName ?? 'the vault'} → Keys → ${subject.keyName ?? 'the key'} → ${version}`;
}

/**
 * The right that the person needs: managing a vault does not imply access to its keys (Key Vault docs: RBAC
 * guide).
 */
export function rightTo(
  { rbac }: Subject,
  ...permissions: ('Update' | 'Recover' | 'Restore' | 'List')[]
): string {
  const role = 'the role Key Vault Crypto Officer on the vault';
  const entry = `the key permission ${permissions.join(' and ')} in the vault's access policies`;
  if (rbac === undefined) return `It needs ${role}, or ${entry}.`;
  return `It needs ${rbac ? role : entry}.`;
}
