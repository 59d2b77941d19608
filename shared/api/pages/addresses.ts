import { armIdParts } from '../../azure/arm-id.ts';
import { policyKey } from '../../incidents/ids.ts';
import { pathPart } from '../../notices/say/plain.ts';
import type { BlastScopeKind } from '../../preview/blast/scope.ts';

/** The page of a policy, by its key: names need not be unique. */
export function policyAddress(policyId: string): string {
  return `/policies/${policyKey(policyId)}`;
}

/** The page of a vault, by its name, which is unique in all of Azure. */
export function vaultAddress(vaultId: string): string {
  return `/vaults/${pathPart(armIdParts(vaultId).name || vaultId)}`;
}

export function environmentAddress(id: string): string {
  return `/environments/${pathPart(id)}`;
}

export function incidentAddress(id: string): string {
  return `/incidents/${pathPart(id)}`;
}

/** What would take a vault, a policy or another scope down. */
export function blastRadiusAddress(kind: BlastScopeKind, text: string): string {
  return `/blast-radius?${new URLSearchParams({ [kind]: text })}`;
}

/** Who can take a policy or a vault down, or help in an incident. Only operators are let in. */
export function whoCanAddress(kind: 'policy' | 'vault' | 'incident', text: string): string {
  return `/who-can?${new URLSearchParams({ [kind]: text })}`;
}
