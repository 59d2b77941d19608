import { NETWORK_PAGE } from '../links.ts';
import { harmlessToggles, REGULAR } from '../remember-toggles.ts';
import { subjectOf } from '../subject.ts';
import type { Advisory } from './advisory.ts';
import { absent, present, unreadableAdvisory } from './make-advisory.ts';

/**
 * A pipeline that opens the vault for itself and closes it again does no harm while trusted services are let
 * through (Key Vault docs: Network security). The routine is a risk all the same: nobody looks twice at the
 * change that leaves the exception out.
 */
export const vaultToggledRegularly: Advisory = {
  id: 'vault-toggled-regularly',
  words: 'The network of the key vault is closed and opened again regularly, so far without effect',
  link: NETWORK_PAGE,
  severities: ['info'],
  judge(facts, history, { now }) {
    const subject = subjectOf(facts, history);
    const scope = subject.vaultId ?? facts.policyId;
    const self = vaultToggledRegularly;
    const { vault } = facts;
    if (vault.state !== 'known')
      return unreadableAdvisory(self, scope, 'How the vault can be reached is', vault);
    const toggles = harmlessToggles(history, now);
    const { name } = vault.value;
    if (toggles.length < REGULAR)
      return absent(self, scope, `The network of the vault ${name} is not closed and opened regularly.`);
    return present(self, scope, {
      summary: `The network of the vault ${name} was closed at least ${REGULAR} times in 7 days and opened again, without an effect on environments. While that is so, Lockwatch does not report each closing as a suspicion.`,
      evidence: toggles.slice(-REGULAR).map(({ closedAt, openedAt }) => ({
        text: `Key vault: closed at ${closedAt}${openedAt === undefined ? ', and not opened since' : `, opened again at ${openedAt}`}`,
        source: scope,
        readAt: openedAt ?? closedAt,
      })),
      remediation: [
        {
          text: 'Give the pipeline that changes the network a private endpoint or an address of its own among the allowed networks, so that it need not open the vault. Whatever it does, it must keep "Allow trusted Microsoft services to bypass this firewall" on. It needs Key Vault Contributor.',
          portal: `Key vaults → ${name} → Networking`,
          link: NETWORK_PAGE,
        },
      ],
    });
  },
};
