import { armIdParts, normalId } from '../azure/arm-id.ts';
import { roleGuid } from '../facts/role-guid.ts';
import { mayBeMember } from './apply-group.ts';
import { assignmentsOf, rolesHeld, scopeOfAssignment } from './apply-permission.ts';
import { chainIds, type PreviewChain, withScopesAbove } from './chain.ts';
import type { Change } from './change.ts';
import { permissionUnder } from './set-vault-access.ts';

/** The changes of a plan by the resource that each is about, so that a chain finds its own without a search. */
export interface IndexedChanges {
  /** By id in lower case: at that id, or above everything below it. */
  at: ReadonlyMap<string, readonly PlacedChange[]>;
  /** At a management group, a role, or a place that is not known: they may concern any chain. */
  anywhere: readonly PlacedChange[];
  all: readonly Change[];
}
interface PlacedChange {
  change: Change;
  /** Its place in the plan. */
  order: number;
}

export function indexChanges(changes: readonly Change[]): IndexedChanges {
  const at = new Map<string, PlacedChange[]>();
  const anywhere: PlacedChange[] = [];
  for (const [order, change] of changes.entries()) {
    const place = placeOf(change);
    const placed = { change, order };
    if (place === undefined || !place.startsWith('/subscriptions/')) anywhere.push(placed);
    else {
      const list = at.get(place);
      if (list) list.push(placed);
      else at.set(place, [placed]);
    }
  }
  return { at, anywhere, all: changes };
}

/** The changes at or above the policy, its vault or its key, in the plan's order. */
export function changesOfChain(chain: PreviewChain, { at, anywhere }: IndexedChanges): Change[] {
  const found = scopesOf(chain).flatMap((scope) => at.get(scope) ?? []);
  if (anywhere.length > 0) {
    const concerns = concernOf(chain);
    for (const one of anywhere) if (concerns(one.change)) found.push(one);
  }
  return found.sort((a, b) => a.order - b.order).map(({ change }) => change);
}

/** The changes at a place, or of a role, that no chain has. */
export function changesOfNoChain(chains: readonly PreviewChain[], changes: readonly Change[]): Change[] {
  const scopes = new Set(chains.flatMap(scopesOf));
  const roles = new Set(chains.flatMap((chain) => [...rolesHeld(chain)]));
  return changes.filter((change) => {
    if (change.what === 'roleDefinitionSet' || change.what === 'roleDefinitionDeleted')
      return !roles.has(roleGuid(change.roleId));
    const place = placeOf(change);
    return place?.startsWith('/subscriptions/') === true && !scopes.has(place);
  });
}

/**
 * Whether a change may concern the chain as it is by now: what an earlier reading shows of its roles and grants does
 * not count.
 */
export function mayTouch(chain: PreviewChain, { at, anywhere }: IndexedChanges): boolean {
  return anywhere.length > 0 || scopesOf(chain).some((scope) => at.has(scope));
}

function scopesOf(chain: PreviewChain): string[] {
  const { policyId, vaultId, keyName } = chainIds(chain);
  const ofKey = vaultId === undefined ? [] : withScopesAbove(`${vaultId}/keys/${keyName ?? ''}`);
  return [...new Set([...withScopesAbove(policyId), ...ofKey])];
}

/** What the chain holds is collected once, for all changes of a plan. */
function concernOf(chain: PreviewChain): (change: Change) => boolean {
  const roles = rolesHeld(chain);
  const mayBeIn = groupsOf(chain);
  const fact = permissionUnder(chain, 'rbac');
  const assignments = fact && new Set(assignmentsOf(fact).map(({ id }) => normalId(id)));
  return (change) => {
    switch (change.what) {
      case 'roleDefinitionSet':
      case 'roleDefinitionDeleted':
        return roles.has(roleGuid(change.roleId));
      case 'groupGainsMember':
        return mayBeMember(chain, change);
      case 'roleAssignmentRemoved':
        return assignments?.has(normalId(change.id)) ?? true;
      case 'vaultDeleted':
      case 'vaultSet':
      case 'perimeterSet':
      case 'keyDeleted':
      case 'keySet':
      case 'accessPolicySet':
      case 'accessPolicyRemoved':
      case 'roleAssignmentAdded':
      case 'denyAssignmentAdded':
      case 'denyAssignmentRemoved':
      case 'groupLosesMembers':
      case 'lockRemoved':
      case 'resourceGroupDeleted':
      case 'policyDeleted':
      case 'policySet':
        return true;
      case 'unjudged':
        return change.resourceGroup === undefined || mayBeIn(change.resourceGroup);
      default:
        return change satisfies never;
    }
  };
}

/** Whether the policy or its vault may be in a group of this name. */
function groupsOf(chain: PreviewChain): (name: string) => boolean {
  const { policyId, vaultId } = chainIds(chain);
  if (vaultId === undefined) return () => true;
  const names = [policyId, vaultId].map((id) => armIdParts(id).resourceGroup?.toLowerCase());
  return (name) => names.includes(name.toLowerCase());
}

/** The id at which a change acts, in lower case. Undefined: any chain may be concerned. */
function placeOf(change: Change): string | undefined {
  const place = rawPlaceOf(change);
  return place === undefined ? undefined : normalId(place);
}

function rawPlaceOf(change: Change): string | undefined {
  switch (change.what) {
    case 'vaultDeleted':
    case 'vaultSet':
    case 'perimeterSet':
    case 'accessPolicySet':
    case 'accessPolicyRemoved':
      return change.vaultId;
    case 'keyDeleted':
    case 'keySet':
      return `${change.vaultId}/keys/${change.keyName}`;
    case 'roleAssignmentRemoved':
      return scopeOfAssignment(change.id);
    case 'roleAssignmentAdded':
    case 'denyAssignmentAdded':
    case 'unjudged':
      return change.scope;
    case 'denyAssignmentRemoved':
    case 'lockRemoved':
      return change.id.replace(/\/providers\/Microsoft\.Authorization\/[^/]+\/[^/]+$/i, '');
    case 'resourceGroupDeleted':
      return change.id;
    case 'policyDeleted':
    case 'policySet':
      return change.policyId;
    case 'roleDefinitionSet':
    case 'roleDefinitionDeleted':
    case 'groupLosesMembers':
    case 'groupGainsMember':
      return undefined;
    default:
      return change satisfies never;
  }
}
