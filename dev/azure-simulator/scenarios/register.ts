import { refusePerson } from '../authorization/refuse-person.ts';
import type { World, WorldPerson } from '../world/world.ts';
import { NEIGHBOUR_SCENARIOS } from './around.ts';
import { AUDIT_SCENARIOS } from './audit.ts';
import { DELETION_SCENARIOS } from './deletions.ts';
import { ENVIRONMENT_LIST_SCENARIOS } from './environment-lists.ts';
import { EVENT_SOURCE_SCENARIOS } from './event-sources.ts';
import { KEY_SCENARIOS } from './keys.ts';
import { LOCK_SCENARIOS } from './locks-without-cause.ts';
import { NETWORK_SCENARIOS } from './network.ts';
import { PERMISSION_SCENARIOS } from './permissions.ts';
import { POLICY_SCENARIOS } from './policies.ts';
import { type Scenario, type ScenarioOutcome, ScenarioRefusedError, type Target } from './scenario.ts';
import { SUBSCRIPTION_SCENARIOS } from './subscription.ts';
import { resolveActor, resolveTarget, type ScenarioRequest } from './target.ts';
import { TOKEN_SCENARIOS } from './tokens.ts';
import { VAULT_PLACE_SCENARIOS } from './vault-places.ts';

/** The scenarios by what they change, in the order in which people see them. */
const GROUPS: readonly { title: string; scenarios: readonly Scenario[] }[] = [
  { title: 'Permissions', scenarios: PERMISSION_SCENARIOS },
  { title: 'Keys', scenarios: [...KEY_SCENARIOS, ...DELETION_SCENARIOS] },
  { title: 'Vault and network', scenarios: [...NETWORK_SCENARIOS, ...VAULT_PLACE_SCENARIOS] },
  { title: 'Around the vault', scenarios: NEIGHBOUR_SCENARIOS },
  { title: 'Policies and environments', scenarios: POLICY_SCENARIOS },
  { title: 'Locks that nothing explains', scenarios: LOCK_SCENARIOS },
  { title: 'Audit log', scenarios: AUDIT_SCENARIOS },
  { title: 'Subscriptions', scenarios: SUBSCRIPTION_SCENARIOS },
  { title: 'Event sources', scenarios: EVENT_SOURCE_SCENARIOS },
  { title: 'Lockwatch’s own rights', scenarios: [...TOKEN_SCENARIOS, ...ENVIRONMENT_LIST_SCENARIOS] },
];

/** Every scenario. */
export const SCENARIOS: readonly Scenario[] = GROUPS.flatMap(({ scenarios }) => scenarios);

/** The answer of `GET /scenarios`. */
export interface ListedScenario extends Pick<Scenario, 'name' | 'line' | 'raises' | 'silent'> {
  group: string;
}

export function listScenarios(): ListedScenario[] {
  return GROUPS.flatMap(({ title, scenarios }) =>
    scenarios.map(({ name, line, raises, silent }) => ({ name, group: title, line, raises, silent })),
  );
}

export interface Performed {
  world: World;
  outcome: ScenarioOutcome;
  actor: WorldPerson;
  target: Target;
}

/**
 * Runs one scenario: the world before, the world after, and the events that Azure would raise. The given
 * world is not changed. Throws `ScenarioRefusedError` for an unknown scenario or name, or one that the world
 * does not allow.
 */
export function perform(world: World, name: string, request: ScenarioRequest, now: number): Performed {
  const scenario = SCENARIOS.find((candidate) => candidate.name === name);
  if (!scenario)
    throw new ScenarioRefusedError(404, `There is no scenario '${name.slice(0, 100)}'.`, {
      field: 'scenario',
      choices: SCENARIOS.map((candidate) => candidate.name),
    });
  const draft = structuredClone(world);
  const actor = resolveActor(draft, request.as ?? request.actor);
  const target = resolveTarget(draft, scenario, request);
  if (request.as !== undefined) refusePerson(draft, name, target, actor);
  return { outcome: scenario.perform(draft, { now, actor, target }), world: draft, actor, target };
}
