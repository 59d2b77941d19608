import { REQUIRED_ACTIONS } from './required-actions.ts';

/** For whom, and where: the app's identity, and the subscriptions whose owners grant it. */
export interface GrantOptions {
  identity: string;
  subscriptions: readonly string[];
  /** What azd calls the deployment; the role's name carries it. */
  environmentName: string;
}

/**
 * What the owner of each watched subscription runs, where the people who deploy the app hold no right there: the
 * custom role with exactly the operations that the app uses, and its assignment. The names are those that the
 * deployment gives (infra/modules/reading-right.bicep). Pure.
 */
export function grantsText({ identity, subscriptions, environmentName }: GrantOptions): string {
  const each = subscriptions.map((subscription) => {
    const scope = `/subscriptions/${subscription}`;
    const Name = `Lockwatch reading (${environmentName}, ${subscription})`;
    const role = {
      Name,
      IsCustom: true,
      Description: 'Reads the chain from enterprise policy to key: no content, no secret, no change.',
      Actions: Object.keys(REQUIRED_ACTIONS),
      NotActions: [],
      DataActions: [],
      NotDataActions: [],
      AssignableScopes: [scope],
    };
    return [
      `# The owner of the subscription ${subscription} runs (bash or Cloud Shell):`,
      `az role definition create --subscription ${subscription} --role-definition '${JSON.stringify(role)}'`,
      `az role assignment create --assignee-object-id ${identity} --assignee-principal-type ServicePrincipal --role "${Name}" --scope ${scope}`,
      '',
    ].join('\n');
  });
  return [
    ...each,
    '# Where custom roles are not allowed, assign Reader in place of the role: it reads more than the app needs, and changes nothing.',
    '# A new assignment takes up to ten minutes to be effective. Check it: npm run doctor -- --identity ' +
      identity,
    '',
  ].join('\n');
}
