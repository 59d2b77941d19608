import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { respond } from '../../shared/pipeline/on-message.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import { aBigWorld, learn, policyStatesOf } from './a-big-world.ts';
import { aWorld, OTHER_VAULT_ID, policyId, vaultEvent } from './a-world.ts';

const eventOfNobody = (n: number, at: string) =>
  vaultEvent({ operation: 'Microsoft.KeyVault/vaults/write', vaultId: OTHER_VAULT_ID, id: `e${n}`, at });

describe('an app that starts with a full queue', () => {
  it('reads each policy once, however many messages it is given at once', async () => {
    const names = ['p1', 'p2', 'p3'];
    const world = aWorld(names);
    const at = world.clock.now();
    const responses = await world.clock.drive(
      Promise.all(Array.from({ length: 24 }, (_, n) => respond(eventOfNobody(n, at), world.ports))),
    );
    assert.equal(responses.length, 24);
    assert.deepEqual(world.reads.sort(), names.map(policyId).sort());
    assert.equal((await policyStatesOf(world)).length, 3);
  });

  it('reads each policy once also where its first sweep begins meanwhile', async () => {
    const names = ['p1', 'p2', 'p3'];
    const world = aWorld(names);
    const at = world.clock.now();
    const both = Promise.all([respond(eventOfNobody(1, at), world.ports), sweep(world.ports)]);
    await world.clock.drive(both);
    assert.deepEqual(world.reads.sort(), names.map(policyId).sort());
  });

  it('still finds whom a message of that queue concerns', async () => {
    const world = aWorld();
    const at = world.clock.now();
    const first = respond(eventOfNobody(1, at), world.ports);
    const second = respond(vaultEvent({ operation: 'Microsoft.KeyVault/vaults/write', at }), world.ports);
    const [, response] = await world.clock.drive(Promise.all([first, second]));
    assert.deepEqual(response.read, [policyId('p1')]);
  });
});

describe('a tenant without policies', () => {
  it('is listed once for all the events that concern nobody', async () => {
    const world = aWorld([]);
    let lists = 0;
    const { begin } = world.ports.facts;
    world.ports.facts = {
      begin(...given) {
        const session = begin(...given);
        return {
          ...session,
          async listPolicies() {
            lists += 1;
            return session.listPolicies();
          },
        };
      },
    };
    for (let n = 0; n < 10; n += 1)
      await world.clock.drive(respond(eventOfNobody(n, world.clock.now()), world.ports));
    assert.equal(lists, 1);
  });

  it('whose subscription could not be listed is listed again', async () => {
    const world = aWorld([]);
    const { begin } = world.ports.facts;
    let isRefused = true;
    world.ports.facts = {
      begin(...given) {
        const session = begin(...given);
        return {
          ...session,
          async listPolicies() {
            const listed = await session.listPolicies();
            const part = {
              state: 'unknown',
              reason: 'timeout',
              detail: 'late',
              readAt: world.clock.now(),
            } as const;
            return isRefused
              ? { ...listed, policies: [], unreadable: [{ subscriptionId: 's', part }] }
              : listed;
          },
        };
      },
    };
    await world.clock.drive(respond(eventOfNobody(1, world.clock.now()), world.ports));
    isRefused = false;
    world.observedState.set(policyId('p1').toLowerCase(), {});
    await world.clock.drive(respond(eventOfNobody(2, world.clock.now()), world.ports));
    assert.equal((await policyStatesOf(world)).length, 1);
  });

  it('finds a policy by the event of its creation', async () => {
    const world = aWorld([]);
    await world.clock.drive(respond(eventOfNobody(1, world.clock.now()), world.ports));
    world.observedState.set(policyId('p1').toLowerCase(), {});
    const written = vaultEvent({
      operation: 'Microsoft.PowerPlatform/enterprisePolicies/write',
      vaultId: policyId('p1'),
      at: world.clock.now(),
    });
    await world.clock.drive(respond(written, world.ports));
    assert.equal((await policyStatesOf(world)).length, 1);
  });
});

it('160 policies of one vault, more than one sweep may read, become known within a few sweeps', async () => {
  const big = aBigWorld({ policies: 160, vaults: 1, subscriptions: 1 });
  await learn(big);
  for (const { parts } of await policyStatesOf(big.world)) assert.equal(parts.vault?.state, 'known');
});
