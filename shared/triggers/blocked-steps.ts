import { azCommand } from './az-command.ts';
import type { RemediationStep } from './finding.ts';
import { LOCKS_PAGE, POLICY_EFFECTS_PAGE } from './links.ts';
import type { Subject } from './subject.ts';

/** After the text of the first step that Azure may refuse. */
export const IF_BLOCKED = 'If Azure refuses or undoes it, see Azure Policy and locks below.';

/** How a step begins that most readers never need: it comes after every other. */
export const ONLY_IF = 'Only if a step is refused with';

/** What can refuse or undo a change of a vault's settings, network or roles, and who can lift it. */
export function blockedSteps({
  vaultId,
  vaultName,
  subscriptionId,
}: Pick<Subject, 'vaultId' | 'vaultName' | 'subscriptionId'>): [
  policies: RemediationStep,
  locks: RemediationStep,
] {
  const vault = vaultName ?? 'the vault';
  return [
    {
      text: `${ONLY_IF} RequestDisallowedByPolicy, or undone by itself: an Azure Policy with the effect deny or modify applies to ${vault}. List those (role Reader; an empty list does not rule one out: the refusal names its assignment), and have the vault exempted by a Resource Policy Contributor at the scope of the assignment.`,
      command: azCommand(
        'policy state list',
        ['--resource', vaultId],
        `--filter "policyDefinitionAction eq 'deny' or policyDefinitionAction eq 'modify'"`,
        '--query "[].{policy:policyDefinitionName, effect:policyDefinitionAction, assignment:policyAssignmentId}"',
        '--output table',
      ),
      portal: 'Policy → Compliance → the assignment → Create exemption',
      link: POLICY_EFFECTS_PAGE,
    },
    {
      text: `${ONLY_IF} ScopeLocked: a ReadOnly lock on ${vault}, its resource group or its subscription. List the locks of the subscription (role Reader), delete the one of these three scopes and set it again afterwards: that needs Owner or User Access Administrator at its scope.`,
      command: azCommand(
        'lock list',
        ['--subscription', subscriptionId],
        `--query "[?level=='ReadOnly'].id"`,
        '--output tsv',
      ),
      portal: `Key vaults → ${vault} → Settings → Locks`,
      link: LOCKS_PAGE,
    },
  ];
}
