import type { NeededAccess } from './access/admit.ts';
import type { Endpoint } from './endpoint.ts';
import { ProblemError } from './problem.ts';
import { ENDPOINTS } from './register.ts';

export type EndpointMatch =
  | { endpoint: Endpoint; id: string }
  | { status: 404 | 405 /** The methods that the address has. */; allow: readonly string[] };

/**
 * The endpoint of an address, `/api` or not before it: in any case, with or without a slash at the end. Throws
 * `ProblemError` for an id that is not encoded as addresses are.
 */
export function matchEndpoint(method: string, pathname: string): EndpointMatch {
  const path = withoutSlashes(pathname.replace(/^\/api(?=\/)/i, ''));
  for (const { pattern, byMethod } of PATHS) {
    const found = pattern.exec(path);
    if (!found) continue;
    const endpoint = byMethod.get(method);
    if (!endpoint) return { status: 405, allow: [...byMethod.keys()] };
    return { endpoint, id: decoded(found.groups?.id ?? '') };
  }
  return { status: 404, allow: [] };
}

/**
 * The right that a request needs. Who asks for an address that is not there needs what most of that method do, so that
 * nobody else learns what there is.
 */
export function neededAccessOf(method: string, url: string): NeededAccess {
  const path = withoutSlashes(new URL(url).pathname.replace(/^\/api(?=\/)/i, ''));
  const found = PATHS.find(({ pattern }) => pattern.test(path))?.byMethod.get(method);
  return found?.access ?? (method === 'GET' ? 'read' : 'write');
}

/**
 * A path as a pattern of addresses; `{id}` becomes the group `id`, still encoded. The id of a policy or a vault
 * may be an ARM id, whose slashes some front ends decode.
 */
export function patternOf(path: string): RegExp {
  const parts = path.split('{id}').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const id = /^\/(?:policies|vaults)\//.test(path) ? '.+' : '[^/]+';
  return new RegExp(`^${parts.join(`(?<id>${id})`)}$`, 'i');
}

/** A pattern for this would try each of many slashes again and again. */
export function withoutSlashes(path: string): string {
  let end = path.length;
  while (path[end - 1] === '/') end -= 1;
  return path.slice(0, end);
}

/** An id may hold slashes, so the path with more words of its own comes first. */
const PATHS = [...Map.groupBy(ENDPOINTS, ({ path }) => path)]
  .sort(([one], [other]) => wordsIn(other) - wordsIn(one))
  .map(([path, endpoints]) => ({
    pattern: patternOf(path),
    byMethod: new Map<string, Endpoint>(endpoints.map((endpoint) => [endpoint.method, endpoint])),
  }));

function wordsIn(path: string): number {
  return path.split('/').filter((part) => part !== '' && part !== '{id}').length;
}

/** The one place that decodes a part of an address. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw new ProblemError('bad-request', 'The address holds a % that is no encoded character.');
  }
}
