import type { Actor } from './signal.ts';
import { recordOrJsonFrom, textFrom } from './untrusted.ts';

const MAX_LENGTH = 256;

// The same claim has several spellings: short in newer tokens, a long URL in older ones ("Access token claims
// reference", and the example in "Azure subscription as an Event Grid source").
const XMLSOAP = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/';
const MICROSOFT = 'http://schemas.microsoft.com/identity/claims/';
const USER_NAME = ['upn', `${XMLSOAP}upn`, 'preferred_username', 'unique_name'];
const ANY_NAME = ['name', `${XMLSOAP}name`, `${XMLSOAP}emailaddress`];
const OBJECT_ID = ['oid', `${MICROSOFT}objectidentifier`, `${MICROSOFT}oid`];
const APPLICATION = ['appid', 'azp', `${MICROSOFT}appid`, `${MICROSOFT}applicationid`];

/**
 * The actor, as far as the claims name one; they may be an object, JSON, other text or absent. `clientIp`:
 * the caller's address from the request, which takes precedence over the claims' own. Undefined where nothing
 * is known.
 */
export function actorFrom(claims: unknown, clientIp?: unknown): Actor | undefined {
  const claimed = recordOrJsonFrom(claims) ?? {};
  const userName = first(claimed, USER_NAME);
  const name = userName ?? first(claimed, ANY_NAME);
  const objectId = first(claimed, OBJECT_ID);
  const application = first(claimed, APPLICATION);
  const ipAddress = textFrom(clientIp, MAX_LENGTH) ?? textFrom(claimed.ipaddr, MAX_LENGTH);
  if (!(name ?? objectId ?? application ?? ipAddress)) return undefined;
  const actor: Actor = { kind: kindOf(claimed, name, application) };
  if (name !== undefined) actor.name = name;
  if (objectId !== undefined) actor.objectId = objectId;
  if (application !== undefined) actor.application = application;
  if (ipAddress !== undefined) actor.ipAddress = ipAddress;
  return actor;
}

function first(claimed: Record<string, unknown>, spellings: readonly string[]): string | undefined {
  for (const spelling of spellings) {
    const text = textFrom(claimed[spelling], MAX_LENGTH);
    if (text !== undefined) return text;
  }
  return undefined;
}

// A user's token also names the application through which it was issued, so an application id alone says
// little: "idtyp" is explicit, and only people have names.
function kindOf(claimed: Record<string, unknown>, name?: string, application?: string): Actor['kind'] {
  if (claimed.idtyp === 'app') return 'application';
  if (claimed.idtyp === 'user' || name !== undefined) return 'user';
  return application === undefined ? 'unknown' : 'application';
}
