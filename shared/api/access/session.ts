import { createHash, randomBytes } from 'node:crypto';
import type { Session } from '../../storage/sessions.ts';

/** A set-cookie header, as the Functions runtime takes it. */
export interface AnswerCookie {
  name: string;
  value: string;
  path: '/';
  httpOnly: true;
  secure: boolean;
  sameSite: 'Lax';
  /** Seconds; 0 removes it. */
  maxAge: number;
}

/** One shift: who signs in at its start is not asked again. */
const SESSION_SECONDS = 8 * 3600;
const ID_BYTES = 32;
const ID = /^[A-Za-z0-9_-]{43}$/;

/** The id is in the browser's cookie only. */
export function newSession(
  mayAct: boolean,
  now: string,
  random: (bytes: number) => Buffer = randomBytes,
): { id: string; session: Session } {
  const id = random(ID_BYTES).toString('base64url');
  const expiresAt = new Date(Date.parse(now) + SESSION_SECONDS * 1000).toISOString();
  return { id, session: { hash: hashOf(id), mayAct, expiresAt } };
}

function hashOf(id: string): string {
  return createHash('sha256').update(id).digest('hex');
}

/** The stored hash of the session in the browser's cookies; undefined where there is none. */
export function sessionHashIn(cookies: string | null, isLocal: boolean): string | undefined {
  const name = nameOf(isLocal);
  for (const pair of (cookies ?? '').split(';')) {
    const [key, value = ''] = pair.split('=', 2).map((part) => part.trim());
    if (key === name && ID.test(value)) return hashOf(value);
  }
  return undefined;
}

/**
 * `__Host-` binds it to this very host: no other name of the domain can set it. `Lax`, since a link in a mail or
 * in Teams must arrive with it; a form of another site does not bring it.
 * Source: RFC 6265bis, sections "The __Host- Prefix" and "SameSite Cookies".
 */
export function sessionCookie(id: string, isLocal: boolean): AnswerCookie {
  const [value, maxAge] = id === '' ? ['', 0] : [id, SESSION_SECONDS];
  return {
    name: nameOf(isLocal),
    value,
    path: '/',
    httpOnly: true,
    secure: !isLocal,
    sameSite: 'Lax',
    maxAge,
  };
}

/** A browser takes `Secure` and `__Host-` from http://localhost by an exception that not every one makes. */
function nameOf(isLocal: boolean): string {
  return isLocal ? 'lockwatch-local' : '__Host-lockwatch';
}

/** The local host speaks plain HTTP, and nobody else can reach it. `isInAzure`: the platform says so. */
export function isLocalAddress({ protocol, hostname }: URL, isInAzure: boolean): boolean {
  return !isInAzure && protocol === 'http:' && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(hostname);
}
