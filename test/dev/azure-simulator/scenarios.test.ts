import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { perform, SCENARIOS } from '../../../dev/azure-simulator/scenarios/register.ts';
import { ScenarioRefusedError } from '../../../dev/azure-simulator/scenarios/scenario.ts';
import { applyLocks, whyUnusable } from '../../../dev/azure-simulator/world/apply-locks.ts';
import { MAIN_POLICY, seedWorld } from '../../../dev/azure-simulator/world/seed.ts';
import { withDemoPolicies } from '../../../dev/azure-simulator/world/seed-demo.ts';
import { linkedEnvironments, type World } from '../../../dev/azure-simulator/world/world.ts';
import { TRIGGER_IDS } from '../../../shared/triggers/finding.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');

/** What each trigger raises in Azure: Resource Manager operations and Key Vault event types. */
const RAISES: Record<string, string[]> = {
  'permissions-revoked': ['Microsoft.Authorization/roleAssignments/delete'],
  'vault-deleted': ['Microsoft.KeyVault/vaults/delete'],
  'policy-deleted': ['Microsoft.PowerPlatform/enterprisePolicies/delete'],
  'public-access-disabled': ['Microsoft.KeyVault/vaults/write'],
  'network-restricted': ['Microsoft.KeyVault/vaults/write'],
  'key-expired': ['KeyExpired'],
  'key-disabled': [],
  'key-deleted': [],
  'key-version-disabled': [],
  'key-not-yet-active': [],
  'key-unusable': [],
  locked: [],
};

function policyIn(world: World, name: string) {
  const policy = [...world.policies, ...world.deletedPolicies].find((candidate) => candidate.name === name);
  assert.ok(policy, name);
  return policy;
}

function runtimes(world: World, name: string): string[] {
  return linkedEnvironments(world, policyIn(world, name).id).map((environment) => environment.runtime);
}

/** Does it, and lets Power Platform react at once. */
function doIt(world: World, scenario: string, policy: string, now = NOW) {
  const done = perform(world, scenario, { policy }, now);
  return { ...done, world: applyLocks(done.world, now, 0) };
}

