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
  | 'blinds' // removes an event source of this product
  | 'nothing';

const POLICY_WRITE = 'microsoft.powerplatform/enterprisepolicies/write';

// Azure resource provider operations; "Azure subscription as an Event Grid source" says which of them raise
// events.
const EXACTLY: ReadonlyMap<string, Matter> = new Map([
  ['microsoft.keyvault/vaults/write', 'resource'],
  ['microsoft.keyvault/vaults/delete', 'resource'],
  ['microsoft.keyvault/vaults/accesspolicies/write', 'resource'],
  ['microsoft.keyvault/vaults/keys/write', 'resource'],
  ['microsoft.keyvault/locations/deletedvaults/purge/action', 'purge'],
  ['microsoft.authorization/roleassignments/write', 'authorization'],
  ['microsoft.authorization/roleassignments/delete', 'authorization'],
  ['microsoft.authorization/denyassignments/write', 'authorization'],
  ['microsoft.authorization/denyassignments/delete', 'authorization'],
  ['microsoft.authorization/locks/delete', 'authorization'],
  ['microsoft.authorization/roledefinitions/write', 'everywhere'],
  ['microsoft.authorization/roledefinitions/delete', 'everywhere'],
  [POLICY_WRITE, 'resource'],
  ['microsoft.resources/subscriptions/resourcegroups/delete', 'resource'],
]);

/** Compares case-insensitively, as ARM does. */
export const matterOf: (operation: string) => Matter = perText((operation) => {
  const name = operation.toLowerCase();
  return EXACTLY.get(name) ?? matterByForm(name);
});

export function isPolicyWriteOperation(operation: string): boolean {
  return operation.length === POLICY_WRITE.length && operation.toLowerCase() === POLICY_WRITE;
}

function matterByForm(name: string): Matter {
  if (name.startsWith('microsoft.keyvault/vaults/privateendpointconnections')) return 'resource';
  if (name.startsWith('microsoft.powerplatform/enterprisepolicies/')) {
    return name.endsWith('/delete') ? 'resource' : 'nothing';
  }
  if (name.endsWith('/moveresources/action')) return 'resource';
  if (name.startsWith('microsoft.network/networksecurityperimeters/')) return 'everywhere';
  return blinds(name) ? 'blinds' : 'nothing';
}

// Diagnostic settings belong to a resource, so their operations may be prefixed with that resource's type.
function blinds(name: string): boolean {
  if (name.includes('microsoft.insights/diagnosticsettings/')) return true;
  if (!name.endsWith('/delete')) return false;
  return name.startsWith('microsoft.eventgrid/') || name.startsWith('microsoft.eventhub/namespaces/');
}
