import { type Cli, CliError, type Rest, textIn } from './cli.ts';
import { awaitReplication, isNotReplicated, type WaitClock } from './replication.ts';

/** Our own ids: they must stay the same from one deployment to the next. */
export const APP_ROLES = [
  {
    id: '5f3d1f0e-6a1c-4a57-9d0e-0d1f5d0c7a01',
    value: 'Lockwatch.Reader',
    displayName: 'Lockwatch reader',
    description: 'Reads the state, incidents and coverage.',
  },
  {
    id: '5f3d1f0e-6a1c-4a57-9d0e-0d1f5d0c7a02',
    value: 'Lockwatch.Operator',
    displayName: 'Lockwatch operator',
    description: 'Reads, and acknowledges, silences, closes and drills.',
  },
] as const;
const SCOPE_ID = '5f3d1f0e-6a1c-4a57-9d0e-0d1f5d0c7a03';
/**
 * "First-party Microsoft applications in sign-in reports": so that the self-check accepts the deployer's own
 * token.
 */
const AZURE_CLI = '04b07795-8ddb-461a-bbee-02f9e1bf7b46';

/**
 * Microsoft Graph and the token exchange of each cloud ("Considerations for federated identity credentials").
 */
const GRAPH: Readonly<Record<string, { graph: string; exchange: string; issuer?: string }>> = {
  AzureCloud: { graph: 'https://graph.microsoft.com', exchange: 'api://AzureADTokenExchange' },
  AzureUSGovernment: { graph: 'https://graph.microsoft.us', exchange: 'api://AzureADTokenExchangeUSGov' },
  AzureChinaCloud: {
    graph: 'https://microsoftgraph.chinacloudapi.cn',
    exchange: 'api://AzureADTokenExchangeChina',
    // Its tokens name another host than the one at which the Azure CLI signs in.
    issuer: 'https://login.partner.microsoftonline.cn',
  },
};

export interface Directory {
  graph: string;
  exchange: string;
  tenantId: string;
  login: string;
}

/** The cloud and tenant that the Azure CLI is signed in to. */
export async function directoryOf(run: Cli): Promise<Directory> {
  const account: unknown = JSON.parse(await run('az', ['account', 'show', '--output', 'json']));
  const cloud: unknown = JSON.parse(await run('az', ['cloud', 'show', '--output', 'json']));
  const endpoints = GRAPH[textIn(account, 'environmentName') ?? 'AzureCloud'] ?? GRAPH.AzureCloud;
  const tenantId = textIn(account, 'tenantId');
  const login = textIn(cloud, 'endpoints', 'activeDirectory');
  if (!endpoints || tenantId === undefined || login === undefined)
    throw new Error('The Azure CLI names no tenant. Sign in: az login');
  const { graph, exchange, issuer = login.replace(/\/$/, '') } = endpoints;
  return { graph, exchange, tenantId, login: issuer };
}

/**
 * The app registration with which people sign in; created where it does not exist yet. It has our two roles,
 * requires one of them of everyone, and holds no secret. Returns its client id, which is stored as soon as it
 * exists, so that an interrupted run is continued and creates no second registration. A registration supplied
 * by a person stays unchanged. ("Configure your App Service or Azure Functions app to use Microsoft Entra
 * sign-in", existing registration; "Add app roles to your application".)
 */
export async function ensureRegistration(
  { rest: unreplicated, clock }: { rest: Rest; clock: WaitClock },
  { graph }: Directory,
  wanted: { environmentName: string; clientId?: string; store(clientId: string): Promise<unknown> },
): Promise<string> {
  const rest = awaitReplication(unreplicated, clock);
  const displayName = `Lockwatch (${wanted.environmentName})`;
  const found =
    wanted.clientId === undefined
      ? await registrationNamed(displayName, rest, graph)
      : await registrationOf(wanted.clientId, rest, graph);
  if (wanted.clientId !== undefined && textIn(found, 'displayName') !== displayName) return wanted.clientId;
  const body = registration(displayName);
  const application = found ?? (await rest.send('post', `${graph}/v1.0/applications`, body));
  const [id, clientId] = [textIn(application, 'id'), textIn(application, 'appId')];
  if (id === undefined || clientId === undefined)
    throw new Error('Microsoft Graph created an app registration, but returned no id of it.');
  await wanted.store(clientId);
  const address = `${graph}/v1.0/applications/${id}`;
  if (found !== undefined) await rest.send('patch', address, body);
  // A request of its own: Microsoft Graph looks up the scope among those it has stored, and answers 400 where
  // the same request defines it (microsoftgraph/microsoft-graph-docs-contrib#1395).
  await rest.send('patch', address, {
    identifierUris: [`api://${clientId}`],
    api: {
      ...body.api,
      preAuthorizedApplications: [{ appId: AZURE_CLI, delegatedPermissionIds: [SCOPE_ID] }],
    },
  });
  await ensurePrincipal(clientId, rest, graph);
  return clientId;
}

