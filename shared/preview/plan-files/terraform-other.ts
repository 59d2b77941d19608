import type { Change } from '../change.ts';
import { addressIn, isGroupName, valueAt } from './json-values.ts';
import { reachesBeyondGroup } from './template-reach.ts';
import { addedAssignment } from './terraform-access.ts';
import { attributeOf, onlyTagsDiffer, type TerraformResource } from './terraform-resource.ts';
import { watchedScope } from './watched-scope.ts';

/** Types that nothing here judges, wherever they act: a template holds any resource, and a move changes what is inherited. */
const NEVER_JUDGED =
  /^azurerm_(?:(?:subscription|management_group|tenant)_template_deployment|subscription|management_group_subscription_association|blueprint_assignment)$/;
const OF_POLICY = /policy_(?:assignment|remediation|exemption)|management_group/;

/** Types that are made for a scope and that take no right, no network path and no key away. */
const HARMLESS =
  /^azurerm_(?:advisor|consumption|cost|eventgrid|log_analytics|monitor|security_center|pim_eligible|resource_group_cost|role_management_policy|subscription_cost)_/;

/** Attributes that name the resource at which something is made. */
const SCOPED_BY = [
  'resource_id',
  'resource_group_id',
  'subscription_id',
  'management_group_id',
  'managed_hsm_id',
  'scope',
  'parent_id',
];

/** Another type of resource, which matters where it is a watched one itself, or is made for one. */
export function otherChanges(resource: TerraformResource): Change[] {
  const { address, type, before, after, does } = resource;
  const isNeverJudged = NEVER_JUDGED.test(type);
  const because = typeNotJudged(resource);
  const own = watchedScope(valueAt(before, 'id'));
  if (own !== undefined && !isNeverJudged) return [{ what: 'unjudged', address, scope: own, because }];
  if (does === 'creates' && (type === 'azurerm_subscription' || !(isNeverJudged || OF_POLICY.test(type))))
    return [];
  const named = HARMLESS.test(`${type}_`)
    ? []
    : [before, after].flatMap((values) =>
        SCOPED_BY.flatMap((name) => watchedScope(asScope(valueAt(values, name))) ?? []),
      );
  const found = [...new Set(own === undefined ? named : [own, ...named])];
  // What is made at a subscription or below it concerns that alone, whatever management group it names as well.
  const near = found.filter((scope) => /^\/subscriptions\//i.test(scope));
  const scopes = near.length > 0 ? near : found;
  if (scopes.length === 0 && isNeverJudged) return [{ what: 'unjudged', address, because }];
  return scopes.map((scope) => ({ what: 'unjudged', address, scope, because }));
}

function typeNotJudged({ address, type }: TerraformResource): string {
  return `${address} is of the type ${addressIn(type, 'of no name').slice(0, 100)}, which Lockwatch does not judge.`;
}

/**
 * A template that is deployed to a resource group. A new one names its group, and no subscription; one whose template
 * acts outside its group could matter to every chain.
 */
export function templateDeploymentChanges(resource: TerraformResource): Change[] {
  const { address, does, before } = resource;
  const unjudged = { what: 'unjudged', address, because: typeNotJudged(resource) } as const;
  if (reachesBeyondGroup(resource)) return [unjudged];
  const own = watchedScope(valueAt(before, 'id'));
  const old: Change[] = own === undefined ? [] : [{ ...unjudged, scope: own }];
  if (does === 'updates' || does === 'deletes') return old.length > 0 ? old : [unjudged];
  const { after: name, isUnknown } = attributeOf(resource, 'resource_group_name');
  if (isUnknown || !isGroupName(name)) return [unjudged];
  return [...old, { ...unjudged, resourceGroup: name }];
}

/** Some resources name a subscription by its GUID alone. */
function asScope(value: unknown): unknown {
  return typeof value === 'string' && /^[0-9a-f-]{36}$/i.test(value) ? `/subscriptions/${value}` : value;
}

/** `azurerm_pim_active_role_assignment`: its id is not that of the role assignment that Azure makes of it. */
export function pimAssignmentChanges(resource: TerraformResource): Change[] {
  if (resource.does === 'creates') return [addedAssignment(resource.address, resource.after)];
  return otherChanges(resource);
}

/**
 * Keys, role assignments and role definitions of a managed HSM, whose local rights no reading shows. A new one takes
 * nothing away.
 */
export function managedHsmChanges(resource: TerraformResource): Change[] {
  const { address, does, before, after } = resource;
  if (does === 'creates') return [];
  if (does === 'updates' && onlyTagsDiffer(before, after)) return [];
  const found = otherChanges(resource);
  const because = `${address} changes a managed HSM's keys or rights, which Lockwatch does not judge.`;
  return found.length > 0 ? found : [{ what: 'unjudged', address, because }];
}
