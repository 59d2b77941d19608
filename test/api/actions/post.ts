import assert from 'node:assert/strict';
import type { ReadPorts } from '../../../shared/api/endpoint.ts';
import type { Answer } from '../../../shared/api/problem.ts';
import { type ActingPerson, answer, answerAction, type PostRequest } from '../../../shared/api/serve-api.ts';
import { normalId } from '../../../shared/azure/arm-id.ts';
import type { Facts } from '../../../shared/facts/facts.ts';
import type { Ports } from '../../../shared/pipeline/ports.ts';
import { readAndCommit } from '../../../shared/pipeline/read-and-commit.ts';
import { configurationRows } from '../../../shared/settings/configuration.ts';
import { aWorld, policyId, VAULT_GONE, type World } from '../../pipeline/a-world.ts';
import { type SeenAnswer, undescribed } from '../described.ts';

/** One POST to the real router over the world's rooms; a body that is no text is sent as JSON. */
export async function post(
  world: World,
  path: string,
  body: unknown = undefined,
  more: { headers?: Record<string, string>; actor?: ActingPerson; ports?: Ports; read?: ReadPorts } = {},
) {
  const headers = new Headers(body === undefined ? {} : { 'content-type': 'application/json' });
  for (const [name, value] of Object.entries(more.headers ?? {})) headers.set(name, value);
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  const request: PostRequest = {
    url: `https://lockwatch.example.com/api${path}`,
    header: (name) => headers.get(name),
    body: Buffer.from(text),
  };
  const work = answerAction(request, more.actor ?? { access: 'keys' }, more.ports ?? world.ports, more.read);
  const answered = await world.clock.drive(work);
  assert.deepEqual(undescribed(seen('POST', path, answered)), []);
  return { ...answered, json: JSON.parse(answered.body) };
}

/** What a GET may use, over the same rooms; a setting is secret, and its value must be nowhere. */
export function readPortsOf({ ports }: World): ReadPorts {
  const { store, heartbeat, visibility, channels, config, clock, log, facts } = ports;
  return {
    store,
    heartbeat,
    visibility,
    channels,
    config,
    clock,
    log,
    facts,
    configuration: async () =>
      configurationRows({
        LOCKWATCH_SUBSCRIPTIONS: '11111111-1111-1111-1111-111111111111',
        LOCKWATCH_TEAMS_WEBHOOK_URL: 'https://example.com/workflows?sig=not-to-be-shown',
      }),
    eventSources: { event: true, audit: false },
  };
}

/** One GET to the real router over the same rooms. */
export async function get(world: World, path: string, ports: ReadPorts = readPortsOf(world)) {
  const answered = await world.clock.drive(
    answer({ url: `https://lockwatch.example.com/api${path}`, ifNoneMatch: null }, ports),
  );
  assert.deepEqual(undescribed(seen('GET', path, answered)), []);
  assert.ok(!answered.body.includes('not-to-be-shown'), path);
  return { ...answered, json: JSON.parse(answered.body) };
}

/** Every answer that a test gets is compared with the OpenAPI document. */
function seen(method: string, path: string, { status, headers, body }: Answer): SeenAnswer {
  const { pathname } = new URL(`/api${path}`, 'http://localhost');
  return { method, pathname, status, contentType: headers['content-type'] ?? null, body };
}

/** Reads these policies now, as a sweep would. */
export function look(world: World, ...names: string[]) {
  const concerned = new Map(names.map((name) => [policyId(name), []]));
  return world.clock.drive(readAndCommit(concerned, world.ports));
}

/** Changes what the policy's readings show. */
export function make(world: World, name: string, facts: Partial<Facts>): void {
  world.observedState.set(normalId(policyId(name)), facts);
}

/** A world whose first policy has lost its vault; its incident is open, and everybody was notified. */
export async function locked(names = ['p1']): Promise<{ world: World; id: string }> {
  const world = aWorld(names);
  await look(world, ...names);
  await world.clock.advance(30_000);
  make(world, names[0] ?? 'p1', VAULT_GONE);
  const [first] = await look(world, ...names);
  const id = first?.transition.incident?.id;
  assert.ok(id);
  await world.clock.advance(30_000);
  return { world, id };
}

/** Every row of the policies' table with its ETag: the same twice means that nothing was written. */
export function written(world: World): string[] {
  return world.tables.policies
    .rows()
    .map(({ partitionKey, rowKey, etag }) => `${partitionKey}/${rowKey} ${etag}`);
}
