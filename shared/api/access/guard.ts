import type { Person } from '../../incidents/incident.ts';
import { type Answer, problem } from '../problem.ts';
import { type Access, admit, type NeededAccess } from './admit.ts';

/** Answers admitted requests; the others get a problem document that names the missing right. */
export async function guarded(
  access: Access,
  neededAccess: NeededAccess,
  header: (name: string) => string | null,
  answer: (signedIn: Person | undefined) => Promise<Answer>,
  publicUrl?: string,
): Promise<Answer> {
  const admission = admit(access, neededAccess, header, publicUrl);
  if (admission.admitted) return answer(admission.by);
  const { status, detail } = admission;
  const refused = problem(KINDS[status], detail);
  // RFC 9110, section 11.6.1: a 401 says how to sign in.
  return status === 401
    ? { ...refused, headers: { ...refused.headers, 'www-authenticate': 'Bearer' } }
    : refused;
}

const KINDS = { 401: 'not-signed-in', 403: 'not-allowed', 415: 'not-json' } as const;
