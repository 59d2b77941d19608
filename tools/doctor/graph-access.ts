import type { TokenCredential } from '@azure/core-auth';
import { azureGet } from '../../shared/azure/azure-get.ts';
import { type AzureReader, failedRead } from './azure-reader.ts';
import type { Check, Remediation } from './report.ts';

/**
 * "Microsoft Graph permissions reference": the application permission and its id, by the object that it
 * reads.
 */
const NEEDED = {
  users: { permission: 'User.Read.All', roleId: 'df021288-bdef-4463-88db-98f22de89214' },
  servicePrincipals: { permission: 'Application.Read.All', roleId: '9a5d68dd-52b0-4cc2-bd40-abcf444ac3ec' },
} as const;
/**
 * The application id of Microsoft Graph itself, the same in every tenant ("Verify first-party Microsoft
 * applications").
 */
const GRAPH = '00000003-0000-0000-c000-000000000000';
/** No one has this id: a "not found" answer shows that the right exists. */
const NOBODY = '00000000-0000-4000-8000-000000000000';

/**
 * Whether names can be looked up for actors known only by an object id. Nothing where the settings don't
 * enable it.
 */
export async function graphAccess(azure: AzureReader, credential: TokenCredential): Promise<Check[]> {
  const { settings, cloud, clock, deadline } = azure;
  if (settings.actorNames !== 'graph') return [];
  const get = azureGet({
    endpoint: settings.graphEndpoint ?? cloud.graphUrl,
    scope: `${cloud.graphUrl}/.default`,
    credential,
    clock,
  });
  return Promise.all(
    (['users', 'servicePrincipals'] as const).map(async (kind): Promise<Check> => {
      const base = { about: 'actorNames' as const, id: kind };
      const outcome = await get(`/v1.0/${kind}/${NOBODY}?$select=displayName`, deadline);
      if (outcome.kind === 'answered' || (outcome.kind === 'refused' && outcome.status === 404))
        return { ...base, state: 'ok', says: 'read' };
      const { permission } = NEEDED[kind];
      const failure = failedRead(outcome, `${permission} of Microsoft Graph`);
      if (failure.state !== 'missing') return { ...base, ...failure };
      return { ...base, ...failure, rights: [permission], remediation: grantGraph(azure, kind) };
    }),
  );
}

/** No page of the portal can grant a Graph permission to a managed identity. */
function grantGraph({ who, cloud }: AzureReader, kind: keyof typeof NEEDED): Remediation {
  const { permission, roleId } = NEEDED[kind];
  const what = `Grant the application permission ${permission} of Microsoft Graph: it reads the profile of ${kind === 'users' ? 'everybody' : 'every application'} in the directory. Or set LOCKWATCH_ACTOR_NAMES to none: then an id is shown, with a link.`;
  if (who.kind === 'person' || !/^[0-9a-f-]{36}$/i.test(who.objectId)) return { what };
  const url = `${cloud.graphUrl}/v1.0/servicePrincipals/${who.objectId}/appRoleAssignments`;
  const graph = `$(az ad sp show --id ${GRAPH} --query id --output tsv)`;
  const body = `{\\"principalId\\":\\"${who.objectId}\\",\\"resourceId\\":\\"${graph}\\",\\"appRoleId\\":\\"${roleId}\\"}`;
  return { what, command: `az rest --method post --url ${url} --body "${body}"` };
}
