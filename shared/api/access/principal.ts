import * as z from 'zod';

/** The person or application that the platform says has signed in. */
export interface Principal {
  /** The name that people know; the application's id where an application signed in. */
  name: string;
  /** The Entra object id. */
  objectId?: string;
  /** The identity provider, lower case; 'aad' is Microsoft Entra. */
  provider: string;
  roles: string[];
}

/** The most that one header may hold; Azure's front end accepts at most 64 KiB of headers altogether. */
const MAX_LENGTH = 65_536;
const MAX_NAME_LENGTH = 120;

/**
 * Reads `x-ms-client-principal`: base64 of JSON with the claims of whoever signed in. Undefined where it is
 * not of that form. It says nothing of whether the header can be trusted.
 * Source: "Work with user identities in Azure App Service authentication", section "Decode the client
 * principal header".
 */
export function readPrincipal(header: string): Principal | undefined {
  if (header.length > MAX_LENGTH || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(header.trim())) return undefined;
  const parsed = PRINCIPAL.safeParse(fromJson(Buffer.from(header.trim(), 'base64').toString('utf8')));
  if (!parsed.success) return undefined;
  const { auth_typ: provider, name_typ, role_typ, claims } = parsed.data;
  const first = (...types: (string | null | undefined)[]) =>
    types.flatMap((type) => claims.filter(({ typ, val }) => type && typ === type && val.trim() !== ''))[0]
      ?.val;
  // An application that signs in has no name; its roles are in the same claims as people's.
  const name = first(name_typ, ...NAMES) ?? first(...APPLICATIONS);
  const objectId = first(...OBJECT_IDS);
  return {
    name: line(name ?? objectId ?? 'somebody without a name'),
    ...(objectId === undefined ? {} : { objectId: line(objectId) }),
    provider: provider.toLowerCase(),
    roles: claims.filter(({ typ }) => typ === role_typ || typ === 'roles').map(({ val }) => val),
  };
}

const PRINCIPAL = z.object({
  auth_typ: z.string(),
  name_typ: z.string().nullish(),
  role_typ: z.string().nullish(),
  claims: z.array(z.object({ typ: z.string(), val: z.string() })),
});

// The platform renames some claims ("default claims-mapping process"), so both spellings are looked up.
const NAMES = [
  'preferred_username',
  'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn',
  'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress',
  'name',
  'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name',
];
const APPLICATIONS = ['app_displayname', 'azp', 'appid'];
const OBJECT_IDS = ['http://schemas.microsoft.com/identity/claims/objectidentifier', 'oid'];

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: the caller decides what follows.
    return undefined;
  }
}

/**
 * People choose their display names: reduced to one line, without characters that change the writing
 * direction.
 */
function line(text: string): string {
  const cleaned = text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return [...cleaned].slice(0, MAX_NAME_LENGTH).join('');
}
