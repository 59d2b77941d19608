import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { AppSettings } from './app-settings.ts';
import { HostError } from './host-error.ts';
import type { AuthLevel } from './http-trigger.ts';

/** The settings that hold keys when --auth asks for them. In Azure the platform keeps such keys. */
const FUNCTION_KEY = 'LOCAL_FUNCTION_KEY';
const MASTER_KEY = 'LOCAL_MASTER_KEY';
const SYSTEM_KEY = 'LOCAL_SYSTEM_KEY';

export interface Keys {
  /** Whether the request may call something of that level. */
  allows(level: AuthLevel | 'system', request: IncomingMessage, url: URL): boolean;
}

/**
 * Access by keys, given as `?code=` or the header `x-functions-key`; the master key opens everything. Without
 * `enforced` everything is open, as in Core Tools, where keys are not asked for locally.
 * Throws HostError when they are to be enforced and none is set.
 * Source: "Work with access keys in Azure Functions"; "Azure Functions HTTP trigger", section "Authorization level".
 */
export function createKeys(settings: AppSettings, enforced: boolean): Keys {
  if (!enforced) return { allows: () => true };
  const master = settings[MASTER_KEY];
  const keys = { function: settings[FUNCTION_KEY], system: settings[SYSTEM_KEY], admin: undefined };
  if (!master && !keys.function)
    throw new HostError(
      `--auth needs a key: set ${FUNCTION_KEY} (and ${SYSTEM_KEY}, ${MASTER_KEY} where they are used).`,
    );
  return {
    allows(level, request, url) {
      if (level === 'anonymous') return true;
      const header = request.headers['x-functions-key'];
      const given = (Array.isArray(header) ? header[0] : header) ?? url.searchParams.get('code');
      if (!given) return false;
      return isSame(given, master) || isSame(given, keys[level]);
    },
  };
}

function isSame(given: string, key: string | undefined): boolean {
  if (!key) return false;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(key));
}
