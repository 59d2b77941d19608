import { listIn, textIn, valueIn } from './cli.ts';
import { APP_ROLES, type Need, objectIn, principalNeeds, type Registration } from './registration-needs.ts';

export interface DeployedApp {
  url: string;
  identityPrincipalId: string;
  deployerObjectId: string;
  /** "Considerations for federated identity credentials", of the cloud. */
  issuer: string;
  audience: string;
}

/**
 * The properties that the registration lacks and that can be known only once the app exists: the address to
 * return to after sign-in, the managed identity as the app's credential, the deployer's operator role. Pure.
 */
export function deployedNeeds(
  graph: string,
  clientId: string,
  app: DeployedApp,
  read: Registration & { credentials: readonly unknown[]; assignments: readonly unknown[] },
): Need[] {
  const url = `${graph}/v1.0/applications(appId='${clientId}')`;
  const returns = `${app.url}/.auth/login/aad/callback`;
  const present = listIn(read.application, 'web', 'redirectUris');
  const issuesIdTokens =
    valueIn(read.application, 'web', 'implicitGrantSettings', 'enableIdTokenIssuance') === true;
  const needs: Need[] = [];
  if (!present.includes(returns) || !issuesIdTokens)
    needs.push({
      what: `the redirect address ${returns}, with id tokens`,
      method: 'patch',
      url,
      body: {
        web: {
          homePageUrl: textIn(read.application, 'web', 'homePageUrl') ?? `${app.url}/`,
          redirectUris: [...new Set([...present, returns])],
          implicitGrantSettings: {
            ...objectIn(read.application, 'web', 'implicitGrantSettings'),
            enableIdTokenIssuance: true,
          },
        },
      },
    });
  if (!read.credentials.some((one) => textIn(one, 'subject') === app.identityPrincipalId))
    needs.push({
      what: `a federated credential for the app's identity ${app.identityPrincipalId}`,
      method: 'post',
      url: `${url}/federatedIdentityCredentials`,
      body: {
        name: `lockwatch-${app.identityPrincipalId}`,
        issuer: app.issuer,
        subject: app.identityPrincipalId,
        audiences: [app.audience],
      },
      // By name (Azure/azure-dev#1482), or by issuer and subject (Azure/azure-workload-identity#434).
      existsAlready:
        /Request_MultipleObjectsWithSameKeyValue|combination of issuer and subject must be unique/,
    });
  return [
    ...needs,
    ...principalNeeds(graph, clientId, read.principal),
    ...operatorNeeds(graph, clientId, app.deployerObjectId, read),
  ];
}

function operatorNeeds(
  graph: string,
  clientId: string,
  principalId: string,
  { application, principal, assignments }: Registration & { assignments: readonly unknown[] },
): Need[] {
  const [, operator] = APP_ROLES;
  const role = listIn(application, 'appRoles').find((one) => textIn(one, 'value') === operator.value);
  const appRoleId = textIn(role, 'id') ?? operator.id;
  const isAssigned = assignments.some(
    (one) => textIn(one, 'principalId') === principalId && textIn(one, 'appRoleId') === appRoleId,
  );
  if (isAssigned) return [];
  const resourceId = textIn(principal, 'id');
  return [
    {
      what: 'the role Lockwatch.Operator for whoever deploys',
      isIncomplete: resourceId === undefined,
      method: 'post',
      url: `${graph}/v1.0/servicePrincipals(appId='${clientId}')/appRoleAssignedTo`,
      body: {
        principalId,
        resourceId: resourceId ?? '<object id of the enterprise application>',
        appRoleId,
      },
      // microsoftgraph/msgraph-bicep-types#161; the second is how the older API says it.
      existsAlready: /EntitlementGrant entry already exists|Permission being assigned already exists/,
    },
  ];
}
