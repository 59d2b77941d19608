import type { Person } from '../../incidents/incident.ts';
import { type Answer, problem, withDocs } from '../problem.ts';
import { type Access, admit, type NeededAccess } from './admit.ts';

/** Answers admitted requests; the others get a problem document that names the missing right. */
export async function guarded(
  access: Access,
  neededAccess: NeededAccess,
  header: (name: string) => string | null,
  answer: (signedIn: Person | undefined) => Promise<Answer>,
  { publicUrl, docsUrl }: { publicUrl?: string | undefined; docsUrl?: string | undefined } = {},
): Promise<Answer> {
  const admission = admit(access, neededAccess, header, publicUrl);
  const answered = admission.admitted ? await answer(admission.by) : refusal(admission);
  return withDocs(answered, docsUrl);
}

function refusal({ status, detail }: { status: keyof typeof KINDS; detail: string }): Answer {
  const refused = problem(KINDS[status], detail);
  // RFC 9110, section 11.6.1: a 401 says how to sign in.
  return status === 401
    ? { ...refused, headers: { ...refused.headers, 'www-authenticate': 'Bearer' } }
    : refused;
}

const KINDS = { 401: 'not-signed-in', 403: 'not-allowed', 415: 'not-json' } as const;
