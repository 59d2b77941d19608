import { seedWorld } from '../../dev/azure-simulator/world/seed.ts';
import type { Access } from '../../shared/api/access/admit.ts';
import { guarded } from '../../shared/api/access/guard.ts';
import type { Endpoint } from '../../shared/api/endpoint.ts';
import type { Answer } from '../../shared/api/problem.ts';
import { ENDPOINTS } from '../../shared/api/register.ts';
import { answer, answerAction } from '../../shared/api/serve-api.ts';
import type { FactsReader } from '../../shared/facts/reader.ts';
import type { World } from '../pipeline/a-world.ts';
import { armOf } from '../preview/who-can/world-rights.ts';

/** One request, as the host hands it to the app. */
export interface Asked {
  method: 'GET' | 'POST';
  url: string;
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
}

/** Every address that the app answers, with its method. */
export const ADDRESSES: readonly Pick<Endpoint, 'method' | 'path'>[] = ENDPOINTS;

/** Who can do what is read through Resource Manager. */
function withArm(facts: FactsReader): FactsReader {
  return { begin: (budgetMs, options) => ({ ...facts.begin(budgetMs, options), arm }) };
}
const arm = armOf(seedWorld(0));

/** The way in, in one place: the guard and the register's server as the functions call them. */
export function ask(world: World, access: Access, { method, url, headers, body }: Asked): Promise<Answer> {
  const held = new Headers(headers);
  const header = (name: string) => held.get(name);
  const { ports } = world;
  if (method === 'GET')
    return world.clock.drive(
      guarded(access, 'read', header, () =>
        answer(
          { url, ifNoneMatch: header('if-none-match') },
          { ...ports, facts: withArm(ports.facts), eventSources: { event: true, audit: true } },
        ),
      ),
    );
  return world.clock.drive(
    guarded(
      access,
      'write',
      header,
      (signedIn) => answerAction({ url, header, body }, { access, signedIn }, ports),
      { publicUrl: ports.publicUrl },
    ),
  );
}
