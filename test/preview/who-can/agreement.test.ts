import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { mayDo } from '../../../dev/azure-simulator/authorization/may-do.ts';
import { SCENARIO_RIGHTS } from '../../../dev/azure-simulator/authorization/scenario-rights.ts';
import { perform, SCENARIOS } from '../../../dev/azure-simulator/scenarios/register.ts';
import { ScenarioRefusedError } from '../../../dev/azure-simulator/scenarios/scenario.ts';
import { seedWorld } from '../../../dev/azure-simulator/world/seed.ts';
import type { World } from '../../../dev/azure-simulator/world/world.ts';
import { type Holder, holdersOf } from '../../../shared/preview/who-can/holders.ts';
import {
  LOCKING_OPERATIONS,
  type LockingOperation,
  type LockingOperationId,
} from '../../../shared/preview/who-can/locking-operations.ts';
import { alternativesOf } from '../../../shared/preview/who-can/right.ts';
import { whoCan } from '../../../shared/preview/who-can/who-can.ts';
import { startTestSimulator } from '../../dev/azure-simulator/harness.ts';
import { randomWorld } from './random-world.ts';
import { activated, helpedOneself, isAllowed, neededFor } from './simulated-person.ts';
import { rightsIn } from './world-rights.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');

type Listed = 'now' | 'afterActivation' | 'inTwoSteps' | 'perhaps' | 'not';

/** The list's word on one person, who may also be behind a group of it. */
function listedAs(world: World, holders: readonly Holder[], personId: string): Listed {
  const groups = world.groups.filter(({ members }) => members.includes(personId)).map(({ id }) => id);
  const own = holders.filter(({ principalId }) => [personId, ...groups].includes(principalId));
  const certain = own.filter((one) => one.perhapsDenied.length === 0 && !isConditional(one));
  // A deny assignment that names a member takes nothing from the group, which is all that the list shows.
  const isNamedByDenial = world.denyAssignments.some(({ principalId, excluded = [] }) =>
    [principalId, ...excluded].some((one) => one === personId || /^[0-]+$/.test(one)),
  );
  const direct = certain.filter(({ principalId }) => principalId === personId || !isNamedByDenial);
  if (direct.some(({ how }) => how === 'now')) return 'now';
  if (own.some((one) => !direct.includes(one))) return 'perhaps';
  return direct[0]?.how ?? 'not';
}

const isConditional = ({ through }: Holder) => through.some(({ condition }) => condition !== undefined);

/** Compares the whole list of one policy with what the simulator lets each person do. */
async function compare(
  world: World,
  policyName: string,
  people: readonly string[],
): Promise<Record<Listed, number>> {
  const policy = world.policies.find(({ name }) => name === policyName);
  assert.ok(policy);
  const rights = await rightsIn(world, policyName);
  const counts = { now: 0, afterActivation: 0, inTwoSteps: 0, perhaps: 0, not: 0 };
  const active = activated(world);
  const helped = new Map(
    people.map((id) => [id, [helpedOneself(world, id, policy), helpedOneself(active, id, policy)] as const]),
  );
  for (const { operation, holders, unknown } of whoCan([rights])) {
    if (neededFor(world, operation, policy).length === 0) continue;
    assert.equal(unknown, null);
    for (const personId of people) {
      const listed = listedAs(world, holders, personId);
      const name = world.people.find(({ objectId }) => objectId === personId)?.name ?? personId;
      const about = `${name}: ${operation} of ${policyName} is listed as ${listed}`;
      counts[listed] += 1;
      if (listed === 'perhaps') continue;
      const may = (at: World): boolean => isAllowed(at, personId, operation, policy);
      if (listed !== 'now' && isSplit(world, rights, operation, personId)) continue;
      assert.equal(may(world), listed === 'now', about);
      if (listed === 'now') continue;
      const [alone, withAll] = helped.get(personId) ?? assert.fail();
      if (listed === 'afterActivation') assert.ok(may(active), about);
      if (listed === 'inTwoSteps') assert.ok(may(withAll), about);
      if (listed === 'not') assert.ok(!may(alone) && !may(withAll), about);
    }
  }
  return counts;
}

/** Several rights, of which somebody holds one themselves and another by a group: said beside the list. */
function isSplit(
  world: World,
  rights: Awaited<ReturnType<typeof rightsIn>>,
  operation: LockingOperationId,
  personId: string,
): boolean {
  const groups = world.groups.filter(({ members }) => members.includes(personId)).map(({ id }) => id);
  const needs = (LOCKING_OPERATIONS[operation] as LockingOperation).needs(rights);
  const needed = needs === null ? [] : alternativesOf(needs).anyOf.flat();
  return groups.length > 0 && needed.length > 1 && needed.some((one) => holdersOf(rights, one).size > 0);
}

