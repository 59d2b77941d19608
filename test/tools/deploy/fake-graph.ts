import { CliError, listIn, type Rest, textIn } from '../../../tools/deploy/cli.ts';
import { Refusal } from './refusal.ts';

const GRAPH = 'https://graph.microsoft.com/v1.0';

interface Made {
  madeAt: number;
  body: Record<string, unknown>;
}

/** How many seconds an object takes until each part of Microsoft Graph knows of it. */
export interface Lag {
  /** The lists, by name or by application. */
  listed: number;
  /** The object by its id. */
  found: number;
  /** Its scopes, where another property names one. */
  scopes: number;
  /** The application, where a service principal is made for it. */
  backing: number;
  /** What is answered until then. */
  backingRefusal?: 'badRequest' | 'forbidden';
}
export const NO_LAG: Lag = { listed: 0, found: 0, scopes: 0, backing: 0 };

/** What Microsoft Graph keeps; plain data, so that it survives the process of a command line. */
export interface Directory {
  applications: Made[];
  servicePrincipals: Made[];
  /** Deleted registrations, which keep their key for 30 days. */
  deleted?: Made[];
  /** The person may not do this: beginnings of requests, such as `post servicePrincipals` or `patch`. */
  denied?: string[];
}

/**
 * Microsoft Graph as far as a deployment asks it. It refuses what the real one refuses, in its own words: each `Refusal`
 * below has its source.
 */
