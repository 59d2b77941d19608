import type { NetworkFact } from '../facts/facts.ts';
import { azCommand } from './az-command.ts';
import type { RemediationStep } from './finding.ts';
import { NETWORK_PAGE } from './links.ts';
import { reachOf } from './network-settings.ts';
import type { Subject } from './subject.ts';

/** One address as a range: Key Vault stores it like this, so that the same text removes it. */
const OWN_ADDRESS = '--ip-address "$(curl -s https://api.ipify.org)/32"';
const ROLE = 'It needs the role Key Vault Contributor on the vault.';

/** The reader's own address is let in, and nobody else's: with public access off, the rule comes first. */
export function admitOwnAddress(subject: Subject, network: NetworkFact): RemediationStep[] {
  const { vault, networking } = named(subject);
  const admit = {
    text: `${vault} accepts only its own network. If you are outside it, admit the address of the machine that runs these commands (bash or Cloud Shell; role Key Vault Contributor; takes up to 15 minutes).`,
    command: networkRule('add', subject),
    portal: `${networking} → Add your client IP address → Apply`,
    link: NETWORK_PAGE,
  };
  if (!isOff(network)) return [admit];
  return [
    { ...admit, portal: undefined },
    {
      text: `Turn public access to ${vault} on, for admitted addresses alone. ${ROLE}`,
      command: publicAccess(subject, 'Enabled', ['--default-action', 'Deny']),
      portal: `${networking} → Allow public access from specific virtual networks and IP addresses → Add your client IP address → Apply`,
    },
  ];
}

/** The network as it was. */
export function removeOwnAddress(subject: Subject, network: NetworkFact): RemediationStep[] {
  const { vault, networking } = named(subject);
  const remove = {
    text: `When you no longer need it, remove the address that you admitted to ${vault}. If yours has changed since, az keyvault network-rule list shows it. ${ROLE}`,
    command: networkRule('remove', subject),
    portal: `${networking} → Firewall → delete your address → Apply`,
  };
  if (!isOff(network)) return [remove];
  return [
    {
      text: `When you no longer need it, turn public access to ${vault} off, as it was. Lockwatch may warn once of this change. ${ROLE}`,
      command: publicAccess(subject, 'Disabled'),
      portal: `${networking} → Disable public access → Apply`,
    },
    {
      ...remove,
      text: `Remove the address that you admitted to ${vault}. If yours has changed since, az keyvault network-rule list shows it. ${ROLE}`,
    },
  ];
}

function isOff(network: NetworkFact): boolean {
  return reachOf(network).publicAccess === 'off';
}

function named({ vaultName }: Subject): { vault: string; networking: string } {
  const vault = vaultName ?? 'the vault';
  return { vault, networking: `Key vaults → ${vault} → Networking → Firewalls and virtual networks` };
}

function networkRule(verb: 'add' | 'remove', subject: Subject): string | undefined {
  return azCommand(`keyvault network-rule ${verb}`, ...inVault(subject), OWN_ADDRESS);
}

function publicAccess(
  subject: Subject,
  state: 'Enabled' | 'Disabled',
  ...more: [string, string][]
): string | undefined {
  return azCommand('keyvault update', ...inVault(subject), ['--public-network-access', state], ...more);
}

function inVault({ vaultName, resourceGroup, subscriptionId }: Subject): [string, string | undefined][] {
  return [
    ['--name', vaultName],
    ['--resource-group', resourceGroup],
    ['--subscription', subscriptionId],
  ];
}
