import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namelessIds, withName, withNames } from '../../shared/signals/actor-names.ts';
import type { Actor, Signal } from '../../shared/signals/signal.ts';

const ID = '11111111-AAAA-bbbb-cccc-000000000001';
const names = {
  ask: async () => {},
  known: (id: string) =>
    id === ID.toLowerCase() ? { name: 'contoso-infra-pipeline', kind: 'application' as const } : undefined,
};
const signal = (actor?: Actor, outcome: Signal['outcome'] = 'success'): Signal => ({
  id: 's',
  source: 'audit',
  type: 'KeyUpdate',
  outcome,
  scope: '/x',
  at: '2026-11-23T03:00:00.000Z',
  ...(actor && { actor }),
});

test('only who did something, and is known by an object id alone, is worth a look-up', () => {
  const worth = { objectId: ` ${ID} `, kind: 'unknown' as const };
  const signals = [
    signal(worth),
    signal(worth),
    signal(),
    signal({ name: 'eve@contoso.com', objectId: ID, kind: 'user' }),
    signal({ objectId: "x/../me'", kind: 'unknown' }),
    signal({ ipAddress: '192.0.2.1', kind: 'unknown' }),
  ];
  assert.deepEqual(namelessIds(signals), [ID.toLowerCase()]);
  assert.deepEqual(namelessIds([signal(worth, 'failure')]), []);
});

test('a name that is reported by the act itself is not replaced, and what else is known of the actor stays', () => {
  const told: Actor = { name: 'eve@contoso.com', objectId: ID, kind: 'user' };
  assert.equal(withName(told, names), told);
  assert.equal(withName(undefined, names), undefined);
  const actor: Actor = { objectId: ID, application: 'app', ipAddress: '192.0.2.8', kind: 'unknown' };
  assert.deepEqual(withName(actor, names), {
    ...actor,
    name: 'contoso-infra-pipeline',
    kind: 'application',
  });
  const [same, named] = withNames([signal(told), signal(actor)], names);
  assert.deepEqual([same?.actor?.name, named?.actor?.name], ['eve@contoso.com', 'contoso-infra-pipeline']);
});
