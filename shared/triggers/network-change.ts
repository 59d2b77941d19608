import type { Facts, NetworkFact } from '../facts/facts.ts';
import { azCommand } from './az-command.ts';
import { isAfter } from './effect-history.ts';
import type { Evidence, RemediationStep } from './finding.ts';
import type { History } from './history.ts';
import { LOCK_PAGE, NETWORK_PAGE, PERIMETER_PAGE } from './links.ts';
import { lockSigns } from './lock-signs.ts';
import { reachOf, sameReach, settingsText } from './network-settings.ts';
import { MAX_PROPAGATION_MS } from './propagation.ts';
import type { Subject } from './subject.ts';

/** The change that led to the present settings, where a reading saw it. */
export function latestChange(
  network: NetworkFact,
  history: History,
): { previous: NetworkFact; at: string } | undefined {
  const memory = history.network;
  if (memory?.previous === undefined || memory.changedAt === undefined) return undefined;
  return sameReach(memory.current, network) ? { previous: memory.previous, at: memory.changedAt } : undefined;
}

/**
 * Signs that the current settings lock the environments. Disabled environments don't count where the key was
 * usable under the same settings: they were disabled for another reason, and remain so until someone
 * re-enables each.
 */
export function confirmingSigns(facts: Facts, network: NetworkFact, history: History): Evidence[] {
  const memory = history.network;
  const worked = memory?.workedAt !== undefined && sameReach(memory.current, network);
  // Environments outside the policy don't use this vault: what disabled them explains the policy's own too.
  const isElsewhere = (history.effect?.down?.outside ?? 0) > 0;
  const signs = lockSigns(facts);
  const down = history.effect?.down;
  // Environments that were disabled well before the change are no effect of it.
  const isOld =
    memory?.changedAt !== undefined &&
    (down === undefined || isAfter(memory.changedAt, down.since, MAX_PROPAGATION_MS));
  return worked || isElsewhere || isOld ? signs.filter(({ source }) => source !== undefined) : signs;
}

export function networkEvidence(
  facts: Facts,
  network: NetworkFact,
  scope: string,
  change: ReturnType<typeof latestChange>,
): Evidence[] {
  const evidence = [
    { text: `Key vault: ${settingsText(network)}`, source: scope, readAt: facts.vault.readAt },
  ];
  if (change !== undefined) {
    evidence.push({
      text: `Before the change: ${settingsText(change.previous)}`,
      source: scope,
      readAt: change.at,
    });
  }
  return evidence;
}

const ROLE = 'It needs the role Key Vault Contributor on the vault.';

/** Opens the vault to Microsoft's services, and says what to keep when it is closed again. */
export function openNetworkSteps(subject: Subject, network: NetworkFact): RemediationStep[] {
  return [...openingSteps(subject, network), keepTrusted(subject)];
}

/**
 * Opens the vault to Microsoft's services with the greatest certainty: to all networks. A perimeter overrules the
 * vault's own settings, so the vault leaves it first.
 */
export function openingSteps(subject: Subject, network: NetworkFact): RemediationStep[] {
  const vault = subject.vaultName ?? 'the vault';
  const { trustedPass, publicAccess } = reachOf(network);
  return [
    ...(publicAccess === 'perimeter' ? [leavePerimeter(subject)] : []),
    {
      text: `Allow public access to ${vault} from all networks${trustedPass ? '' : ', and let trusted Microsoft services pass'}. Nobody gets at the key without a permission on it. It may take 15 minutes to act. ${ROLE}`,
      command: azCommand(
        'keyvault update',
        ['--name', subject.vaultName],
        ['--resource-group', subject.resourceGroup],
        ['--subscription', subject.subscriptionId],
        ['--public-network-access', 'Enabled'],
        ['--default-action', 'Allow'],
        ['--bypass', 'AzureServices'],
      ),
      portal: `Key vaults → ${vault} → Networking → Firewalls and virtual networks → Allow public access from all networks → Apply`,
      link: LOCK_PAGE,
    },
  ];
}

export function keepTrusted({ vaultName }: Subject): RemediationStep {
  return {
    text: `If the network must be closed again later, keep "Allow trusted Microsoft services to bypass this firewall" on, and close it only when every environment runs. ${ROLE}`,
    portal: `Key vaults → ${vaultName ?? 'the vault'} → Networking → Exception`,
    link: NETWORK_PAGE,
  };
}

function leavePerimeter({ vaultName, subscriptionId }: Subject): RemediationStep {
  const vault = vaultName ?? 'the vault';
  return {
    text: `Take ${vault} out of its network security perimeter, or set its access mode there back to Transition (formerly Learning). The command lists the perimeters of the vault's subscription. It needs the role Network Contributor on the perimeter.`,
    command: azCommand(
      'resource list',
      ['--resource-type', 'Microsoft.Network/networkSecurityPerimeters'],
      ['--subscription', subscriptionId],
      '--query "[].id"',
      '--output tsv',
    ),
    portal: `Network security perimeters → the perimeter → Associated resources → ${vault} → Change access mode, or Remove`,
    link: PERIMETER_PAGE,
  };
}
