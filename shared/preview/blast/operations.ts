import { armIdParts } from '../../azure/arm-id.ts';
import { TRIGGER_IDS, type TriggerId } from '../../triggers/finding.ts';
import { chainIds, type PreviewChain } from '../chain.ts';
import type { PlannedOperation } from '../change.ts';
import {
  deletedKey,
  disabledKey,
  disabledVersions,
  expiredVersions,
  notYetActiveVersions,
  unusableVersions,
} from './key-operations.ts';
import { operationId } from './operation-id.ts';
import { lostPermissions } from './permission-operations.ts';

/** One thing that somebody could do to one chain, in the operations of a preview. */
export interface BlastOperation {
  /** The same for the same operation at the same resource, whichever policy it concerns. */
  id: string;
  /** In the imperative: "Delete the key vault kv-eu". */
  what: string;
  /** The ARM id of the resource at which it is done. */
  on: string;
  /** The trigger that it was taken from. */
  trigger: TriggerId;
  operations: readonly PlannedOperation[];
  /** Why nobody can tell what it would do: the part of the facts that names its operations was not read. */
  unread?: string;
}
export type OperationsOf = (chain: PreviewChain, options: BlastOptions) => Omit<BlastOperation, 'trigger'>[];
export interface BlastOptions {
  /** ISO 8601. */
  now: string;
  /** Only this version, in lower case. Absent: those that environments may need. */
  version?: string;
}

/** How each trigger can be brought about. Null: it is the effect itself, which no operation causes directly. */
const BY_TRIGGER: Readonly<Record<TriggerId, OperationsOf | null>> = {
  'policy-deleted': (chain) => [...deletedPolicy(chain), ...deletedGroup(chainIds(chain).policyId)],
  'vault-deleted': (chain) => [...deletedVault(chain), ...deletedGroup(chainIds(chain).vaultId)],
  'key-deleted': deletedKey,
  'permissions-revoked': lostPermissions,
  'key-disabled': disabledKey,
  'key-version-disabled': disabledVersions,
  'public-access-disabled': (chain) => [
    ...network(chain, 'vault-closed', 'Disable public access, without the exception for trusted services', {
      publicNetworkAccess: 'Disabled',
      bypass: 'None',
    }),
    ...network(
      chain,
      'vault-closed-to-untrusted',
      'Disable public access, and keep the exception for trusted services',
      {
        publicNetworkAccess: 'Disabled',
        bypass: 'AzureServices',
      },
    ),
    ...perimeter(chain),
  ],
  'network-restricted': (chain) => [
    ...network(
      chain,
      'vault-restricted',
      'Allow selected networks only, without the exception for trusted services',
      {
        defaultAction: 'Deny',
        bypass: 'None',
      },
    ),
    ...network(
      chain,
      'vault-restricted-to-untrusted',
      'Allow selected networks only, and keep the exception for trusted services',
      {
        defaultAction: 'Deny',
        bypass: 'AzureServices',
      },
    ),
  ],
  'key-expired': expiredVersions,
  'key-not-yet-active': notYetActiveVersions,
  'key-unusable': unusableVersions,
  locked: null,
};

/** Everything that a person could do to this chain, as the register of triggers knows it, each once. */
export function operationsOf(chain: PreviewChain, options: BlastOptions): BlastOperation[] {
  const byId = new Map<string, BlastOperation>();
  for (const trigger of TRIGGER_IDS)
    for (const operation of BY_TRIGGER[trigger]?.(chain, options) ?? [])
      if (!byId.has(operation.id)) byId.set(operation.id, { ...operation, trigger });
  return [...byId.values()];
}

type Listed = ReturnType<OperationsOf>;

function deletedPolicy(chain: PreviewChain): Listed {
  const { policyId } = chainIds(chain);
  const { name } = armIdParts(policyId);
  return [
    {
      id: operationId('policy-deleted', policyId),
      what: `Delete the enterprise policy ${name}`,
      on: policyId,
      operations: [{ what: 'policyDeleted', policyId }],
    },
  ];
}

function deletedVault(chain: PreviewChain): Listed {
  const { vaultId } = chainIds(chain);
  if (vaultId === undefined) return [];
  return [
    {
      id: operationId('vault-deleted', vaultId),
      what: `Delete the key vault ${armIdParts(vaultId).name}`,
      on: vaultId,
      operations: [{ what: 'vaultDeleted', vaultId }],
    },
  ];
}

function deletedGroup(resourceId: string | undefined): Listed {
  const id = /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+/i.exec(resourceId ?? '')?.[0];
  if (id === undefined) return [];
  return [
    {
      id: operationId('group-deleted', id),
      what: `Delete the resource group ${armIdParts(id).name}`,
      on: id,
      operations: [{ what: 'resourceGroupDeleted', id }],
    },
  ];
}

function network(
  chain: PreviewChain,
  id: string,
  what: string,
  set: Extract<PlannedOperation, { what: 'vaultSet' }>['set'],
): Listed {
  const { vaultId } = chainIds(chain);
  if (vaultId === undefined) return [];
  return [
    {
      id: operationId(id, vaultId),
      what: `${what}, on the key vault ${armIdParts(vaultId).name}`,
      on: vaultId,
      operations: [{ what: 'vaultSet', vaultId, set }],
    },
  ];
}

function perimeter(chain: PreviewChain): Listed {
  const { vaultId } = chainIds(chain);
  if (vaultId === undefined) return [];
  return [
    {
      id: operationId('perimeter-enforced', vaultId),
      what: `Put the key vault ${armIdParts(vaultId).name} into a network security perimeter with enforced access`,
      on: vaultId,
      operations: [{ what: 'perimeterSet', vaultId, access: 'Enforced' }],
    },
  ];
}
