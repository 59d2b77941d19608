import { bicepGuid } from '../../shared/azure/bicep-guid.ts';
import { CLOUDS, type CloudName } from '../../shared/azure/cloud.ts';
import { REQUIRED_ACTIONS } from './required-actions.ts';

/** For whom: the app's identity. */
interface Reading {
  identity: string;
  /** What azd calls the deployment; the role's name carries it. */
  environmentName: string;
  cloud: CloudName;
}

/** For whom, and where: the subscriptions whose owners grant it. */
export interface GrantOptions extends Reading {
  subscriptions: readonly string[];
}

/**
 * What the owner of each watched subscription runs to grant the right to read alone; `ownerCommands` has topics and
 * event subscriptions as well, whose names only the deployment knows. Pure.
 */
export function grantsText({ subscriptions, ...reading }: GrantOptions): string {
  return [
    ...subscriptions.flatMap((subscription) => [
      `# The owner of the subscription ${subscription} runs (bash, zsh, or Cloud Shell with either shell):`,
      ...readingCommands(reading, subscription),
      '',
    ]),
    '# Where custom roles are not allowed, assign Reader in place of the role: it reads more than the app needs, and changes nothing.',
    '# A new assignment takes up to ten minutes to be effective. Check it: npm run doctor -- --identity ' +
      reading.identity,
    '',
  ].join('\n');
}

/**
 * The custom role with exactly the operations that the app uses, and its assignment. Name and id of the role are those
 * that the deployment gives (infra/modules/reading-right.bicep), so a later deployment finds its own. Both commands may
 * be repeated; `az role definition create` would make a second role of the same name, and is refused.
 */
export function readingCommands(
  { identity, environmentName, cloud }: Reading,
  subscription: string,
): string[] {
  const scope = `/subscriptions/${subscription}`;
  const id = bicepGuid(scope, environmentName, 'lockwatch-reading');
  const properties = {
    roleName: `Lockwatch reading (${environmentName}, ${subscription})`,
    description: 'Reads the chain from enterprise policy to key: no content, no secret, no change.',
    type: 'CustomRole',
    assignableScopes: [scope],
    permissions: [
      { actions: Object.keys(REQUIRED_ACTIONS), notActions: [], dataActions: [], notDataActions: [] },
    ],
  };
  return [
    `az rest --method put --url "${CLOUDS[cloud].armEndpoint}${scope}/providers/Microsoft.Authorization/roleDefinitions/${id}?api-version=2022-04-01" --body '${JSON.stringify({ properties })}'`,
    assignRole(identity, id, scope),
  ];
}

/** The same assignment again is no error (Azure/azure-cli, test_role_assignment_handle_conflicted_assignments). */
export function assignRole(principal: string, roleId: string, scope: string): string {
  return `az role assignment create --assignee-object-id ${principal} --assignee-principal-type ServicePrincipal --role ${roleId} --scope ${scope}`;
}
