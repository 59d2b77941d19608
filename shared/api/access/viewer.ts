import type { Person } from '../../incidents/incident.ts';
import type { SessionStore } from '../../storage/sessions.ts';
import { type Access, admit, mayWrite } from './admit.ts';
import { sessionHashIn } from './session.ts';

/** Who looks at a page, and whether its forms are for them. */
export interface Viewer {
  mode: Access;
  mayAct: boolean;
  /** The person, where the platform's sign-in identifies one. */
  signedIn?: Person | undefined;
}

export type Viewing =
  | { viewer: Viewer }
  /** Nobody has signed in, or without the role that is needed. */
  | { refused: { status: 401 | 403; detail: string } };

/**
 * Decides who looks at a page. With `keys` the host checks no key here, since the function of the pages is
 * anonymous: a session says who may. Throws where the sessions can't be read.
 */
export async function viewing(
  access: Access,
  header: (name: string) => string | null,
  {
    sessions,
    now,
    isLocal,
  }: { sessions: () => Promise<Pick<SessionStore, 'read'>>; now: string; isLocal: boolean },
): Promise<Viewing> {
  if (access === 'keys') {
    const hash = sessionHashIn(header('cookie'), isLocal);
    const session = hash === undefined ? undefined : await (await sessions()).read(hash, now);
    if (session) return { viewer: { mode: access, mayAct: session.mayAct } };
    return { refused: { status: 401, detail: 'Nobody has signed in.' } };
  }
  const admission = admit(access, 'read', header);
  if (admission.admitted)
    return { viewer: { mode: access, mayAct: mayWrite(access, header), signedIn: admission.by } };
  const { status, detail } = admission;
  return { refused: { status: status === 401 ? 401 : 403, detail } };
}
