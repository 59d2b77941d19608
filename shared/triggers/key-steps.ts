import { azCommand, type CommandPart } from './az-command.ts';
import type { UndoStep } from './finding.ts';
import { LOCK_PAGE } from './links.ts';
import type { Subject } from './subject.ts';

/** How to enable one version of the key. */
export function enableVersion(subject: Subject, version: string): UndoStep {
  return {
    text: `Enable the version ${version} of the key ${subject.keyName ?? ''}. ${rightTo(subject, 'Update')}`,
    command: setAttributes(subject, version, ['--enabled', 'true']),
    portal: `${versionInPortal(subject, version)} → Enabled: Yes → Save`,
    link: LOCK_PAGE,
  };
}

/** `az keyvault key set-attributes` on exactly one version; without a version it would change the newest one. */
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

/** What whoever acts on the key needs: those who manage a vault need not be able to touch its keys (Key Vault docs: RBAC guide). */
export function rightTo({ rbac }: Subject, ...permissions: ('Update' | 'Recover' | 'Restore')[]): string {
  const role = 'the role Key Vault Crypto Officer on the vault';
  const entry = `the key permission ${permissions.join(' and ')} in the vault's access policies`;
  if (rbac === undefined) return `It needs ${role}, or ${entry}.`;
  return `It needs ${rbac ? role : entry}.`;
}
