import { sameId } from '../../../shared/azure/arm-id.ts';
import { appGrantsAt } from '../world/deploy.ts';
import { guidOf } from '../world/ids.ts';
import { systemIdOf } from '../world/make.ts';
import { linkedEnvironments, type Policy, type World } from '../world/world.ts';
import { heedLocks } from './heed-locks.ts';
import { assignmentEvents } from './permissions.ts';
import {
  armEvent,
  policyOf,
  type Scenario,
  type ScenarioOutcome,
  ScenarioRefusedError,
  type Target,
} from './scenario.ts';

const DELETE = 'Microsoft.PowerPlatform/enterprisePolicies/delete';
/** Power Platform docs, Recover environment. */
const RECOVERABLE_MS = 7 * 86_400_000;
const POWER_PLATFORM = 'Power Platform’s own operations raise no Event Grid event';

/** Changes to policies, environments, and the rights under which Lockwatch reads. */
export const POLICY_SCENARIOS: Scenario[] = [
  {
    name: 'policy-deleted',
    line: 'Removes the enterprise policy, past Resource Manager’s refusal while environments link to it.',
    raises: DELETE,
    perform(draft, { target }) {
      const policy = policyOf(target);
      if (!draft.policies.includes(policy)) throw gone(policy);
      const linked = linkedEnvironments(draft, policy.id).length;
      return {
        ...removePolicy(draft, policy),
        note: linked > 0 ? `Azure would refuse this: ${linked} environments link to it.` : undefined,
      };
    },
  },
  {
    name: 'undo-policy-deleted',
    line: 'Makes a policy of the same name anew. It has another identity, so it unlocks nothing.',
    raises: 'Microsoft.PowerPlatform/enterprisePolicies/write',
    perform(draft, { target, now }) {
      const old = policyOf(target);
      if (draft.policies.some((policy) => sameId(policy.id, old.id)))
        throw new ScenarioRefusedError(409, `The policy ${old.name} is not deleted.`, { field: 'policy' });
      draft.policies.push({
        ...old,
        systemId: systemIdOf(old.geo, `${old.name} ${now}`),
        principalId: guidOf(`principal ${old.name} ${now}`),
        health: 'Undetermined',
        access: { usable: false, since: now, applied: false },
      });
      return {
        events: [armEvent('Write', 'Microsoft.PowerPlatform/enterprisePolicies/write', old.id)],
        audit: [],
        note: 'Whether a deleted policy can be brought back is not published; this one is another policy.',
      };
    },
  },
  silentScenario('environment-linked', 'Links the named environment to the policy.', (draft, target) => {
    const environment = named(target);
    const policy = policyOf(target);
    if (!draft.policies.includes(policy)) throw gone(policy);
    environment.link = { policyId: policy.id, systemId: policy.systemId, status: 'Linked' };
  }),
  silentScenario(
    'environment-unlinked',
    'Takes the named environment away from its policy.',
    (_draft, target) => {
      named(target).link = undefined;
    },
  ),
  silentScenario(
    'environment-deleted',
    'Deletes the named environment, as Power Platform does with one that was locked for too long.',
    (_draft, target, now) => {
      named(target).deletedAt ??= now;
    },
  ),
  silentScenario(
    'undo-environment-deleted',
    'Recovers the named environment, within 7 days of its deletion. It stays disabled.',
    (_draft, target, now) => {
      const environment = named(target);
      if (environment.deletedAt === undefined || now - environment.deletedAt > RECOVERABLE_MS)
        throw new ScenarioRefusedError(409, `${environment.name} can’t be recovered.`, {
          field: 'environment',
        });
      delete environment.deletedAt;
    },
  ),
  silentScenario(
    'reenable-environment',
    'Re-enables the named environment, or all of the policy’s; refused while access isn’t restored.',
    (draft, target) => {
      const policy = policyOf(target);
      const linked = target.environment ? [target.environment] : linkedEnvironments(draft, policy.id);
      for (const environment of linked) {
        const own = draft.policies.find((candidate) => candidate.systemId === environment.link?.systemId);
        if (own?.health !== 'Healthy')
          throw new ScenarioRefusedError(
            409,
            `Access to the key of ${environment.name} isn’t restored: it can’t be re-enabled.`,
            {
              field: 'environment',
            },
          );
        environment.runtime = 'Enabled';
        if (environment.instance) environment.instance = 'Ready';
      }
    },
  ),
  {
    name: 'reader-revoked',
    line: 'Takes Lockwatch’s own right to read away in the policy’s subscription: it can’t see any more.',
    raises: 'Microsoft.Authorization/roleAssignments/delete',
    perform(draft, { target }) {
      const scope = `/subscriptions/${policyOf(target).subscriptionId}`;
      const isOurs = (entry: { principalId: string; scope: string }) =>
        entry.principalId === draft.app.objectId && sameId(entry.scope, scope);
      const taken = draft.roleAssignments.filter(isOurs);
      if (taken.length === 0)
        throw new ScenarioRefusedError(409, 'Lockwatch holds no right to read there.', { field: 'policy' });
      draft.roleAssignments = draft.roleAssignments.filter((entry) => !isOurs(entry));
      return assignmentEvents(draft, taken, 'Delete');
    },
  },
  ...(['reader-granted', 'undo-reader-revoked'] as const).map(
    (name): Scenario => ({
      name,
      line: 'Gives Lockwatch its right to read in the policy’s subscription again.',
      raises: 'Microsoft.Authorization/roleAssignments/write',
      perform(draft, { target, now }) {
        const grants = appGrantsAt(draft, policyOf(target).subscriptionId, now);
        if (grants.length === 0)
          throw new ScenarioRefusedError(409, 'Lockwatch was never granted anything there.', {
            field: 'policy',
          });
        const ids = grants.map(({ id }) => id);
        draft.roleAssignments = [...draft.roleAssignments.filter(({ id }) => !ids.includes(id)), ...grants];
        return assignmentEvents(draft, grants, 'Write');
      },
    }),
  ),
];

/** Removes a policy from ARM. Environments that link to it still name it. */
export function removePolicy(draft: World, policy: Policy): ScenarioOutcome {
  heedLocks(draft, policy.id);
  draft.policies = draft.policies.filter((candidate) => candidate !== policy);
  draft.deletedPolicies = [
    ...draft.deletedPolicies.filter((candidate) => !sameId(candidate.id, policy.id)),
    policy,
  ];
  return { events: [armEvent('Delete', DELETE, policy.id)], audit: [] };
}

function silentScenario(
  name: string,
  line: string,
  change: (draft: World, target: Target, now: number) => void,
): Scenario {
  return {
    name,
    line,
    raises: null,
    silent: POWER_PLATFORM,
    perform(draft, { target, now }) {
      change(draft, target, now);
      return { events: [], audit: [], silent: POWER_PLATFORM };
    },
  };
}

function named(target: Target): NonNullable<Target['environment']> {
  if (!target.environment)
    throw new ScenarioRefusedError(400, 'This scenario needs an environment: name one in "environment".', {
      field: 'environment',
    });
  return target.environment;
}

function gone(policy: Policy): ScenarioRefusedError {
  return new ScenarioRefusedError(409, `The policy ${policy.name} is deleted already.`, { field: 'policy' });
}
