import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { armError, list } from './fake-azure.ts';
import { POLICIES, POLICY, policyAnswer, SUBSCRIPTION, stage, VAULT } from './tenant.ts';

const FIRST = SUBSCRIPTION.split('/')[2] ?? '';
const SECOND = '99999999-2222-3333-4444-555555555555';

async function listed(answer: Parameters<ReturnType<typeof stage>['azure']['on']>[1]) {
  const { azure, reader, clock } = stage({ subscriptions: [FIRST, SECOND] });
  azure.on(POLICIES, answer);
  azure.on(POLICIES.replace(FIRST, SECOND), list(policyAnswer(POLICY.replace(FIRST, SECOND))));
  return clock.drive(reader.begin(10_000).listPolicies());
}

describe('the policies of the watched subscriptions', () => {
  it('are none where the subscription was never registered for them, and that is no blindness', async () => {
    const { policies, unreadable } = await listed(armError(409, 'MissingSubscriptionRegistration'));
    assert.deepEqual([policies.map(({ id }) => id), unreadable], [[POLICY.replace(FIRST, SECOND)], []]);
    const other = await listed(armError(409, 'Conflict'));
    assert.equal(other.unreadable.length, 1, 'another conflict is unknown');
  });

  it('are those of kind Encryption, in any case, Managed HSM among them', async () => {
    const hsm = {
      encryption: { keyVault: { id: VAULT.replace('/vaults/', '/MANAGEDHSMS/'), key: { name: 'k' } } },
    };
    const { policies, unreadable } = await listed(
      list(
        policyAnswer(),
        policyAnswer(`${POLICY}2`, { kind: 'encryption', properties: hsm }),
        policyAnswer(`${POLICY}3`, { kind: 'NetworkInjection' }),
        policyAnswer(`${POLICY}4`, { kind: undefined }),
      ),
    );
    assert.deepEqual(unreadable, []);
    assert.deepEqual(
      policies.map(({ name, managedHsm }) => [name, managedHsm]),
      [
        ['ep1', false],
        ['ep12', true],
        ['ep1', false],
      ],
    );
  });

  it('fail each subscription on its own', async () => {
    const { policies, unreadable } = await listed(armError(403, 'AuthorizationFailed'));
    assert.equal(policies.length, 1);
    assert.deepEqual(
      unreadable.map(({ subscriptionId, part }) => [subscriptionId, part.state === 'unknown' && part.reason]),
      [[FIRST, 'forbidden']],
    );
    assert.match(JSON.stringify(unreadable), /Reader on the subscription 1111/);
  });

  it('one that can’t be read is reported, beside those that can', async () => {
    const { policies, unreadable } = await listed(list({ id: 7 }, policyAnswer()));
    assert.equal(policies.length, 2);
    assert.equal(unreadable.length, 1);
    assert.match(JSON.stringify(unreadable), /Item 1 .* id is not/);
  });
});

describe('a policy', () => {
  async function read(changes: Record<string, unknown>) {
    const { azure, reader, clock } = stage();
    azure.on(POLICY, { body: policyAnswer(POLICY, changes) });
    const { policy } = await clock.drive(reader.begin(10_000).read(POLICY));
    return policy.state === 'known' ? policy.value : assert.fail(JSON.stringify(policy));
  }

  it('tells its identity under either of the two published names', async () => {
    assert.equal((await read({ identity: { systemAssignedIdentityPrincipalId: 'p' } })).principalId, 'p');
    assert.equal((await read({ identity: { principalId: 'q' } })).principalId, 'q');
    assert.equal((await read({ identity: undefined })).principalId, undefined);
  });

  it('keeps a pinned version, and no version that is none', async () => {
    const pinned = async (version: unknown) =>
      (await read({ properties: { encryption: { keyVault: { id: VAULT, key: { name: 'cmk', version } } } } }))
        .keyVersion;
    assert.equal(await pinned('abc'), 'abc');
    for (const none of ['N/A', 'n/a', '', null, undefined]) assert.equal(await pinned(none), undefined);
  });

  it('has no health where Azure tells none, or one that nobody knows', async () => {
    assert.equal((await read({ properties: { healthStatus: 'Unhealthy' } })).healthStatus, 'Unhealthy');
    assert.equal((await read({ properties: {} })).healthStatus, undefined);
    assert.equal((await read({ properties: { healthStatus: 'Splendid' } })).healthStatus, undefined);
  });
});
