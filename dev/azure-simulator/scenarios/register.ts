import type { Person, World } from '../world/world.ts';
import { AROUND_ACTS } from './around.ts';
import { AUDIT_ACTS } from './audit.ts';
import { DELETION_ACTS } from './deletions.ts';
import { WAY_ACTS } from './event-sources.ts';
import { KEY_ACTS } from './keys.ts';
import { NETWORK_ACTS } from './network.ts';
import { PERMISSION_ACTS } from './permissions.ts';
import { POLICY_ACTS } from './policies.ts';
import { type Act, ActRefused, type Outcome, type Target } from './scenario.ts';
import { SUBSCRIPTION_ACTS } from './subscription.ts';
import { type ActRequest, resolveActor, resolveTarget } from './target.ts';

/** Every act there is. */
export const ACTS: readonly Act[] = [
  ...PERMISSION_ACTS,
  ...KEY_ACTS,
  ...DELETION_ACTS,
  ...NETWORK_ACTS,
  ...AROUND_ACTS,
  ...POLICY_ACTS,
  ...AUDIT_ACTS,
  ...SUBSCRIPTION_ACTS,
  ...WAY_ACTS,
];

export interface Performed {
  world: World;
  outcome: Outcome;
  actor: Person;
  target: Target;
}

/**
 * Does one act: the world before, the world after, and what Azure would raise of it. The world given is not touched.
 * Throws `ActRefused` for an act or a name that nobody knows, or that the world does not allow.
 */
export function perform(world: World, name: string, request: ActRequest, now: number): Performed {
  const act = ACTS.find((candidate) => candidate.name === name);
  if (!act)
    throw new ActRefused(404, `There is no act '${name.slice(0, 100)}'.`, {
      field: 'act',
      choices: ACTS.map((candidate) => candidate.name),
    });
  const draft = structuredClone(world);
  const actor = resolveActor(draft, request.actor);
  const target = resolveTarget(draft, act, request);
  return { outcome: act.perform(draft, { now, actor, target }), world: draft, actor, target };
}
