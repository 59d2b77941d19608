import type { Access } from '../../shared/api/access/admit.ts';
import { guarded } from '../../shared/api/access/guard.ts';
import { answerAction } from '../../shared/api/actions/router.ts';
import type { Answer } from '../../shared/api/problem.ts';
import { answer } from '../../shared/api/status/router.ts';
import type { World } from '../pipeline/a-world.ts';

/** One request, as the host hands it to the app. */
export interface Asked {
  method: 'GET' | 'POST';
  url: string;
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
}

/** Every address that the app answers, by an example of each. Ids and names stand for themselves. */
export const ADDRESSES: readonly { method: Asked['method']; path: string }[] = [
  ...['/status', '/health', '/coverage', '/incidents', '/incidents/{id}'].map((path) => ({
    method: 'GET' as const,
    path,
  })),
  ...[
    '/incidents/{id}/acknowledge',
    '/incidents/{id}/silence',
    '/incidents/{id}/support-case',
    '/incidents/{id}/close',
    '/policies/{policy}/check',
    '/policies/{policy}/silence',
    '/vaults/{vault}/silence',
    '/drill',
  ].map((path) => ({ method: 'POST' as const, path })),
];

/** The way in, in one place: the guard and the routers as the functions call them. */
export function ask(world: World, access: Access, { method, url, headers, body }: Asked): Promise<Answer> {
  const held = new Headers(headers);
  const header = (name: string) => held.get(name);
  const { ports } = world;
  if (method === 'GET')
    return world.clock.drive(
      guarded(access, 'read', header, () =>
        answer(
          { url, ifNoneMatch: header('if-none-match') },
          { ...ports, eventSources: { event: true, audit: true } },
        ),
      ),
    );
  return world.clock.drive(
    guarded(
      access,
      'write',
      header,
      (signedIn) => answerAction({ url, header, body }, { access, signedIn }, ports),
      ports.publicUrl,
    ),
  );
}
