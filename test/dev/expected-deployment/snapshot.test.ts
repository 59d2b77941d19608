import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seedWorld } from '../../../dev/azure-simulator/world/seed.ts';
import { contosoDeployment, contosoSnapshot } from '../../../dev/expected-deployment/contoso.ts';
import { deploymentOf } from '../../../dev/expected-deployment/from-snapshot.ts';
import { parseSnapshot, readSnapshot } from '../../../dev/expected-deployment/snapshot.ts';
import { sameId } from '../../../shared/azure/arm-id.ts';

const world = seedWorld(Date.parse('2026-11-23T12:00:00.000Z'));

describe('the expected deployment under the names of the Azure simulator', () => {
  const deployed = contosoDeployment();

  it('is of things that are there: each source, each audited vault, each watched subscription', () => {
    const there = [
      ...world.vaults.map(({ id }) => id),
      ...world.subscriptions.filter(({ watched }) => watched).map(({ id }) => `/subscriptions/${id}`),
    ];
    for (const id of [
      ...deployed.sources.map(({ sourceId }) => sourceId),
      ...deployed.auditSettings.map(({ vaultId }) => vaultId),
      ...deployed.roles.map(({ scope }) => scope),
    ])
      assert.ok(
        there.some((one) => sameId(one, id)),
        id,
      );
  });

  it('has a source for every vault that a policy of Contoso’s lies on, in the vault’s own region', () => {
    for (const { keyStoreId } of world.policies.filter((policy) =>
      /\/vaults\//.test(policy.keyStoreId ?? ''),
    )) {
      const vault = world.vaults.find(({ id }) => sameId(id, keyStoreId));
      const source = deployed.sources.find(({ sourceId }) => sameId(sourceId, keyStoreId));
      assert.equal(source?.location, vault?.location, keyStoreId);
    }
  });

  it('leaves no name of the scenario’s own', () =>
    assert.doesNotMatch(contosoSnapshot().text, /11111111-1111-4111-8111-|22222222-2222-4222-8222-/));
});

describe('what the Azure simulator can’t apply', () => {
  const changed = (from: string | RegExp, to: string) =>
    deploymentOf(parseSnapshot('changed', contosoSnapshot().text.replace(from, to)));

  it('stops it, and is never left out in silence: events that are pushed, or a topic of somebody else’s', () => {
    assert.throws(() => deploymentOf(readSnapshot('push')), /deliveryWithResourceIdentity/);
    assert.throws(() => deploymentOf(readSnapshot('topic-reused')), /evgt-.* is not deployed/);
  });

  it('is another kind of filter, too', () =>
    assert.throws(() => changed('StringBeginsWith', 'StringContains'), /StringBeginsWith/));

  it('and a grant to nobody knows whom', () =>
    assert.throws(
      () => changed(/"principalId": "[^"]*"/, '"principalId": "[somebody()]"'),
      /It is not known whom .* is for/,
    ));
});
