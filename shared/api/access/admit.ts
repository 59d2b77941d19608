import type { Person } from '../../incidents/incident.ts';
import { BY_HEADER, isBeyondForms, isFromAnotherSite } from './cross-site.ts';
import { type Principal, readPrincipal } from './principal.ts';

/** `LOCKWATCH_ACCESS`. */
export type Access = 'entra' | 'keys' | 'none';
/**
 * What most GETs need, and a POST that changes nothing; what every other POST needs; and what a GET needs whose answer
 * is for operators alone.
 */
export type NeededAccess = 'read' | 'write' | 'operatorRead';

const READER_ROLE = 'Lockwatch.Reader';
const OPERATOR_ROLE = 'Lockwatch.Operator';

/**
 * `by`: the person, where the platform's sign-in identifies one. Without sign-in, only the caller names the
 * person, and the name is accepted as given.
 */
export type Admission = { admitted: true; by?: Person } | AccessDenied;
export interface AccessDenied {
  admitted: false;
  status: 401 | 403 | 415;
  title: string;
  detail: string;
}

/**
 * Decides who is admitted. Pure. With `keys` the host has checked the key before the app is called, and with
 * `none` no credentials are checked: the platform's headers are then worthless, since the caller can write
 * them. In every mode a page of another site may change nothing: the browser that shows it may be signed in
 * here, hold a key in an address, or be on the machine of the local host.
 */
export function admit(
  access: Access,
  neededAccess: NeededAccess,
  header: (name: string) => string | null,
  publicUrl?: string,
): Admission {
  if (neededAccess !== 'write') return admitPerson(access, neededAccess, header);
  if (isFromAnotherSite(header, publicUrl))
    return denied(
      403,
      'This came from a page of another site, which may not change anything here. If the page is at an address of Lockwatch itself, set LOCKWATCH_PUBLIC_URL to that address.',
    );
  const admission = admitPerson(access, neededAccess, header);
  if (!admission.admitted || isBeyondForms(header)) return admission;
  return denied(
    415,
    `Nothing was done. Send the header content-type: application/json, also with an empty body, or ${BY_HEADER} with your name.`,
  );
}

/** Whether this person's role lets them act. Says nothing of whether the request may: `admit` and forms do. */
export function mayWrite(access: Access, header: (name: string) => string | null): boolean {
  return admitPerson(access, 'write', header).admitted;
}

function admitPerson(
  access: Access,
  neededAccess: NeededAccess,
  header: (name: string) => string | null,
): Admission {
  if (access === 'keys' && neededAccess === 'operatorRead')
    return denied(
      403,
      'One key opens every GET, and this answer is for operators alone. Ask for it with POST, the key of the function actions and the header content-type: application/json.',
    );
  if (access !== 'entra') return { admitted: true };
  const sent = header('x-ms-client-principal');
  if (sent === null || sent.trim() === '')
    return denied(401, 'Nobody has signed in. Sign in at /.auth/login/aad, or send a bearer token of Entra.');
  const principal = readPrincipal(sent);
  if (!principal)
    return denied(
      401,
      'The sign-in that the platform passed on can not be read. Sign in again at /.auth/login/aad.',
    );
  return mayDo(principal, neededAccess);
}

/** Roles count only from Entra: another provider's claims may be whatever that provider lets people write. */
function mayDo(principal: Principal, neededAccess: NeededAccess): Admission {
  const { provider, roles, name, objectId } = principal;
  if (provider !== 'aad')
    return denied(403, `This sign-in is not one of Microsoft Entra, so it has no role in Lockwatch.`);
  const wanted = neededAccess === 'read' ? [READER_ROLE, OPERATOR_ROLE] : [OPERATOR_ROLE];
  if (wanted.some((role) => roles.includes(role)))
    return { admitted: true, by: objectId === undefined ? { name } : { name, id: objectId } };
  const needed = wanted.join(' or ');
  return denied(
    403,
    `This needs the app role ${needed}. An owner of Lockwatch's enterprise application in Entra assigns it (Users and groups); then sign in again.`,
  );
}

function denied(status: AccessDenied['status'], detail: string): AccessDenied {
  return { admitted: false, status, title: TITLES[status], detail };
}

const TITLES = { 401: 'Not signed in', 403: 'Not allowed', 415: 'Not JSON' };