describe('the scenarios of the Azure simulator', () => {
  const demo = withDemoPolicies(seedWorld(NOW), NOW);

  test('in the seeded world every policy can use its key', () => {
    for (const policy of demo.policies) assert.equal(whyUnusable(demo, policy, NOW), undefined, policy.name);
  });

  test('the seed has the shapes that the product must tell apart', () => {
    const seed = seedWorld(NOW);
    assert.ok(seed.policies.filter((policy) => policy.kind === 'Encryption').length >= 4);
    assert.ok(seed.policies.some((policy) => policy.keyStoreId?.includes('/managedHSMs/')));
    assert.ok(
      seed.policies.some(
        (policy) => policy.kind === 'Encryption' && linkedEnvironments(seed, policy.id).length === 0,
      ),
    );
    assert.ok(seed.environments.length >= 12);
    assert.ok(new Set(seed.environments.map((environment) => environment.sku)).size >= 4);
    assert.deepEqual(new Set(seed.vaults.map((vault) => vault.rbac)), new Set([true, false]));
    assert.ok(new Set(seed.vaults.map((vault) => vault.location)).size >= 2);
    const shared = seed.policies.filter(
      (policy) => policy.keyStoreId === policyIn(seed, MAIN_POLICY).keyStoreId,
    );
    assert.equal(shared.length, 2);
    for (const vault of demo.vaults) assert.match(vault.name, /^[a-z][a-z0-9-]{1,22}[a-z0-9]$/);
  });

  for (const trigger of TRIGGER_IDS) {
    const policy = `ep-${trigger}`;
    const { world: locked, outcome } = doIt(demo, trigger, policy);

    test(`${trigger} locks its own policy’s environments and nobody else’s`, () => {
      assert.deepEqual(runtimes(locked, policy), ['Disabled', 'Disabled']);
      const others = locked.environments.filter(
        (environment) => environment.link?.policyId !== policyIn(locked, policy).id,
      );
      assert.ok(others.every((environment) => environment.runtime === 'Enabled'));
    });

    test(`${trigger} raises exactly what Azure raises, and says why where that is nothing`, () => {
      const raised = outcome.events.map((event) =>
        event.from === 'keyVault' ? event.type : event.operation,
      );
      assert.deepEqual(raised, RAISES[trigger]);
      assert.equal(outcome.silent !== undefined, raised.length === 0);
    });

    test(`undoing ${trigger} restores access where it can, and never re-enables an environment by itself`, () => {
      let { world } = doIt(locked, `undo-${trigger}`, policy, NOW + 1000);
      if (trigger === 'vault-deleted') {
        const live = world.policies.find((candidate) => candidate.name === policy);
        assert.equal(live && whyUnusable(world, live, NOW), 'the identity has no permission');
        ({ world } = doIt(world, 'grant-permissions', policy, NOW + 2000));
      }
      const restored = trigger !== 'policy-deleted';
      const live = world.policies.find((candidate) => candidate.name === policy);
      assert.equal(live?.health === 'Healthy', restored);
      assert.deepEqual(runtimes(world, policy), ['Disabled', 'Disabled']);
      if (restored)
        assert.deepEqual(runtimes(doIt(world, 'reenable-environment', policy, NOW + 3000).world, policy), [
          'Enabled',
          'Enabled',
        ]);
      else assert.throws(() => doIt(world, 'reenable-environment', policy, NOW + 3000), ScenarioRefusedError);
    });
  }

  // azure-docs issues 102149 and 55914: a vault of another tenant refuses the identities of this one.
  for (const [scenario, why] of [
    ['tenant-changed', 'the vault trusts another tenant'],
    ['vault-moved', 'the vault is gone'],
  ] as const)
    test(`${scenario} takes the key away, and its undo gives it back with its grants`, () => {
      const policy = 'ep-vault-deleted';
      const { world } = doIt(demo, scenario, policy);
      assert.equal(whyUnusable(world, policyIn(world, policy), NOW), why);
      assert.throws(() =>
        doIt(scenario === 'vault-moved' ? world : demo, 'undo-vault-moved', 'ep-key-deleted'),
      );
      const { world: back } = doIt(world, `undo-${scenario}`, policy);
      assert.equal(whyUnusable(back, policyIn(back, policy), NOW), undefined);
    });

  test('every trigger has a scenario of its name and one that reverses it', () => {
    const names = SCENARIOS.map((scenario) => scenario.name);
    for (const trigger of TRIGGER_IDS)
      assert.ok(names.includes(trigger) && names.includes(`undo-${trigger}`), trigger);
    assert.equal(new Set(names).size, names.length);
  });

  test('every scenario of the list says truly whether it raises an event', () => {
    for (const scenario of SCENARIOS)
      assert.equal(scenario.raises === null, scenario.silent !== undefined, scenario.name);
  });

  test('in a vault with access policies, taking the entry away raises both events', () => {
    const { outcome, world } = doIt(seedWorld(NOW), 'permissions-revoked', 'ep-sales');
    assert.deepEqual(
      outcome.events.map((event) => (event.from === 'keyVault' ? event.type : event.operation)),
      ['Microsoft.KeyVault/vaults/accessPolicies/write', 'VaultAccessPolicyChanged'],
    );
    assert.ok(runtimes(world, 'ep-sales').every((runtime) => runtime === 'Disabled'));
  });

  test('a role taken away at the management group reaches no subscription’s topic', () => {
    const { outcome } = doIt(seedWorld(NOW), 'permissions-revoked', 'ep-field');
    assert.deepEqual(outcome.events, []);
    assert.match(outcome.silent ?? '', /management group/);
  });

  for (const [scenario, policy] of [
    ['role-removed-through-group', 'ep-apps'],
    ['custom-role-edited', 'ep-people'],
    ['deny-assignment-added', 'ep-finance'],
    ['permission-model-flipped', 'ep-finance'],
    ['resource-group-deleted', 'ep-apps'],
  ] as const)
    test(`${scenario} takes the key out of reach, and its undoing brings it back (but for lost roles)`, () => {
      const { world } = doIt(seedWorld(NOW), scenario, policy);
      assert.equal(policyIn(world, policy).health, 'Unhealthy');
      const undone = doIt(world, `undo-${scenario}`, policy, NOW + 1).world;
      assert.equal(policyIn(undone, policy).health, 'Healthy');
    });

  test('one vault deleted takes both of its policies down', () => {
    const { world } = doIt(seedWorld(NOW), 'vault-deleted', 'ep-finance');
    for (const policy of ['ep-finance', 'ep-people'])
      assert.equal(policyIn(world, policy).health, 'Unhealthy');
  });

  test('a recovered vault has neither its role assignments nor its event subscription', () => {
    const deleted = doIt(seedWorld(NOW), 'vault-deleted', 'ep-people').world;
    const { world } = doIt(deleted, 'undo-vault-deleted', 'ep-people');
    const vault = world.vaults.find((candidate) => candidate.name === 'kv-contoso-eu');
    assert.equal(vault?.eventSubscription, false);
    assert.ok(!world.roleAssignments.some((assignment) => assignment.scope.startsWith(`${vault?.id}`)));
  });

  test('a key made anew under the same name unlocks nothing', () => {
    const { world } = doIt(seedWorld(NOW), 'key-recreated', 'ep-finance');
    assert.equal(
      whyUnusable(world, policyIn(world, 'ep-finance'), NOW),
      'the key is another one of the same name',
    );
  });

  test('a previous version may be disabled 28 days after its successor was made, and not before', () => {
    const { world } = doIt(seedWorld(NOW), 'key-version-disabled', 'ep-finance');
    const policy = policyIn(world, 'ep-finance');
    const day = 86_400_000;
    // The seed's successor is ten days old.
    assert.equal(whyUnusable(world, policy, NOW + 17 * day), 'a key version still in use is disabled');
    assert.equal(whyUnusable(world, policy, NOW + 18 * day), undefined);
  });

  test('environments lock one lock delay after the operation', () => {
    const { world } = perform(seedWorld(NOW), 'key-disabled', { policy: 'ep-finance' }, NOW);
    const noticed = applyLocks(world, NOW, 5_000);
    assert.ok(runtimes(applyLocks(noticed, NOW + 4_999, 5_000), 'ep-finance').includes('Enabled'));
    assert.ok(!runtimes(applyLocks(noticed, NOW + 5_000, 5_000), 'ep-finance').includes('Enabled'));
  });

  test('the operations on keys are in the audit log, with enabled only where the request set it', () => {
    const disabled = doIt(seedWorld(NOW), 'key-disabled', 'ep-people').outcome.audit;
    assert.deepEqual(
      disabled.map(({ operation, enabled }) => ({ operation, enabled })),
      [{ operation: 'KeyUpdate', enabled: false }],
    );
    const unusable = doIt(seedWorld(NOW), 'key-unusable', 'ep-people').outcome.audit;
    assert.deepEqual(
      unusable.map(({ operation, enabled }) => ({ operation, enabled })),
      [{ operation: 'KeyUpdate', enabled: undefined }],
    );
  });

  test('names are found without case, by name or by id; an unknown one is refused with the choices', () => {
    const seed = seedWorld(NOW);
    assert.equal(
      perform(seed, 'key-disabled', { policy: 'EP-FINANCE' }, NOW).target.policy?.name,
      'ep-finance',
    );
    const id = policyIn(seed, 'ep-people').id.toUpperCase();
    assert.equal(perform(seed, 'key-disabled', { policy: id }, NOW).target.policy?.name, 'ep-people');
    assert.equal(
      perform(seed, 'vault-deleted', { vault: 'kv-contoso-us' }, NOW).target.policy?.name,
      'ep-sales',
    );
    for (const field of ['policy', 'vault', 'key', 'environment', 'actor'])
      assert.throws(
        () => perform(seed, 'key-disabled', { [field]: 'nobody' }, NOW),
        (error: unknown) =>
          error instanceof ScenarioRefusedError &&
          error.status === 404 &&
          error.field === field &&
          (error.choices?.length ?? 0) > 0,
      );
    assert.throws(
      () => perform(seed, 'no-such-scenario', {}, NOW),
      (error: unknown) =>
        error instanceof ScenarioRefusedError && error.status === 404 && error.field === 'scenario',
    );
  });

  test('any sequence of scenarios either does or refuses, and never touches the world it was given', () => {
    const seed = withDemoPolicies(seedWorld(NOW), NOW);
    const name = fc.constantFrom(...SCENARIOS.map((scenario) => scenario.name));
    const policy = fc.constantFrom(...seed.policies.map((candidate) => candidate.name));
    fc.assert(
      fc.property(fc.array(fc.record({ name, policy }), { maxLength: 12 }), (steps) => {
        let world: World = seed;
        let now = NOW;
        for (const step of steps) {
          now += 1_000;
          const before = structuredClone(world);
          try {
            const done = perform(world, step.name, { policy: step.policy }, now);
            assert.deepEqual(world, before);
            assert.equal(done.outcome.silent === undefined, done.outcome.events.length > 0);
            world = applyLocks(done.world, now, 0);
          } catch (error) {
            if (!(error instanceof ScenarioRefusedError)) throw error;
            assert.deepEqual(world, before);
          }
          for (const candidate of world.policies)
            assert.equal(candidate.access.usable, whyUnusable(world, candidate, now) === undefined);
        }
      }),
      { numRuns: 60 },
    );
  });
});
