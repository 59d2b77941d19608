import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { seedWorld } from '../../../dev/azure-simulator/world/seed.ts';
import type { ReadPorts } from '../../../shared/api/endpoint.ts';
import { matchEndpoint } from '../../../shared/api/match-endpoint.ts';
import { ENDPOINTS } from '../../../shared/api/register.ts';
import type { World } from '../../pipeline/a-world.ts';
import { armOf } from '../../preview/who-can/world-rights.ts';
import { get, locked, post, readPortsOf } from './post.ts';

const DOC = readFileSync(new URL('../../../docs/api.md', import.meta.url), 'utf8');

/** The requests of the document, each with the answer that it promises. */
const examples = [
  ...DOC.matchAll(/```http\n(GET|POST) \/api(\S+)\n([\s\S]*?)```\n```json\n([\s\S]*?)```/g),
].map(([, method = '', path = '', body = '', answer = '']) => ({
  method,
  path,
  body,
  answer: JSON.parse(answer),
}));

/** Every field that the document shows must be there, of the same type. */
function assertShown(shown: unknown, real: unknown, where: string): void {
  if (Array.isArray(shown)) {
    assert.ok(Array.isArray(real), where);
    if (shown.length > 0) assertShown(shown[0], real[0], `${where}[0]`);
    return;
  }
  if (typeof shown === 'object' && shown !== null) {
    assert.ok(typeof real === 'object' && real !== null, where);
    for (const [field, value] of Object.entries(shown)) {
      assert.ok(field in real, `${where}.${field} is not in the answer`);
      assertShown(value, Object.entries(real).find(([name]) => name === field)?.[1], `${where}.${field}`);
    }
    return;
  }
  assert.equal(typeof real, typeof shown, where);
}

/** Who can do what is read through Resource Manager. */
function withArm(world: World): ReadPorts {
  const ports = readPortsOf(world);
  const arm = armOf(seedWorld(0));
  const facts = { begin: (budgetMs: number) => ({ ...world.ports.facts.begin(budgetMs), arm }) };
  return { ...ports, facts };
}

test('every example of the document is answered as it says', async () => {
  assert.ok(examples.length > ENDPOINTS.length);
  for (const { method, path, body, answer } of examples) {
    const { world, id } = await locked(['ep-sales']);
    const now = world.clock.now();
    await world.ports.heartbeat.update((beat) => ({ ...beat, sweepFinishedAt: now, timerAt: now }));
    const address = path.replace('{id}', id);
    const actor = { access: 'entra' as const, signedIn: { name: 'ann@contoso.com', id: 'oid-1' } };
    const { status, json } =
      method === 'GET'
        ? await get(world, address, withArm(world))
        : await post(world, address, body || undefined, { actor });
    assert.equal(status, answer.status === 400 ? 400 : 200, `${path} ${JSON.stringify(json)}`);
    assertShown(answer, json, path);
  }
});

test('every endpoint has its example', () => {
  const shown = new Set(
    examples.map(({ method, path }) => {
      const match = matchEndpoint(method, path.replace(/\?.*/, ''));
      return 'endpoint' in match ? match.endpoint.id : path;
    }),
  );
  for (const { id } of ENDPOINTS) assert.ok(shown.has(id), id);
});
