import type { IncomingMessage } from 'node:http';
import { type AppSettings, resolveSettings } from './app-settings.ts';
import type { RegisteredFunction } from './function-app.ts';
import { HostError } from './host-error.ts';
import type { HostAnswer } from './http-answer.ts';
import { type HttpRoute, matchRoute, parseRoute } from './http-routes.ts';
import type { InvocationInput } from './invoke.ts';
import type { InvocationResponse, RpcCookie, TypedData } from './rpc.ts';

export type AuthLevel = 'anonymous' | 'function' | 'admin';

export interface HttpFunction {
  fn: RegisteredFunction;
  route: HttpRoute;
  /** The whole template, with its prefix. */
  template: string;
  methods: string[];
  authLevel: AuthLevel;
}

/**
 * The HTTP functions in the order in which their routes are tried: that of their names. **A more specific route
 * does not go first.** Throws HostError for a route that it can't read or that the runtime keeps to itself.
 * Sources: azure-functions-host, src/WebJobs.Script/Host/FunctionMetadataManager.cs (LoadFunctionMetadata:
 * `OrderBy(f => f.Name, StringComparer.OrdinalIgnoreCase)`), src/WebJobs.Script.WebHost/
 * WebScriptHostHttpRoutesManager.cs (routes are added in that order, and the first match answers), issues 3153
 * and 9876; src/WebJobs.Script/Host/ScriptHost.cs (ValidateHttpFunction).
 */
export function httpFunctions(
  functions: RegisteredFunction[],
  routePrefix: string,
  settings: AppSettings,
): HttpFunction[] {
  return functions
    .filter(({ triggerType }) => triggerType === 'httptrigger')
    .map((fn) => {
      const own = typeof fn.trigger.route === 'string' ? fn.trigger.route : fn.name;
      const path = resolveSettings(own, settings, fn.name).replace(/^\/+/, '');
      if (/^(admin|runtime)/i.test(path))
        throw new HostError(
          `Function '${fn.name}': the route '${path}' conflicts with one or more built in routes (admin, runtime).`,
        );
      const template = [routePrefix, path].filter((part) => part !== '').join('/');
      const methods = Array.isArray(fn.trigger.methods) ? fn.trigger.methods.map(String) : [];
      return {
        fn,
        template,
        route: parseRoute(template, fn.name),
        methods: methods.map((method) => method.toUpperCase()),
        authLevel: authLevel(fn.trigger.authLevel),
      };
    })
    .sort((a, b) => compareNames(a.fn.name, b.fn.name));
}

/** As StringComparer.OrdinalIgnoreCase. */
function compareNames(a: string, b: string): number {
  const [first, second] = [a.toUpperCase(), b.toUpperCase()];
  if (first === second) return 0;
  return first < second ? -1 : 1;
}

/**
 * The function that answers a method and path. The methods are part of the route, so a known path with
 * another method is not found (azure-functions-host issue 10098), and HEAD is not derived from GET (issue
 * 11625). What begins with `/admin` or `/runtime` is the runtime's own.
 */
export function findHttpFunction(
  functions: HttpFunction[],
  method: string,
  path: string,
): { http: HttpFunction; parameters: Record<string, string> } | undefined {
  if (/^\/(admin|runtime)(\/|$)/i.test(decodePath(path))) return undefined;
  for (const http of functions) {
    if (http.methods.length > 0 && !http.methods.includes(method)) continue;
    const parameters = matchRoute(http.route, path);
    if (parameters) return { http, parameters };
  }
  return undefined;
}

/**
 * The worker's input for a request. The worker has announced the capabilities RawHttpBodyBytes,
 * RpcHttpBodyOnly and UseNullableValueDictionaryForHttp: the body comes as bytes, headers and query as
 * nullable values. A body without Content-Length (Transfer-Encoding: chunked) is dropped
 * (azure-functions-host issues 4926 and 7930).
 * Sources: azure-functions-host, GrpcMessageConversionExtensions.ToRpcHttp; azure-functions-nodejs-worker,
 * eventHandlers/getWorkerCapabilities.ts.
 */
export function httpInput(
  request: IncomingMessage,
  url: URL,
  parameters: Record<string, string>,
  body: Buffer,
): InvocationInput {
  const query: [string, string][] = [...new Set(url.searchParams.keys())].map((name) => [
    name,
    url.searchParams.getAll(name).join(','),
  ]);
  const headers: [string, string][] = Object.entries(request.headers).map(([name, value]) => [
    name.toLowerCase(),
    Array.isArray(value) ? value.join(',') : (value ?? ''),
  ]);
  const data: TypedData = {
    http: {
      method: request.method ?? 'GET',
      url: url.href,
      nullableHeaders: nullable(headers),
      nullableParams: nullable(Object.entries(parameters)),
      nullableQuery: nullable(query),
      ...(Number(request.headers['content-length'] ?? 0) > 0 ? { body: { bytes: body } } : {}),
    },
  };
  return {
    data,
    triggerMetadata: {},
    traceParent: single(request.headers.traceparent),
    traceState: single(request.headers.tracestate),
  };
}

/**
 * The response that is sent. An invocation without a return value gives 204 ("Azure Functions HTTP trigger",
 * section "Response").
 */
export function httpAnswer(response: InvocationResponse): HostAnswer {
  const http = response.returnValue?.http ?? response.outputData?.find(({ data }) => data?.http)?.data?.http;
  if (!http) return { status: 204 };
  const cookies = (http.cookies ?? []).map(cookieText);
  const body = http.body?.bytes ?? http.body?.string ?? http.body?.json ?? '';
  return {
    status: Number(http.statusCode ?? 200),
    headers: { ...http.headers, ...(cookies.length > 0 ? { 'set-cookie': cookies } : {}) },
    body,
  };
}

/**
 * Source: azure-functions-host, Binding/Http/RawScriptResult and HttpCookie handling; RFC 6265, section 4.1.
 */
function cookieText(cookie: RpcCookie): string {
  const seconds = cookie.expires?.value?.seconds;
  const sameSite = { none: undefined, lax: 'Lax', strict: 'Strict', explicitNone: 'None' }[
    cookie.sameSite ?? 'none'
  ];
  return [
    `${cookie.name ?? ''}=${encodeURIComponent(cookie.value ?? '')}`,
    typeof seconds === 'number' ? `expires=${new Date(seconds * 1000).toUTCString()}` : '',
    typeof cookie.maxAge?.value === 'number' ? `max-age=${cookie.maxAge.value}` : '',
    cookie.domain?.value ? `domain=${cookie.domain.value}` : '',
    `path=${cookie.path?.value ?? '/'}`,
    cookie.secure?.value ? 'secure' : '',
    sameSite ? `samesite=${sameSite.toLowerCase()}` : '',
    cookie.httpOnly?.value ? 'httponly' : '',
  ]
    .filter((part) => part !== '')
    .join('; ');
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    // A stray % is not the host's error.
    return path;
  }
}

function nullable(entries: [string, string][]): Record<string, { value: string }> {
  return Object.fromEntries(entries.map(([name, value]) => [name, { value }]));
}

function authLevel(value: unknown): AuthLevel {
  const text = String(value ?? 'anonymous').toLowerCase();
  return text === 'admin' || text === 'anonymous' ? text : 'function';
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
