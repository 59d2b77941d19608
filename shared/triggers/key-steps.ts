import { azCommand, type CommandPart } from './az-command.ts';
import type { UndoStep } from './finding.ts';
import { LOCK_PAGE } from './links.ts';
import type { Subject } from './subject.ts';

/** How to enable one version of the key. */
export function enableVersion(subject: Subject, version: string): UndoStep {
  return {
    text: `Enable the version ${version} of the key ${subject.keyName ?? ''}.`,
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
