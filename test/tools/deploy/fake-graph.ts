import { CliError, listIn, type Rest, textIn } from '../../../tools/deploy/cli.ts';

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
  /** The person may not do this, such as `post servicePrincipals`. */
  denied?: string;
}

/** An answer that is no success, as `az rest` prints it: the reason and, in brackets, the body. */
class Refusal extends Error {
  constructor(reason: string, code: string, message: string, detail?: { code: string; target: string }) {
    const error = { code, message, ...(detail && { details: [{ ...detail, message }] }) };
    super(`${reason}(${JSON.stringify({ error })})`);
  }
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
    const [, appId] = /^\(appId='(.*)'\)$/.exec(key) ?? [];
    const made = directory[kind].find(({ body }) => (appId ? body.appId === appId : body.id === key));
    // microsoftgraph/msgraph-sdk-dotnet#3108; Azure/azure-cli#28009.
    if (!made || !isMuted(made, lag.found))
      throw new Refusal(
        'Not Found',
        'Request_ResourceNotFound',
        `Resource '${appId ?? key}' does not exist or one of its queried reference-property objects are not present.`,
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
      parent[rest] = [...listIn(parent, rest), body];
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

  const patch = (path: string, body: Record<string, unknown>) => {
    const { kind, key } = addressOf(path);
    const made = oneOf(kind, key);
    if (kind === 'applications') checkScopes(made, body);
    Object.assign(made.body, body);
    return undefined;
  };

  const get = (path: string, filter: string | undefined) => {
    if (path === 'applications' || path === 'servicePrincipals') {
      const [, property = '', value] = /^(\w+) eq '(.*)'$/.exec(filter ?? '') ?? [];
      const matching = directory[path].filter(
        (one) => one.body[property] === value && isMuted(one, lag.listed),
      );
      return { value: matching.map(({ body }) => body) };
    }
    const { kind, key, rest } = addressOf(path);
    const { body } = oneOf(kind, key);
    return rest === undefined ? body : { value: listIn(body, rest) };
  };

  /** What `az rest` gives, or the text of its error. */
  const answer = (method: string, url: string, body: Record<string, unknown> = {}): unknown => {
    const { pathname, searchParams } = new URL(url);
    const path = decodeURIComponent(pathname.replace(/^\/v1\.0\//, ''));
    asked.push(`${method} ${path}`);
    if (directory.denied === `${method} ${path}`)
      throw new Refusal(
        'Forbidden',
        'Authorization_RequestDenied',
        'Insufficient privileges to complete the operation.',
      );
    if (method === 'post') return post(path, body);
    if (method === 'patch') return patch(path, body);
    return get(path, searchParams.get('$filter') ?? undefined);
  };

  return { directory, asked, answer, rest: restOf(answer) };
}

/** `applications/<id>` or `applications(appId='…')`, and what hangs on it. */
function addressOf(path: string) {
  const [, kind, bracketed, id, rest] =
    /^(applications|servicePrincipals)(?:(\(appId='.*?'\))|\/([^/]+))(?:\/(\w+))?$/.exec(path) ?? [];
  if (kind !== 'applications' && kind !== 'servicePrincipals') throw new Error(`Nobody asks for ${path}.`);
  return { kind, key: bracketed ?? id ?? '', rest } as const;
}

function restOf(answer: (method: string, url: string, body?: Record<string, unknown>) => unknown): Rest {
  const ask = async (method: string, url: string, body?: object): Promise<unknown> => {
    if (!url.startsWith(GRAPH)) throw new Error(`${url} is not at Microsoft Graph.`);
    try {
      return answer(method, url, body && { ...body });
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
