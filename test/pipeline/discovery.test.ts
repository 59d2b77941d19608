import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { say } from '../../shared/notices/say/say.ts';
import { respond } from '../../shared/pipeline/on-message.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import { SAY } from '../notices/a-notice.ts';
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

describe('policies of one vault that a sweep finds', () => {
  const breaks: [words: string, broken: (big: ReturnType<typeof aBigWorld>) => void, cause: string][] = [
    ['was deleted', ({ tenant }) => void tenant.deleteVault(tenant.vaultIds[0] ?? ''), 'vault deleted'],
    [
      'is closed to Power Platform',
      ({ tenant }) =>
        tenant.change(tenant.vaultIds[0] ?? '', (body) => ({
          ...body,
          properties: {
            ...Object(body.properties),
            networkAcls: { defaultAction: 'Deny', bypass: 'None', ipRules: [], virtualNetworkRules: [] },
          },
        })),
      'network restricted',
    ],
  ];
  for (const [words, broken, cause] of breaks)
    it(`120 of one that ${words} are one message for one cause, at once, and none is left for the next sweep`, async () => {
      const big = aBigWorld({ policies: 120, vaults: 1, subscriptions: 1 });
      const { world } = big;
      broken(big);
      const began = world.clock.nowMs();
      const { discovered, notReached } = await world.clock.drive(sweep(world.ports));
      assert.deepEqual([discovered, notReached], [120, 0]);
      assert.ok(world.clock.nowMs() - began < 3_000);
      for (let n = 0; n < 3; n += 1) {
        await world.clock.advance(30_000);
        await world.clock.drive(sweep(world.ports));
      }
      for (const { name, sent } of world.channels) {
        const told = sent.filter(({ incidents }) => incidents.length > 0);
        assert.deepEqual(
          told.map(({ reason, incidents }) => `${reason} of ${incidents.length}`),
          ['opened of 120'],
          name,
        );
        const { title } = say(told[0] ?? assert.fail(), SAY);
        assert.equal(
          title,
          `environments of policies ep-0, ep-1 and 118 more offline: ${cause} (vault kv-0)`,
        );
      }
    });

  it('240 of one, where only the first has a broken key, are read in parts, and none becomes unknown', async () => {
    const big = aBigWorld({ policies: 240, vaults: 1, subscriptions: 1 });
    const { world, tenant } = big;
    // The first one's own key.
    const key = `${tenant.vaultIds[0]}/keys/cmk-0`;
    const disabled = (item: Record<string, unknown>) => ({
      ...item,
      properties: { ...Object(item.properties), attributes: { enabled: false } },
    });
    tenant.change(key, disabled);
    tenant.change(`${key}/versions`, ({ value }) => ({ value: (value as []).map(disabled) }));
    await learn(big);
    const told = world.channels[0]?.sent.filter(({ incidents }) => incidents.length > 0) ?? [];
    assert.deepEqual(
      told.map(({ reason, incidents }) => `${reason} of ${incidents.length}`),
      ['opened of 1'],
    );
    for (const { parts } of await policyStatesOf(world))
      for (const part of [parts.vault, parts.key, parts.permission]) assert.equal(part?.state, 'known');
  });
});
