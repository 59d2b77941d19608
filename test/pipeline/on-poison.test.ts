import assert from 'node:assert/strict';
import { it } from 'node:test';
import { respondToPoison } from '../../shared/pipeline/on-poison.ts';
import { aWorld, vaultEvent } from './a-world.ts';

/** As the runtime passes a message: parsed, and nested deeper than it could be written down again. */
function nested(event: string): object {
  const value: Record<string, unknown> = JSON.parse(event);
  let deep: unknown = 0;
  for (let n = 0; n < 200_000; n += 1) deep = [deep];
  return { ...value, extra: deep };
}

it('a message that failed too often is kept with its reason, however deep it is nested', async () => {
  const world = aWorld();
  const { ports } = world;
  const away = new Error('SECRET');
  away.name = 'https://hooks.example.com/?sig=SECRET';
  ports.watched = () => Promise.reject(away);
  for (const body of [vaultEvent({ at: ports.clock.now() }), nested(vaultEvent({ at: ports.clock.now() }))])
    await world.clock.drive(respondToPoison(body, ports));
  assert.equal(world.unreadable.length, 2);
  for (const { reason } of world.unreadable)
    assert.equal(reason, 'It failed ten times in the queue, and again now: unknown error.');
});
