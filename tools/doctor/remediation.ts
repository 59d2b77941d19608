import { armIdParts } from '../../shared/azure/arm-id.ts';
import { POWER_PLATFORM_READER } from '../../shared/facts/power-platform/tenant-role.ts';
import { azCommand } from '../../shared/triggers/az-command.ts';
import type { AzureReader } from './azure-reader.ts';
import type { Remediation, SignedIn } from './report.ts';

/** "Azure built-in roles": the roles that read the control plane, and the data of the app's own storage. */
const READER = 'Reader';

type Assignee = Pick<SignedIn, 'objectId' | 'kind'>;

/**
 * Grants reading at the subscription of a resource: the smallest scope at which Lockwatch discovers new
 * resources. Reader exists in every tenant; the missing rights are listed beside it, for a role with no more
 * than those.
 */
export function grantReading(assignee: Assignee, resourceId: string): Remediation {
  const { subscriptionId } = armIdParts(resourceId);
  const scope = subscriptionId === undefined ? resourceId : `/subscriptions/${subscriptionId}`;
  return {
    what: `Grant Reader on the subscription ${subscriptionId ?? scope}; it changes nothing. With the app's identity the role "Lockwatch reading" is enough, which the deployment makes (infra/roles.bicep).`,
    command: assignRole(assignee, READER, scope),
    portal: `Subscriptions → ${subscriptionId ?? scope} → Access control (IAM) → Add role assignment → Reader`,
  };
}

function assignRole(assignee: Assignee, role: string, scope: string): string | undefined {
  return azCommand(
    'role assignment create',
    ['--assignee-object-id', assignee.objectId],
    ['--assignee-principal-type', assignee.kind === 'person' ? 'User' : 'ServicePrincipal'],
    ['--role', role],
    ['--scope', scope],
  );
}

/**
 * The right to list environments, with its consequences ("Tutorial: Assign roles to service principals";
 * registration as a management application gives the permissions of a tenant admin).
 */
export function grantEnvironments({ who, settings }: Pick<AzureReader, 'who' | 'settings'>): Remediation {
  const link =
    'https://learn.microsoft.com/power-platform/admin/programmability-tutorial-rbac-role-assignment';
  const without = 'Without any right: LOCKWATCH_ENVIRONMENTS_FROM=inventory and a file.';
  if (who.kind === 'person')
    return {
      what: `You need the Entra role Power Platform Administrator, which manages every environment. The app needs less: the Power Platform reader role, or none (${without})`,
      portal: 'Microsoft Entra admin center → Roles & admins → Power Platform Administrator',
      link,
    };
  return {
    what: `Grant the Power Platform reader role (preview): it reads every environment of the tenant and changes nothing. Whoever grants it must be Power Platform Administrator. ${without} Not needed: New-PowerAppManagementApp, which gives the same permissions as a tenant admin.`,
    ...(settings.cloud === 'public' ? { command: readerRoleCommand(who) } : {}),
    link,
  };
}

function readerRoleCommand({ objectId, tenantId }: SignedIn): string | undefined {
  if (![objectId, tenantId].every((id) => /^[0-9a-f-]{36}$/i.test(id))) return undefined;
  const body = JSON.stringify({
    roleDefinitionId: POWER_PLATFORM_READER,
    principalObjectId: objectId,
    principalType: 'ApplicationUser',
    scope: `/tenants/${tenantId}`,
  });
  const url = 'https://api.powerplatform.com/authorization/roleAssignments?api-version=2024-10-01';
  return `az rest --method post --resource https://api.powerplatform.com --url '${url}' --body '${body}'`;
}

/** Storage by identity: the control plane's Owner does not read data ("Azure built-in roles for Storage"). */
export function grantStorage(assignee: Assignee, kind: 'Queue' | 'Table', account: string): Remediation {
  const role = `Storage ${kind} Data Reader`;
  const isName = /^[a-z0-9]{3,24}$/.test(account);
  const scope = `"$(az storage account show --name ${account} --query id --output tsv)"`;
  return {
    what: `Grant ${role} on the storage account ${account}. (The app's own identity holds Storage ${kind} Data Contributor by the deployment.)`,
    command: isName ? assignRole(assignee, role, 'SCOPE')?.replace('SCOPE', () => scope) : undefined,
    portal: `Storage accounts → ${account} → Access control (IAM) → Add role assignment → ${role}`,
  };
}

export const DEPLOY_AGAIN = 'azd provision --no-state';

/**
 * A new deployment creates its resources again; created by hand, they would have to be kept equal to infra/.
 * Without `--no-state` azd skips a template that did not change, whatever was deleted meanwhile
 * (Azure/azure-dev, `deploymentState` in bicep_provider.go).
 */
export function deployAgain(what: string, portal?: string): Remediation {
  return { what, command: DEPLOY_AGAIN, ...(portal === undefined ? {} : { portal }) };
}
