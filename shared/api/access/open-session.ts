import type { SessionStore } from '../../storage/sessions.ts';
import type { Log } from '../../telemetry/log.ts';
import { type Answer, problem } from '../problem.ts';
import { isFromAnotherSite } from './cross-site.ts';
import { isLocalAddress, newSession, sessionCookie } from './session.ts';

export interface SessionPorts {
  sessions(): Promise<SessionStore>;
  clock: { now(): string };
  log: Log;
  publicUrl?: string | undefined;
  isInAzure: boolean;
}

/**
 * Opens a session for the pages. The host has checked the key before: a POST shows a key that may act, a GET one
 * that may read. A key in the address would stay in histories and logs, so it opens none.
 */
export async function openSession(
  { url: asked, header }: { url: string; header(name: string): string | null },
  mayAct: boolean,
  { sessions, clock, log, publicUrl, isInAzure }: SessionPorts,
): Promise<Answer> {
  const url = new URL(asked);
  if (isFromAnotherSite(header, publicUrl))
    return problem('not-allowed', 'This came from a page of another site, which may not sign in here.');
  const isInAddress = [...url.searchParams.keys()].some((name) => name.toLowerCase() === 'code');
  if (isInAddress || (header('x-functions-key') ?? '').trim() === '')
    return problem('bad-request', 'Send the key in the header x-functions-key, and not in the address.', {
      field: 'x-functions-key',
    });
  const now = clock.now();
  const { id, session } = newSession(mayAct, now);
  await (await sessions()).open(session, now);
  log.info('session-opened', { mayAct, expiresAt: session.expiresAt });
  return {
    status: 200,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify({ mayAct, expiresAt: session.expiresAt }),
    cookies: [sessionCookie(id, isLocalAddress(url, isInAzure))],
  };
}