describe('who can do it, compared with what the simulator lets them do', () => {
  const world = seedWorld(NOW);
  const people = world.people.map(({ objectId }) => objectId);
  for (const { name } of world.policies.filter(
    ({ kind, keyStoreId }) => kind === 'Encryption' && /\/vaults\//.test(keyStoreId ?? ''),
  ))
    it(`every seeded person and every operation on ${name}`, async () => {
      const counts = await compare(world, name, people);
      assert.ok(counts.now > 20 && counts.not > 20, JSON.stringify(counts));
    });

  it('people of every kind are among the seeded ones', async () => {
    const of = async (policy: string) => compare(world, policy, people);
    const all = [await of('ep-finance'), await of('ep-sales')];
    for (const kind of ['now', 'afterActivation', 'inTwoSteps', 'perhaps', 'not'] as const)
      assert.ok(
        all.some((counts) => counts[kind] > 0),
        kind,
      );
  });

  it('random roles, scopes, groups, deny assignments, eligible roles and access policies', async () => {
    const counts = { now: 0, afterActivation: 0, inTwoSteps: 0, perhaps: 0, not: 0 };
    await fc.assert(
      fc.asyncProperty(
        randomWorld({ ...seedWorld(NOW), environments: [] }),
        async ({ world: made, people: some, policy }) => {
          const found = await compare(made, policy, some);
          for (const kind of Object.keys(counts) as Listed[]) counts[kind] += found[kind];
        },
      ),
      { numRuns: 100, seed: 20261129 },
    );
    for (const [kind, count] of Object.entries(counts)) assert.ok(count > 50, `${kind}: ${count}`);
  });
});

describe('a person of the simulator', () => {
  const world = seedWorld(NOW);
  const as = (person: string, scenario: string, policy: string) => {
    try {
      return perform(world, scenario, { policy, as: person }, NOW).actor.key;
    } catch (error) {
      assert.ok(error instanceof ScenarioRefusedError);
      return error.code ?? error.message;
    }
  };

  it('does what their roles allow, and gets Azure’s refusal for the rest', () => {
    assert.equal(as('kofi', 'public-access-disabled', 'ep-finance'), 'kofi');
    assert.equal(as('kofi', 'key-disabled', 'ep-finance'), 'ForbiddenByRbac');
    assert.equal(as('cleo', 'key-disabled', 'ep-finance'), 'cleo');
    assert.equal(as('cleo', 'vault-deleted', 'ep-finance'), 'AuthorizationFailed');
    assert.equal(as('cleo', 'key-disabled', 'ep-people'), 'ForbiddenByRbac', 'her right is at one key');
    assert.equal(as('gwen', 'key-deleted', 'ep-apps'), 'gwen', 'by a group');
    assert.equal(as('ade', 'key-disabled', 'ep-sales'), 'ade', 'by an access policy');
    assert.equal(as('ade', 'key-purged', 'ep-sales'), 'ForbiddenByPolicy');
    assert.equal(as('uma', 'permissions-revoked', 'ep-finance'), 'AuthorizationFailed', 'by the condition');
    assert.equal(as('pia', 'vault-deleted', 'ep-sales'), 'AuthorizationFailed', 'her role is not active');
    assert.equal(as('ravi', 'reenable-environment', 'ep-finance'), 'ravi');
    assert.equal(as('ravi', 'key-disabled', 'ep-finance'), 'ForbiddenByRbac');
    assert.equal(as('connie', 'permissions-revoked', 'ep-sales'), 'connie');
    assert.equal(as('connie', 'permission-model-flipped', 'ep-sales'), 'AuthorizationFailed');
    assert.equal(as('olga', 'permission-model-flipped', 'ep-finance'), 'olga');
    assert.equal(as('olga', 'key-disabled', 'ep-finance'), 'ForbiddenByRbac', 'an Owner has no data actions');
  });

  it('is refused over HTTP with 403, and nothing happens; without a person no right is asked for', async () => {
    const simulator = await startTestSimulator();
    const post = (body: object) =>
      fetch(`${simulator.control}/scenarios/key-deleted`, { method: 'POST', body: JSON.stringify(body) });
    const refused = await post({ policy: 'ep-finance', as: 'ravi' });
    assert.equal(refused.status, 403);
    assert.equal(((await refused.json()) as { error: { code: string } }).error.code, 'ForbiddenByRbac');
    const events = (await (await fetch(`${simulator.control}/events`)).json()) as unknown[];
    assert.deepEqual(events, []);
    assert.equal((await post({ policy: 'ep-finance', actor: 'ravi' })).status, 200);
  });

  it('is asked for a right by every scenario that somebody does in Azure', () => {
    const names = SCENARIOS.map(({ name }) => name);
    assert.deepEqual(
      Object.keys(SCENARIO_RIGHTS).filter((name) => !names.includes(name)),
      [],
    );
    const without = names.filter((name) => !SCENARIO_RIGHTS[name]);
    const nobody =
      /^(undo-)?(role-removed-through-group|environment|decoy|token|use-key|unwrap|lock|subscription|locked|effect)/;
    assert.deepEqual(
      without.filter((name) => !nobody.test(name)),
      WITHOUT_A_RIGHT,
    );
  });

  it('is judged by code that uses nothing of the product', () => {
    for (const file of ['may-do', 'scenario-rights', 'refuse-person']) {
      const text = readFileSync(`dev/azure-simulator/authorization/${file}.ts`, 'utf8');
      assert.doesNotMatch(text, /from '[^']*shared\//, file);
    }
    assert.equal(typeof mayDo, 'function');
  });
});

/** Of Power Platform, of time, of the simulator's own faults, or of resources that hold no key. */
const WITHOUT_A_RIGHT: readonly string[] = [
  'policy-unhealthy',
  'undo-policy-unhealthy',
  'audit-log-off',
  'audit-log-off-by-vault',
  'audit-log-on',
  'event-subscription-deleted',
  'undo-event-subscription-deleted',
  'audit-hub-deleted',
  'undo-audit-hub-deleted',
];
