import { listIn, textIn, valueIn } from './cli.ts';

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
const SCOPE = {
  id: '5f3d1f0e-6a1c-4a57-9d0e-0d1f5d0c7a03',
  value: 'user_impersonation',
  type: 'User',
  isEnabled: true,
  adminConsentDisplayName: 'Ask Lockwatch',
  adminConsentDescription: 'Asks Lockwatch in the name of the person who signed in.',
  userConsentDisplayName: 'Ask Lockwatch',
  userConsentDescription: 'Asks Lockwatch in your name.',
};
/**
 * "First-party Microsoft applications in sign-in reports": so that the self-check accepts the deployer's own
 * token.
 */
const AZURE_CLI = '04b07795-8ddb-461a-bbee-02f9e1bf7b46';

/** Something that the app registration lacks, and the request of Microsoft Graph that gives it. */
export interface Need {
  /** A noun phrase; docs/deploy.md has the same one. */
  what: string;
  method: 'patch' | 'post';
  url: string;
  body: object;
  /** Its body names something that is not known, so only a person can send it. */
  isIncomplete?: boolean;
  /** The refusal that means: it exists, although what was read does not show it yet. */
  existsAlready?: RegExp;
  /** What is left to do in that case. */
  thenAlso?: Need;
}

export interface Registration {
  /** As Microsoft Graph returns it; undefined where it could not be read. */
  application: unknown;
  /** Its service principal (Enterprise applications); undefined where there is none. */
  principal: unknown;
}

/**
 * The properties that the registration lacks and that do not depend on the app ("Configure your App Service or
 * Azure Functions app to use Microsoft Entra sign-in", existing registration; "Add app roles to your
 * application"). Whatever it has beside them stays: a collection is replaced as a whole by PATCH, so each
 * request repeats the present items. Pure.
 */
export function registrationNeeds(
  graph: string,
  clientId: string,
  { application, principal }: Registration,
): Need[] {
  const url = `${graph}/v1.0/applications(appId='${clientId}')`;
  const roles = listIn(application, 'appRoles').map(asSent);
  const present = listIn(application, 'api', 'oauth2PermissionScopes').map(asSent);
  const scope = present.find((one) => textIn(one, 'value') === SCOPE.value && isEnabled(one));
  const scopes = scope === undefined ? [...present, SCOPE] : present;
  const scopeId = textIn(scope, 'id') ?? SCOPE.id;
  const api = {
    ...objectIn(application, 'api'),
    requestedAccessTokenVersion: 2,
    oauth2PermissionScopes: scopes,
  };
  const addresses = listIn(application, 'identifierUris');
  const clients = listIn(application, 'api', 'preAuthorizedApplications');
  const isAzureCli = (one: unknown) => textIn(one, 'appId') === AZURE_CLI;
  const needs: Need[] = [];
  if (APP_ROLES.some(({ value }) => !roles.some((one) => textIn(one, 'value') === value && isEnabled(one))))
    needs.push({
      what: 'the app roles Lockwatch.Reader and Lockwatch.Operator',
      method: 'patch',
      url,
      body: { appRoles: withOurRoles(roles) },
    });
  if (scope === undefined || valueIn(application, 'api', 'requestedAccessTokenVersion') !== 2)
    needs.push({
      what: 'the scope user_impersonation, in access tokens of version 2',
      method: 'patch',
      url,
      body: { api },
    });
  const authorised = clients.some(
    (one) => isAzureCli(one) && listIn(one, 'delegatedPermissionIds').includes(scopeId),
  );
  if (!authorised || !addresses.includes(`api://${clientId}`))
    needs.push({
      what: 'the address api://<client id>, with the Azure CLI as an authorised client of the scope',
      method: 'patch',
      url,
      // A request of its own: Microsoft Graph looks up the scope among those it has stored, and answers 400
      // where the same request defines it (microsoftgraph/microsoft-graph-docs-contrib#1395).
      body: {
        identifierUris: [...new Set([...addresses, `api://${clientId}`])],
        api: {
          ...api,
          preAuthorizedApplications: [
            ...clients.filter((one) => !isAzureCli(one)),
            { appId: AZURE_CLI, delegatedPermissionIds: [scopeId] },
          ],
        },
      },
    });
  return [...needs, ...principalNeeds(graph, clientId, principal)];
}

export function principalNeeds(graph: string, clientId: string, principal: unknown): Need[] {
  const what = 'an enterprise application that requires an assignment';
  const demanding = { appRoleAssignmentRequired: true };
  const principals = `${graph}/v1.0/servicePrincipals`;
  const require: Need = {
    what,
    method: 'patch',
    url: `${principals}(appId='${clientId}')`,
    body: demanding,
  };
  if (principal !== undefined)
    return valueIn(principal, 'appRoleAssignmentRequired') === true ? [] : [require];
  return [
    {
      what,
      method: 'post',
      url: principals,
      body: { appId: clientId, ...demanding },
      // Azure/reliable-web-app-pattern-java#185.
      existsAlready: /Request_MultipleObjectsWithSameKeyValue/,
      thenAlso: require,
    },
  ];
}

/** The request as a command that can be pasted into a POSIX shell, Azure Cloud Shell among them. */
export function needCommand({ method, url, body }: Need): string {
  const json = JSON.stringify(body).replaceAll("'", "'\\''");
  return `az rest --method ${method} --url "${url}" --headers Content-Type=application/json --body '${json}'`;
}

/** Roles by their value: an identity team may have made them under ids of its own. */
function withOurRoles(roles: readonly unknown[]): unknown[] {
  const isOurs = (one: unknown) => APP_ROLES.some(({ value }) => textIn(one, 'value') === value);
  const missing = APP_ROLES.filter(({ value }) => !roles.some((one) => textIn(one, 'value') === value));
  return [
    ...roles.map((one) => (isOurs(one) ? { ...Object(one), isEnabled: true } : one)),
    ...missing.map((role) => ({ ...role, isEnabled: true, allowedMemberTypes: ['User', 'Application'] })),
  ];
}

/** "appRole resource type": origin is read-only and must not be in a request. */
function asSent(one: unknown): object {
  const { origin, ...sent } = Object(one);
  return sent;
}

function isEnabled(one: unknown): boolean {
  return valueIn(one, 'isEnabled') !== false;
}

export function objectIn(value: unknown, ...path: string[]): object {
  const found = valueIn(value, ...path);
  return typeof found === 'object' && found !== null ? found : {};
}
