import { armIdParts } from '../azure/arm-id.ts';
import type { Part } from '../azure/part.ts';
import { keyActionsOf } from '../facts/data-actions.ts';
import type { Facts, PermissionFact } from '../facts/facts.ts';
import { gainMember, loseMembers } from './apply-group.ts';
import { deleteKey, isOfKey, setKey } from './apply-key.ts';
import {
  addAssignment,
  addDenial,
  type PlannedRoles,
  removeAccessPolicy,
  removeAssignment,
  removeDenial,
  setAccessPolicy,
  setRoleDefinition,
} from './apply-permission.ts';
import { deleteGroup, deletePolicy, setPolicy } from './apply-policy.ts';
import { deleteVault, notJudgedEffect, setPerimeter, setVault } from './apply-vault.ts';
import type { PreviewChain } from './chain.ts';
import type { CannotJudge, Change } from './change.ts';
import { type Effect, NO_EFFECT, type PerhapsGranted, unknownFrom } from './effect.ts';

/** The parts of the facts that a change can alter. */
export const CHANGED_PARTS = ['policy', 'vault', 'key', 'permission'] as const;
export type ChangedPart = (typeof CHANGED_PARTS)[number];

export interface AppliedChanges {
  chain: PreviewChain;
  /** The changes that altered each part, in their order. */
  changedBy: Readonly<Record<ChangedPart, readonly Change[]>>;
  /** The changes whose effect on this chain is not known. */
  cannotJudge: CannotJudge[];
}

/**
 * The facts once all of these changes are made, in their order. What a change does not touch stays the same
 * object. Pure: `at` is the time of the change, ISO 8601.
 */
export function applyChanges(chain: PreviewChain, changes: readonly Change[], at: string): AppliedChanges {
  const roles = plannedRoles(changes);
  const changedBy: Record<ChangedPart, Change[]> = { policy: [], vault: [], key: [], permission: [] };
  const cannotJudge: CannotJudge[] = [];
  const perhaps: PerhapsGrantedBy[] = [];
  let next = chain;
  for (const change of changes) {
    const effect = applyChange(next, change, roles, at);
    if (effect.unknown !== undefined) cannotJudge.push({ address: change.address, because: effect.unknown });
    for (const one of effect.perhapsGrants ?? []) perhaps.push({ change, ...one });
    const after = withEffect(next, effect, at);
    for (const part of CHANGED_PARTS)
      if (after.facts[part] !== next.facts[part]) changedBy[part].push(change);
    next = after;
  }
  return { chain: withPerhapsGranted(next, perhaps, at), changedBy, cannotJudge };
}

/** The changes that matter even where the vault is gone: all others are about what was in it. */
const BESIDE_VAULT: ReadonlySet<Change['what']> = new Set([
  'resourceGroupDeleted',
  'policyDeleted',
  'policySet',
  'unjudged',
]);

/** What one change alone does to the chain. */
function applyChange(chain: PreviewChain, change: Change, roles: PlannedRoles, at: string): Effect {
  if (chain.facts.vault.state === 'gone' && !BESIDE_VAULT.has(change.what)) return NO_EFFECT;
  switch (change.what) {
    case 'vaultDeleted':
      return deleteVault(chain, change, at);
    case 'vaultSet':
      return setVault(chain, change, at);
    case 'perimeterSet':
      return setPerimeter(chain, change, at);
    case 'keyDeleted':
      return isOfKey(chain.facts, change.keyName) ? deleteKey(chain, change, at) : NO_EFFECT;
    case 'keySet':
      return isOfKey(chain.facts, change.keyName) ? setKey(chain, change, at) : NO_EFFECT;
    case 'accessPolicySet':
      return setAccessPolicy(chain, change, at);
    case 'accessPolicyRemoved':
      return removeAccessPolicy(chain, change, at);
    case 'roleAssignmentRemoved':
      return removeAssignment(chain, change, at);
    case 'roleAssignmentAdded':
      return addAssignment(chain, change, roles, at);
    case 'roleDefinitionSet':
      return setRoleDefinition(chain, change, at);
    case 'denyAssignmentAdded':
      return addDenial(chain, change, at);
    case 'denyAssignmentRemoved':
      return removeDenial(chain, change, at);
    case 'groupLosesMembers':
      return loseMembers(chain, change, at);
    case 'groupGainsMember':
      return gainMember(chain, change);
    case 'resourceGroupDeleted':
      return deleteGroup(chain, change, at);
    case 'policyDeleted':
      return deletePolicy(chain, change, at);
    case 'policySet':
      return setPolicy(chain, change, at);
    case 'unjudged':
      return notJudgedEffect(chain, change);
    // A lock decides what Azure refuses, and Azure deletes no role that is still assigned.
    case 'lockRemoved':
    case 'roleDefinitionDeleted':
      return NO_EFFECT;
    default:
      return change satisfies never;
  }
}

function plannedRoles(changes: readonly Change[]): PlannedRoles {
  return new Map(
    changes.flatMap((change) =>
      change.what === 'roleDefinitionSet' && !change.isUnknown
        ? [[armIdParts(change.roleId).name.toLowerCase(), keyActionsOf(change.permissions)] as const]
        : [],
    ),
  );
}

function withEffect(chain: PreviewChain, { facts, otherModel }: Effect, at: string): PreviewChain {
  if (facts === undefined && otherModel === undefined) return chain;
  const after: Facts = facts === undefined ? chain.facts : { ...chain.facts, ...facts, readAt: at };
  return { ...chain, facts: after, ...(otherModel === undefined ? {} : { otherModel }) };
}

interface PerhapsGrantedBy extends PerhapsGranted {
  change: Change;
}

/**
 * A permission that is missing, and that a new grant may give through a group or to a principal that is not known
 * yet, is neither there nor lost.
 */
function withPerhapsGranted(
  chain: PreviewChain,
  perhaps: readonly PerhapsGrantedBy[],
  at: string,
): PreviewChain {
  if (perhaps.length === 0) return chain;
  const { facts, otherModel } = chain;
  const permission = perhapsHeld(facts.permission, perhaps, at);
  const next = permission === facts.permission ? chain : { ...chain, facts: { ...facts, permission } };
  return otherModel === undefined ? next : { ...next, otherModel: perhapsHeld(otherModel, perhaps, at) };
}

function perhapsHeld(
  part: Part<PermissionFact>,
  all: readonly PerhapsGrantedBy[],
  at: string,
): Part<PermissionFact> {
  if (part.state !== 'known') return part;
  const { model, missing, denials } = part.value;
  const perhaps = all.filter(({ under }) => under === model);
  const denied = denials.flatMap(({ actions }) => actions);
  const given = perhaps.flatMap(({ actions }) => actions);
  if (missing.length === 0 || !missing.every((one) => given.includes(one) && !denied.includes(one)))
    return part;
  const by = [...new Set(perhaps.map(({ change }) => change.address))].join(', ');
  const detail = `The identity keeps its permission only if a new grant reaches it (${by}). Whether it does, through a group or a principal or role that is not known yet, is known only after it is made.`;
  return unknownFrom(detail, at);
}
