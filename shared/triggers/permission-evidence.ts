import type { Grant, KeyAction, PermissionFact } from '../facts/facts.ts';
import type { Evidence } from './finding.ts';
import type { History } from './history.ts';
import type { Subject } from './subject.ts';

export function permissionEvidence(
  fact: PermissionFact,
  { vaultId }: Subject,
  { permission: before }: History,
  flipped: boolean,
  readAt: string,
): Evidence[] {
  const model = fact.model === 'rbac' ? 'role assignments (Azure RBAC)' : 'access policies';
  const evidence: Evidence[] = [
    {
      text: `Key vault: permission model = ${model}; identity ${fact.principalId} may ${listActions(fact.allowed)}`,
      source: vaultId,
      readAt,
    },
  ];
  if (flipped && before?.grantedAt !== undefined) {
    evidence.push({
      text: `The identity was last seen to hold the key under the other model (${before.model})`,
      source: vaultId,
      readAt: before.grantedAt,
    });
  }
  for (const { name, id, scope, actions } of fact.denials.slice(0, SHOWN)) {
    evidence.push({
      text: `Deny assignment ${name} at ${scope}: denies ${listActions(actions)}`,
      source: id,
      readAt,
    });
  }
  for (const grant of fact.grants.slice(0, SHOWN)) {
    evidence.push({ text: `Grant ${grantWords(grant)}`, source: vaultId, readAt });
  }
  for (const grant of fact.missing.length > 0 ? fact.perhapsGroups.slice(0, SHOWN) : []) {
    evidence.push({ text: `Perhaps a group of the identity: ${grantWords(grant)}`, source: vaultId, readAt });
  }
  return evidence;
}

/** A vault can hold thousands of entries; a person checks only a few. */
const SHOWN = 5;

function grantWords({ by, id, roleName, scope, actions, viaGroup, condition }: Grant): string {
  const what =
    by === 'roleAssignment' ? `role ${roleName ?? 'not known'} at ${scope}` : `access policy of ${id}`;
  return `${what}: ${listActions(actions)}${viaGroup ? ', through a group' : ''}${condition ? ', under a condition' : ''}`;
}

export function listActions(actions: KeyAction[]): string {
  return actions.length === 0 ? 'nothing' : actions.join(', ');
}
