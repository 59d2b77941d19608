import { azCommand } from './az-command.ts';
import type { RemediationStep } from './finding.ts';
import { LOCKS_PAGE, POLICY_EFFECTS_PAGE } from './links.ts';
import type { Subject } from './subject.ts';

/** After the text of the first step that Azure may refuse. */
export const IF_BLOCKED = 'If Azure refuses or undoes it, see the last steps.';

/** How a step begins that most readers never need: it comes after every other. */
export const ONLY_IF = 'Only if a step is refused with';

type Place = Pick<Subject, 'vaultId' | 'vaultName' | 'subscriptionId' | 'resourceGroup'>;

/**
 * What can refuse or undo a change of a vault's settings, network or roles, and who can lift it. `isOfVault`: each of
 * the changes is one of a vault that is there. A role assignment and a vault that is recovered are resources of their
 * own, which the compliance of the vault says nothing about.
 */
export function blockedSteps(
  place: Place,
  { isOfVault }: { isOfVault: boolean },
): [policies: RemediationStep, locks: RemediationStep] {
  const vault = place.vaultName ?? 'the vault';
  return [
    isOfVault ? policiesOfVault(place) : policiesOfGroup(place),
    {
      text: `${ONLY_IF} ScopeLocked: a ReadOnly lock on ${vault}, its resource group or its subscription. List the locks of the subscription (role Reader), delete the one of these three scopes and set it again afterwards: that needs Owner or User Access Administrator at its scope.`,
      command: azCommand(
        'lock list',
        ['--subscription', place.subscriptionId],
        `--query "[?level=='ReadOnly'].id"`,
        '--output tsv',
      ),
      portal: `Key vaults → ${vault} → Settings → Locks`,
      link: LOCKS_PAGE,
    },
  ];
}

function policiesOfVault({ vaultId, vaultName }: Place): RemediationStep {
  return {
    text: `${ONLY_IF} RequestDisallowedByPolicy, or undone by itself: an Azure Policy with the effect deny or modify applies to ${vaultName ?? 'the vault'}. List those (role Reader; an empty list does not rule one out: the refusal names its assignment), and have the vault exempted by a Resource Policy Contributor at the scope of the assignment.`,
    command: azCommand(
      'policy state list',
      ['--resource', vaultId],
      `--filter "policyDefinitionAction eq 'deny' or policyDefinitionAction eq 'modify'"`,
      '--query "[].{policy:policyDefinitionName, effect:policyDefinitionAction, assignment:policyAssignmentId}"',
      '--output table',
    ),
    portal: 'Policy → Compliance → the assignment → Create exemption',
    link: POLICY_EFFECTS_PAGE,
  };
}

/**
 * By the scope, since not every version of the command takes a subscription (azure-cli, `az policy assignment`:
 * "Include policy assignments either inherited from parent scope or at child scope").
 */
function policiesOfGroup({ subscriptionId, resourceGroup }: Place): RemediationStep {
  const group =
    resourceGroup === undefined ? 'the resource group of the vault' : `the resource group ${resourceGroup}`;
  const scope =
    subscriptionId === undefined || resourceGroup === undefined
      ? undefined
      : `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`;
  return {
    text: `${ONLY_IF} RequestDisallowedByPolicy, or undone by itself: an Azure Policy with the effect deny or modify applies to ${group}. List the assignments that apply there (role Reader; the refusal names its own), and have the group exempted by a Resource Policy Contributor at the scope of the assignment.`,
    command: azCommand(
      'policy assignment list',
      ['--scope', scope],
      '--disable-scope-strict-match',
      '--query "[].{assignment:displayName, scope:scope, enforced:enforcementMode, id:id}"',
      '--output table',
    ),
    portal: 'Policy → Assignments → Scope: the resource group → the assignment → Create exemption',
    link: POLICY_EFFECTS_PAGE,
  };
}
