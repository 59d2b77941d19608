import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mayRead, mayUseData } from '../../../dev/azure-simulator/world/access.ts';
import { deployInto, topicPrincipal } from '../../../dev/azure-simulator/world/deploy.ts';
import { guidOf } from '../../../dev/azure-simulator/world/ids.ts';
import { ADD_MESSAGE } from '../../../dev/azure-simulator/world/roles.ts';
import { seedWorld } from '../../../dev/azure-simulator/world/seed.ts';
import { deleteAppIdentity, deleteTopics } from '../../../dev/azure-simulator/world/undeploy.ts';
import type { World } from '../../../dev/azure-simulator/world/world.ts';
import { contosoDeployment } from '../../../dev/expected-deployment/contoso.ts';
import type { Deployment } from '../../../dev/expected-deployment/deployment.ts';
import { PRINCIPAL } from '../../../dev/expected-deployment/role-assignment.ts';

const NOW = Date.parse('2026-11-23T12:00:00.000Z');
const DAY_MS = 86_400_000;
const CONTAINERS = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs';
const deployment = contosoDeployment();
const deployed = deployInto(seedWorld(NOW), deployment, NOW);
const [topic] = deployment.sources.map(({ topicId }) => topicId);
const group = topic?.split('/').slice(0, 5).join('/') ?? '';

/** The rights that the deployment is for: each topic delivers and keeps, and the app reads and works. */
function assertAllRights(world: World): void {
  const account = deployment.grants
    .map(({ scope }) => scope)
    .find((scope) => /\/storageAccounts\/[^/]+$/.test(scope));
  const queue = `${account}/queueServices/default/queues/lockwatch-signals`;
  const container = `${account}/blobServices/default/containers/dead-letters`;
  for (const { topicId } of deployment.sources) {
    const principal = topicPrincipal(world, topicId);
    assert.ok(mayUseData(world, principal, ADD_MESSAGE, queue), `${topicId} may not deliver`);
    assert.ok(mayUseData(world, principal, `${CONTAINERS}/write`, container), `${topicId} may not keep`);
  }
  for (const { scope } of deployment.roles)
    assert.ok(mayRead(world, world.app.objectId, 'Microsoft.KeyVault/vaults/read', scope), scope);
  const tables = 'Microsoft.Storage/storageAccounts/tableServices/tables/entities/read';
  assert.ok(
    mayUseData(world, world.app.objectId, tables, `${account}/tableServices/default/tables/policies`),
  );
}

/** The same deployment with names that do not know the principal, as a template without its id would make them. */
function withOldNames(): Deployment {
  const old = structuredClone(deployment);
  for (const grant of old.grants)
    grant.id = guidOf(`${JSON.stringify(grant.to)} ${grant.scope} ${grant.roleId}`);
  return old;
}

const DELETED: Readonly<Record<string, (world: World) => World>> = {
  'a system topic': (world) => deleteTopics(world, topic ?? ''),
  'a resource group of topics': (world) => deleteTopics(world, group),
  'the app’s identity': deleteAppIdentity,
};

describe('a second deployment', () => {
  it('of the same changes nothing', () => {
    assertAllRights(deployed);
    assert.deepEqual(deployInto(deployed, deployment, NOW + DAY_MS), deployed);
  });

  for (const [what, remove] of Object.entries(DELETED)) {
    it(`after somebody deleted ${what} gives every right again`, () => {
      const after = remove(deployed);
      assert.throws(() => assertAllRights(after), `without ${what} something is missing`);
      const again = deployInto(after, deployment, NOW + DAY_MS);
      assertAllRights(again);
      assert.equal(again.deployed.sources.length, deployment.sources.length);
      for (const old of deployed.roleAssignments)
        assert.ok(
          again.roleAssignments.some(({ id }) => id === old.id),
          'Azure keeps the old identity’s',
        );
    });

    it(`after somebody deleted ${what} is refused where a name does not hold the principal’s id`, () => {
      const old = withOldNames();
      const first = deployInto(seedWorld(NOW), old, NOW);
      assert.throws(() => deployInto(remove(first), old, NOW + DAY_MS), {
        name: 'DeploymentRefusedError',
        message:
          'RoleAssignmentUpdateNotPermitted: Tenant ID, application ID, principal ID, and scope are not allowed to be updated.',
      });
    });
  }

  it('is refused where the same right has another name already', () => {
    const first = deployInto(seedWorld(NOW), withOldNames(), NOW);
    assert.throws(() => deployInto(first, deployment, NOW), {
      message: 'RoleAssignmentExists: The role assignment already exists.',
    });
  });

  it('may be made twice over, each time with an identity of its own', () => {
    const seen = new Set<string>();
    let world = deployed;
    for (let times = 0; times < 3; times += 1) {
      seen.add(topicPrincipal(world, topic ?? ''));
      world = deployInto(deleteTopics(world, topic ?? ''), deployment, NOW + times * DAY_MS);
      assertAllRights(world);
    }
    assert.equal(seen.size, 3);
  });
});

describe('the name of a role assignment', () => {
  it('holds the principal’s id, unless it is known beforehand', () => {
    for (const { id, to } of deployment.grants)
      assert.equal(id.includes(PRINCIPAL), to.kind !== 'principal', id);
  });
});