export function fakeGraph(
  now: () => number,
  lag: Lag = NO_LAG,
  directory: Directory = { applications: [], servicePrincipals: [] },
) {
  const asked: string[] = [];
  const isMuted = ({ madeAt }: Made, seconds: number) => now() >= madeAt + seconds * 1000;

  /** By object id, or by application id as an alternate key. Somebody who asks too early is told there is none. */
  const oneOf = (kind: 'applications' | 'servicePrincipals', key: string): Made => {
    const [, property = 'id', value = key] = /^\((appId|uniqueName)='(.*)'\)$/.exec(key) ?? [];
    const made = directory[kind].find(({ body }) => body[property] === value);
    // microsoftgraph/msgraph-sdk-dotnet#3108; Azure/azure-cli#28009.
    if (!made || !isMuted(made, lag.found))
      throw new Refusal(
        'Not Found',
        'Request_ResourceNotFound',
        `Resource '${value}' does not exist or one of its queried reference-property objects are not present.`,
      );
    return made;
  };

  /** A client is authorised in advance only for scopes that are stored: a request can't define and use one. */
  const checkScopes = (stored: Made | undefined, body: unknown) => {
    const known = stored && isMuted(stored, lag.scopes) ? stored.body : undefined;
    const scopes = listIn(known, 'api', 'oauth2PermissionScopes').map((scope) => textIn(scope, 'id'));
    const target = 'api.preAuthorizedApplications.delegatedPermissionIds';
    // microsoftgraph/microsoft-graph-docs#12675, microsoft-graph-docs-contrib#1395, msgraph-sdk-dotnet#2044.
    for (const client of listIn(body, 'api', 'preAuthorizedApplications'))
      for (const id of listIn(client, 'delegatedPermissionIds'))
        if (!scopes.includes(String(id)))
          throw new Refusal(
            'Bad Request',
            'InvalidValue',
            `Property ${target} has a Permission Id that cannot be found in the AppPermissions sets.`,
            { code: 'InvalidValue', target },
          );
  };

  /** "appRole resource type": origin is read-only and must not be in a POST or PATCH request. */
  const checkOrigin = (body: unknown) => {
    for (const role of listIn(body, 'appRoles'))
      if (textIn(role, 'origin') !== undefined)
        throw new Refusal('Bad Request', 'Request_BadRequest', 'Property origin is read-only.');
  };

  const make = (kind: 'applications' | 'servicePrincipals', body: Record<string, unknown>) => {
    const number = directory.applications.length + directory.servicePrincipals.length + 1;
    const id = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
    const appId = kind === 'applications' ? `aaaaaaaa-${id.slice(9)}` : body.appId;
    directory[kind].push({ madeAt: now(), body: { ...body, id, appId } });
    return { id, appId };
  };

  const post = (path: string, body: Record<string, unknown>) => {
    if (path === 'applications') {
      checkScopes(undefined, body);
      return make('applications', body);
    }
    if (path !== 'servicePrincipals') {
      const { kind, key, rest = '' } = addressOf(path);
      const parent = oneOf(kind, key).body;
      const present = listIn(parent, rest);
      // Azure/azure-dev#1482.
      if (present.some((one) => textIn(one, 'name') !== undefined && textIn(one, 'name') === body.name))
        throw new Refusal(
          'Conflict',
          'Request_MultipleObjectsWithSameKeyValue',
          `FederatedIdentityCredential with name ${String(body.name)} already exists.`,
        );
      // microsoftgraph/msgraph-bicep-types#161.
      if (rest === 'appRoleAssignedTo' && present.some((one) => JSON.stringify(one) === JSON.stringify(body)))
        throw new Refusal('Conflict', 'Request_BadRequest', 'EntitlementGrant entry already exists.');
      parent[rest] = [...present, body];
      parent[`${rest} since`] = now();
      return body;
    }
    const backing = directory.applications.find((one) => one.body.appId === body.appId);
    if (!backing || !isMuted(backing, lag.backing)) {
      // hashicorp/vault-plugin-secrets-azure#49, hashicorp/terraform-provider-azuread#544.
      if (lag.backingRefusal === 'forbidden')
        throw new Refusal(
          'Forbidden',
          'Authorization_RequestDenied',
          'When using this permission, the backing application of the service principal being created must in the local tenant',
        );
      // hashicorp/vault-plugin-secrets-azure#8, microsoftgraph/msgraph-sdk-dotnet#3108.
      throw new Refusal(
        'Bad Request',
        'Request_BadRequest',
        `The appId '${String(body.appId)}' of the service principal does not reference a valid application object.`,
        { code: 'NoBackingApplicationObject', target: 'appId' },
      );
    }
    // Azure/reliable-web-app-pattern-java#185.
    if (directory.servicePrincipals.some((one) => one.body.appId === body.appId))
      throw new Refusal(
        'Conflict',
        'Request_MultipleObjectsWithSameKeyValue',
        `The service principal cannot be created, updated, or restored because the service principal name ${String(body.appId)} is already in use.`,
      );
    return make('servicePrincipals', body);
  };

  /** "Upsert application": made only where the directory has none of that key. */
  const upsert = (uniqueName: string, body: Record<string, unknown>) => {
    const isOfKey = ({ body: { uniqueName: key } }: Made) => key === uniqueName;
    const there = directory.applications.find(isOfKey);
    // microsoftgraph/msgraph-bicep-types#137 and #202.
    if ((directory.deleted ?? []).some(isOfKey) || (there && !isMuted(there, lag.found)))
      throw new Refusal(
        'Bad Request',
        'Request_BadRequest',
        'Another object with the same value for property uniqueName already exists.',
      );
    if (!there) return make('applications', { ...body, uniqueName });
    Object.assign(there.body, body);
    return undefined;
  };

  const patch = (path: string, body: Record<string, unknown>, createIfMissing: boolean) => {
    const [, uniqueName] = /^applications\(uniqueName='(.*)'\)$/.exec(path) ?? [];
    if (uniqueName !== undefined && createIfMissing) return upsert(uniqueName, body);
    const { kind, key } = addressOf(path);
    const made = oneOf(kind, key);
    checkOrigin(body);
    if (kind === 'applications') checkScopes(made, body);
    Object.assign(made.body, body);
    return undefined;
  };

  const get = (path: string, filter: string | undefined) => {
    if (path === 'directory/deletedItems/microsoft.graph.application')
      return { value: (directory.deleted ?? []).map(({ body }) => body) };
    if (path === 'applications' || path === 'servicePrincipals') {
      const [, property = '', value] = /^(\w+) eq '(.*)'$/.exec(filter ?? '') ?? [];
      const matching = directory[path].filter(
        (one) => one.body[property] === value && isMuted(one, lag.listed),
      );
      return { value: matching.map(({ body }) => body) };
    }
    const { kind, key, rest } = addressOf(path);
    const { body } = oneOf(kind, key);
    if (rest === undefined) return asRead(body);
    const isListed = now() >= Number(body[`${rest} since`] ?? 0) + lag.listed * 1000;
    return { value: isListed ? listIn(body, rest) : [] };
  };

  /** What `az rest` gives, or the text of its error. */
  const answer = (
    method: string,
    url: string,
    body: Record<string, unknown> = {},
    createIfMissing = false,
  ): unknown => {
    const { pathname, searchParams } = new URL(url);
    const path = decodeURIComponent(pathname.replace(/^\/v1\.0\//, ''));
    asked.push(`${method} ${path}`);
    if (directory.denied?.some((begin) => `${method} ${path}`.startsWith(begin)))
      throw new Refusal(
        'Forbidden',
        'Authorization_RequestDenied',
        'Insufficient privileges to complete the operation.',
      );
    if (method === 'post') return post(path, body);
    if (method === 'patch') return patch(path, body, createIfMissing);
    return get(path, searchParams.get('$filter') ?? undefined);
  };

  return { directory, asked, answer, rest: restOf(answer) };
}

/** Roles are read with their origin ("appRole resource type"). */
function asRead(body: Record<string, unknown>): object {
  const roles = listIn(body, 'appRoles').map((role) => ({ ...Object(role), origin: 'Application' }));
  return roles.length === 0 ? body : { ...body, appRoles: roles };
}

/** `applications/<id>` or `applications(appId='…')`, and what hangs on it. */
function addressOf(path: string) {
  const [, kind, bracketed, id, rest] =
    /^(applications|servicePrincipals)(?:(\((?:appId|uniqueName)='.*?'\))|\/([^/]+))(?:\/(\w+))?$/.exec(
      path,
    ) ?? [];
  if (kind !== 'applications' && kind !== 'servicePrincipals') throw new Error(`Nobody asks for ${path}.`);
  return { kind, key: bracketed ?? id ?? '', rest } as const;
}

function restOf(
  answer: (method: string, url: string, body?: Record<string, unknown>, createIfMissing?: boolean) => unknown,
): Rest {
  const ask = async (
    method: string,
    url: string,
    body?: object,
    headers?: Readonly<Record<string, string>>,
  ): Promise<unknown> => {
    if (!url.startsWith(GRAPH)) throw new Error(`${url} is not at Microsoft Graph.`);
    try {
      return answer(method, url, body && { ...body }, headers?.Prefer === 'create-if-missing');
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw new CliError(`az rest --method ${method}: ERROR: ${error.message}`);
    }
  };
  return {
    get: (url) => ask('get', url),
    list: async (url) => {
      const { value } = Object(await ask('get', url));
      return Array.isArray(value) ? value : [];
    },
    send: ask,
  };
}
