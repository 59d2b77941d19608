import { isUnder, sameId } from '../../shared/azure/arm-id.ts';
import { type AzureReader, failedRead } from './azure-reader.ts';
import { grantReading } from './remediation.ts';
import type { Check } from './report.ts';
import { REQUIRED_ACTIONS } from './required-actions.ts';
import { rolesAt } from './roles.ts';

const RIGHTS = [
  'Microsoft.Authorization/roleAssignments/read',
  'Microsoft.Authorization/roleDefinitions/read',
];

/**
 * Whether another identity (the app's) holds every operation that Lockwatch uses, in each subscription: the
 * rights of the person who runs the doctor say nothing about that. Assignments at and above the subscription
 * count, its groups included.
 */
export async function appRights(
  azure: AzureReader,
  identity: string,
  subscriptions: readonly string[],
): Promise<Check[]> {
  return Promise.all(
    subscriptions.map(async (subscriptionId): Promise<Check> => {
      const id = `/subscriptions/${subscriptionId}`;
      const base = { about: 'appRights' as const, id };
      const roles = await rolesAt(azure, id, identity);
      if ('failed' in roles) {
        const failure = failedRead(roles.failed, `Reader on the subscription ${subscriptionId}`);
        if (failure.state !== 'missing') return { ...base, ...failure };
        return { ...base, ...failure, rights: RIGHTS, remediation: grantReading(azure.who, id) };
      }
      // The list includes those of groups and resources, which say nothing about the rest.
      const reaching = roles.held.filter(({ scope }) => sameId(scope, id) || !isUnder(scope, id));
      const lacks = Object.keys(REQUIRED_ACTIONS).filter(
        (action) => !reaching.some(({ may }) => may('actions', action)),
      );
      if (lacks.length === 0)
        return { ...base, state: 'ok', says: `${identity} holds every right it needs.` };
      return {
        ...base,
        state: 'missing',
        says: `${identity} lacks ${lacks.length} of ${Object.keys(REQUIRED_ACTIONS).length} rights. docs/deploy.md says what each is for.`,
        rights: lacks,
        remediation: grantReading({ objectId: identity, kind: 'application' }, id),
      };
    }),
  );
}
