import type { EnvironmentFact, Facts } from '../../facts/facts.ts';
import type { Evidence } from '../finding.ts';
import type { History } from '../history.ts';
import { isLinked } from '../lock-signs.ts';
import { subjectOf } from '../subject.ts';
import type { Advisory } from './advisory.ts';
import { absent, present, unknownAdvisory } from './make-advisory.ts';
import { WORKFLOWS_PAGE } from './pages.ts';

/**
 * Workflows run in the tenant's default environment: if that environment is locked, Teams messages stop as
 * well.
 */
export const teamsOnlyChannel: Advisory = {
  id: 'teams-only-channel',
  words: 'Teams is the only channel, or the default environment that its workflows run in is itself watched',
  link: WORKFLOWS_PAGE,
  severities: ['info', 'warning', 'urgent'],
  judge(facts, history, { now, settings }) {
    const scope = facts.policyId;
    const self = teamsOnlyChannel;
    const channels = settings.channels.map((channel) => channel.toLowerCase());
    const evidence: Evidence[] = [{ text: `Channels set: ${channels.join(', ') || 'none'}`, readAt: now }];
    if (!channels.includes('teams')) return absent(self, scope, 'Teams is not among the channels.', evidence);
    const isOnly = channels.every((channel) => channel === 'teams');
    const members = membersOf(facts, history);
    const standard = members?.list.find((one) => one.sku.toLowerCase() === 'default' && isLinked(one));
    if (members && standard) {
      const text = `Environment ${standard.displayName} (${standard.id}): sku = ${standard.sku}`;
      evidence.push({ text, source: scope, readAt: members.readAt });
    }
    if (!isOnly && standard === undefined) {
      if (members === undefined)
        return unknownAdvisory(
          self,
          scope,
          'Whether the default environment is linked to this policy is not known.',
          evidence,
        );
      return absent(self, scope, 'Teams is not the only channel.', evidence);
    }
    return present(self, scope, {
      severity: standard === undefined ? 'warning' : isOnly ? 'urgent' : 'info',
      summary: summaryOf(isOnly, standard, subjectOf(facts, history).policyName),
      evidence,
      remediation: [
        {
          text: isOnly
            ? 'Set a second channel that does not run in Power Platform: LOCKWATCH_SMTP_URL, LOCKWATCH_EMAIL_FROM and LOCKWATCH_EMAIL_TO.'
            : 'Keep the second channel, and see that somebody reads it: while this policy is locked Teams may stay silent.',
          portal: 'Function App → Settings → Environment variables',
          link: WORKFLOWS_PAGE,
        },
      ],
    });
  },
};

function summaryOf(isOnly: boolean, standard: EnvironmentFact | undefined, policyName: string): string {
  if (standard === undefined) return 'Teams is the only channel: if it fails, nobody is notified.';
  const why = `the default environment (${standard.displayName}), in which its workflows run, uses the key of the enterprise policy ${policyName}`;
  if (isOnly) return `Teams is the only channel, and it goes down with what it should tell of: ${why}.`;
  return `Teams may go down with what it should tell of: ${why}. The other channels stay.`;
}

function membersOf(facts: Facts, history: History): { list: EnvironmentFact[]; readAt: string } | undefined {
  if (facts.environments.state === 'known') {
    const { environments, asOf } = facts.environments.value;
    return { list: environments, readAt: asOf };
  }
  const last = history.environments;
  return last && { list: last.members, readAt: last.asOf };
}
