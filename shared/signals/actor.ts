import type { Actor } from './signal.ts';
import { recordOrJsonFrom, textFrom } from './untrusted.ts';

const MAX_LENGTH = 256;

// One claim, several spellings: short in newer tokens, a long URL in older ones ("Access token claims reference",
// and the example in "Azure subscription as an Event Grid source").
const XMLSOAP = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/';
const MICROSOFT = 'http://schemas.microsoft.com/identity/claims/';
const USER_NAME = ['upn', `${XMLSOAP}upn`, 'preferred_username', 'unique_name'];
const ANY_NAME = ['name', `${XMLSOAP}name`, `${XMLSOAP}emailaddress`];
const OBJECT_ID = ['oid', `${MICROSOFT}objectidentifier`, `${MICROSOFT}oid`];
const APPLICATION = ['appid', 'azp', `${MICROSOFT}appid`, `${MICROSOFT}applicationid`];

/**
 * Who acted, as far as the claims tell; they come as an object, as JSON, as another text or not at all.
 * `clientIp`: the caller's address as the request tells it, before the claims' own. Undefined where nothing is told.
 */
export function actorFrom(claims: unknown, clientIp?: unknown): Actor | undefined {
  const told = recordOrJsonFrom(claims) ?? {};
  const userName = first(told, USER_NAME);
  const name = userName ?? first(told, ANY_NAME);
  const objectId = first(told, OBJECT_ID);
  const application = first(told, APPLICATION);
  const ipAddress = textFrom(clientIp, MAX_LENGTH) ?? textFrom(told.ipaddr, MAX_LENGTH);
  if (!(name ?? objectId ?? application ?? ipAddress)) return undefined;
  const actor: Actor = { kind: kindOf(told, name, application) };
  if (name !== undefined) actor.name = name;
  if (objectId !== undefined) actor.objectId = objectId;
  if (application !== undefined) actor.application = application;
  if (ipAddress !== undefined) actor.ipAddress = ipAddress;
  return actor;
}

function first(told: Record<string, unknown>, spellings: readonly string[]): string | undefined {
  for (const spelling of spellings) {
    const text = textFrom(told[spelling], MAX_LENGTH);
    if (text !== undefined) return text;
  }
  return undefined;
}

// A user's token names the application it came through, too, so an application id alone says little: "idtyp" says
// it outright, and only people have names.
function kindOf(told: Record<string, unknown>, name?: string, application?: string): Actor['kind'] {
  if (told.idtyp === 'app') return 'application';
  if (told.idtyp === 'user' || name !== undefined) return 'user';
  return application === undefined ? 'unknown' : 'application';
}
