import type { App } from '../shared/compose.ts';

/**
 * In the access mode `keys`, `/api/session` gives a browser a session for a key: that function answers it whose key
 * was sent, so the host checks the key. Undefined for every other address and mode.
 */
export function sessionOpener(
  url: string,
  header: (name: string) => string | null,
  mayAct: boolean,
  app: App,
) {
  if (app.settings.access !== 'keys' || !/^\/api\/session\/?$/i.test(new URL(url).pathname)) return undefined;
  return async () => {
    const { openSession } = await import('../shared/api/access/open-session.ts');
    return openSession({ url, header }, mayAct, app);
  };
}
