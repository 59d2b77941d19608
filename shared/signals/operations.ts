import { ARM_OPERATION, isNamedAs } from './operation-names.ts';
import { perText } from './per-text.ts';

/**
 * The possible effect of an ARM operation on a policy's access to its key; it determines which policies to
 * read.
 */
export type Matter =
  | 'resource' // something was done to the scope itself or to a resource in it
  | 'authorization' // a change of rights, at the scope of the assignment
  | 'everywhere' // may affect any policy: assignable scopes and perimeter associations span scopes
  | 'purge' // a soft-deleted vault, named by location
  | 'removesEventSource' // removes an event source of this product
  | 'nothing';

const EXACTLY: ReadonlyMap<string, Matter> = new Map(
  (
    [
      ['vaultWrite', 'resource'],
      ['vaultDelete', 'resource'],
      ['accessPoliciesWrite', 'resource'],
      ['keyWrite', 'resource'],
      ['vaultPurge', 'purge'],
      ['roleAssignmentWrite', 'authorization'],
      ['roleAssignmentDelete', 'authorization'],
      ['denyAssignmentWrite', 'authorization'],
      ['denyAssignmentDelete', 'authorization'],
      ['lockDelete', 'authorization'],
      ['roleDefinitionWrite', 'everywhere'],
      ['roleDefinitionDelete', 'everywhere'],
      ['policyWrite', 'resource'],
      ['resourceGroupDelete', 'resource'],
    ] as const
  ).map(([operation, matter]) => [ARM_OPERATION[operation].toLowerCase(), matter]),
);

/** Compares case-insensitively, as ARM does. */
export const matterOf: (operation: string) => Matter = perText((operation) => {
  const name = operation.toLowerCase();
  return EXACTLY.get(name) ?? matterByForm(name);
});

export function isPolicyWriteOperation(operation: string): boolean {
  return isNamedAs(operation, ARM_OPERATION.policyWrite);
}

function matterByForm(name: string): Matter {
  if (name.startsWith(PRIVATE_ENDPOINT_CONNECTIONS)) return 'resource';
  if (name.startsWith(ENTERPRISE_POLICIES)) return name.endsWith('/delete') ? 'resource' : 'nothing';
  if (name.endsWith('/moveresources/action')) return 'resource';
  if (name.startsWith(NETWORK_SECURITY_PERIMETERS)) return 'everywhere';
  return isEventSourceRemoval(name) ? 'removesEventSource' : 'nothing';
}

// Exactly what the event filter lets through: any other spelling would be read here and never arrive.
function isEventSourceRemoval(name: string): boolean {
  if (DIAGNOSTIC_SETTINGS.some((family) => name.startsWith(family))) return true;
  if (!name.endsWith('/delete')) return false;
  return name.startsWith(EVENT_GRID) || name.startsWith(EVENT_HUB_NAMESPACES);
}

/** Without the slash: the approval of a connection is an operation beside them, not below. */
const PRIVATE_ENDPOINT_CONNECTIONS = ARM_OPERATION.privateEndpointConnections.slice(0, -1).toLowerCase();
const ENTERPRISE_POLICIES = ARM_OPERATION.enterprisePolicies.toLowerCase();
const NETWORK_SECURITY_PERIMETERS = ARM_OPERATION.networkSecurityPerimeters.toLowerCase();
const DIAGNOSTIC_SETTINGS = [
  ARM_OPERATION.diagnosticSettings.toLowerCase(),
  ARM_OPERATION.vaultDiagnosticSettings.toLowerCase(),
];
const EVENT_GRID = ARM_OPERATION.eventGrid.toLowerCase();
const EVENT_HUB_NAMESPACES = ARM_OPERATION.eventHubNamespaces.toLowerCase();
