import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { AppSettings } from './app-settings.ts';
import { HostError } from './host-error.ts';
import type { AuthLevel } from './http-trigger.ts';

/**
 * The settings that hold keys when --auth requires them. In Azure the platform keeps such keys. The first one
 * opens every function of level function, as a host key does; followed by _ and the function's name, only
 * that function.
 */
const FUNCTION_KEY = 'LOCAL_FUNCTION_KEY';
const MASTER_KEY = 'LOCAL_MASTER_KEY';
const SYSTEM_KEY = 'LOCAL_SYSTEM_KEY';

/** `tooLow`: a known key, of a level or for a use that does not suffice. */
export type KeyVerdict = 'allowed' | 'unknown' | 'tooLow';

export interface Keys {
  /** Judges a request to a function of that level; for level function, which function it is. */
  judge(level: AuthLevel | 'system', request: IncomingMessage, url: URL, functionName?: string): KeyVerdict;
}

/**
 * Access by keys, given in the header `x-functions-key` or else as `?code=`, whose name is read in any case
 * (ASP.NET Core's QueryCollection); the master key opens everything. Without
 * `enforced` everything is open, as in Core Tools, where keys are not required locally. Throws HostError when
 * they are to be enforced and none is set.
 * Source: "Work with access keys in Azure Functions"; "Azure Functions HTTP trigger", section "Authorization
 * level"; azure-functions-host, AuthenticationLevelHandler.cs and SecretManager.cs
 * (GetAuthorizationLevelAsync).
 */
export function createKeys(settings: AppSettings, enforced: boolean): Keys {
  if (!enforced) return { judge: () => 'allowed' };
  const master = settings[MASTER_KEY];
  const keys = { function: settings[FUNCTION_KEY], system: settings[SYSTEM_KEY] };
  const ofFunctions = new Map(
    Object.entries(settings).flatMap(([name, key]): [string, string][] =>
      key && name.toUpperCase().startsWith(`${FUNCTION_KEY}_`)
        ? [[name.slice(FUNCTION_KEY.length + 1).toLowerCase(), key]]
        : [],
    ),
  );
  if (!master && !keys.function && ofFunctions.size === 0)
    throw new HostError(
      `--auth needs a key: set ${FUNCTION_KEY}, or ${FUNCTION_KEY}_NAME for one function (and ${SYSTEM_KEY}, ${MASTER_KEY} where they are used).`,
    );
  return {
    judge(level, request, url, functionName) {
      if (level === 'anonymous') return 'allowed';
      const given = givenKey(request, url);
      if (!given) return 'unknown';
      if (isSame(given, master)) return 'allowed';
      const own = ofFunctions.get(functionName?.toLowerCase() ?? '');
      const isOf = {
        system: isSame(given, keys.system),
        function: isSame(given, keys.function) || isSame(given, own),
        admin: false,
      };
      if (isOf[level]) return 'allowed';
      return isOf.system || isOf.function ? 'tooLow' : 'unknown';
    },
  };
}

function givenKey(request: IncomingMessage, url: URL): string | undefined {
  const header = request.headers['x-functions-key'];
  const inHeader = Array.isArray(header) ? header[0] : header;
  return inHeader ?? [...url.searchParams].find(([name]) => name.toLowerCase() === 'code')?.[1];
}

function isSame(given: string, key: string | undefined): boolean {
  if (!key) return false;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(key));
}