async function registrationNamed(displayName: string, rest: Rest, graph: string): Promise<unknown> {
  const filter = encodeURIComponent(`displayName eq '${displayName.replaceAll("'", "''")}'`);
  const [found, ...others] = await rest.list(`${graph}/v1.0/applications?$filter=${filter}&$select=id,appId`);
  if (others.length > 0)
    throw new Error(
      `There are several app registrations '${displayName}'. Name the right one: azd env set LOCKWATCH_ENTRA_CLIENT_ID <client id>`,
    );
  return found;
}

async function registrationOf(clientId: string, rest: Rest, graph: string): Promise<unknown> {
  try {
    return await rest.get(`${graph}/v1.0/applications(appId='${clientId}')?$select=id,appId,displayName`);
  } catch (error) {
    if (!isNotReplicated(error)) throw error;
    throw new Error(
      `LOCKWATCH_ENTRA_CLIENT_ID names the app registration ${clientId}, and there is none. If it was deleted, run: azd env set LOCKWATCH_ENTRA_CLIENT_ID ""`,
      { cause: error },
    );
  }
}

async function ensurePrincipal(clientId: string, rest: Rest, graph: string): Promise<void> {
  const principals = `${graph}/v1.0/servicePrincipals`;
  const demanding = { appRoleAssignmentRequired: true };
  const [found] = await rest.list(`${principals}?$filter=appId%20eq%20'${clientId}'&$select=id`);
  if (found === undefined)
    try {
      await rest.send('post', principals, { appId: clientId, ...demanding });
      return;
    } catch (error) {
      // It exists, but the list does not show it yet (Azure/reliable-web-app-pattern-java#185).
      if (!(error instanceof CliError && /Request_MultipleObjectsWithSameKeyValue/.test(error.message)))
        throw error;
    }
  await rest.send('patch', `${principals}(appId='${clientId}')`, demanding);
}

/**
 * The registration's properties that can be set only once the app exists: the redirect address after sign-in,
 * the managed identity as the app's credential, and the deployer's operator role.
 */
export async function completeRegistration(
  { rest: unreplicated, clock }: { rest: Rest; clock: WaitClock },
  directory: Directory,
  known: { clientId: string; url: string; identityPrincipalId: string; deployerObjectId: string },
): Promise<void> {
  const rest = awaitReplication(unreplicated, clock);
  const { graph } = directory;
  const application = `${graph}/v1.0/applications(appId='${known.clientId}')`;
  await rest.send('patch', application, {
    web: {
      homePageUrl: `${known.url}/`,
      redirectUris: [`${known.url}/.auth/login/aad/callback`],
      implicitGrantSettings: { enableIdTokenIssuance: true },
    },
  });
  const credentials = await rest.list(`${application}/federatedIdentityCredentials`);
  if (!credentials.some((one) => textIn(one, 'subject') === known.identityPrincipalId))
    await rest.send('post', `${application}/federatedIdentityCredentials`, {
      name: `lockwatch-${known.identityPrincipalId}`,
      issuer: `${directory.login}/${directory.tenantId}/v2.0`,
      subject: known.identityPrincipalId,
      audiences: [directory.exchange],
    });
  await assignOperator(rest, graph, { clientId: known.clientId, principalId: known.deployerObjectId });
}

async function assignOperator(
  rest: Rest,
  graph: string,
  { clientId, principalId }: { clientId: string; principalId: string },
): Promise<void> {
  const principal = `${graph}/v1.0/servicePrincipals(appId='${clientId}')`;
  const assigned = await rest.list(`${principal}/appRoleAssignedTo`);
  const [, operator] = APP_ROLES;
  const isAssigned = assigned.some(
    (one) => textIn(one, 'principalId') === principalId && textIn(one, 'appRoleId') === operator.id,
  );
  if (isAssigned) return;
  const resourceId = textIn(await rest.get(`${principal}?$select=id`), 'id');
  await rest.send('post', `${principal}/appRoleAssignedTo`, {
    principalId,
    resourceId,
    appRoleId: operator.id,
  });
}

function registration(displayName: string) {
  return {
    displayName,
    signInAudience: 'AzureADMyOrg',
    appRoles: APP_ROLES.map((role) => ({
      ...role,
      isEnabled: true,
      allowedMemberTypes: ['User', 'Application'],
    })),
    api: {
      requestedAccessTokenVersion: 2,
      oauth2PermissionScopes: [
        {
          id: SCOPE_ID,
          value: 'user_impersonation',
          type: 'User',
          isEnabled: true,
          adminConsentDisplayName: 'Ask Lockwatch',
          adminConsentDescription: 'Asks Lockwatch in the name of the person who signed in.',
          userConsentDisplayName: 'Ask Lockwatch',
          userConsentDescription: 'Asks Lockwatch in your name.',
        },
      ],
    },
  };
}
