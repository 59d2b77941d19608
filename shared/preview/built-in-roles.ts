import type { KeyAction } from '../facts/facts.ts';
import { KEY_ACTIONS } from '../facts/facts.ts';

/**
 * Roles that plans name by their names or GUIDs, and what each lets an identity do with a key ("Azure built-in
 * roles": Security, General). A role that is not here is resolved from what was read, or is unknown.
 */
const ROLES: readonly (readonly [id: string, name: string, actions: readonly KeyAction[]])[] = [
  ['e147488a-f6f5-4113-8e2d-b22465e65bf6', 'Key Vault Crypto Service Encryption User', KEY_ACTIONS],
  ['12338af0-0e69-4776-bea7-57ae8d297424', 'Key Vault Crypto User', KEY_ACTIONS],
  ['14b46e9e-c2b7-41b4-b07b-48a6ebf60603', 'Key Vault Crypto Officer', KEY_ACTIONS],
  ['00482a5a-887f-4fb3-b363-3b7fe8e74483', 'Key Vault Administrator', KEY_ACTIONS],
  ['21090545-7ca7-4776-b22c-e363652d74d2', 'Key Vault Reader', ['read']],
  ['08bbd89e-9f13-488c-ac41-acfcb10c90ab', 'Key Vault Crypto Service Release User', []],
  ['f25e0fa2-a7c8-4377-a976-54943a77a395', 'Key Vault Contributor', []],
  ['4633458b-17de-408a-b874-0445c86b69e6', 'Key Vault Secrets User', []],
  ['b86a8fe4-44ce-4948-aee5-eccb2c155cd7', 'Key Vault Secrets Officer', []],
  ['a4417e6f-fecd-4de8-b567-7b0420556985', 'Key Vault Certificates Officer', []],
  ['acdd72a7-3385-48ef-bd42-f606fba81ae7', 'Reader', []],
  ['b24988ac-6180-42a0-ab88-20f7382dd24c', 'Contributor', []],
  ['8e3af657-a8ff-443c-a75c-2fe8c4bcb635', 'Owner', []],
  ['18d7d88d-d35e-4fb5-a5c3-7773c20a72d9', 'User Access Administrator', []],
];

/** By GUID or by name, in any case. Undefined: not one of these. */
export function builtInRole(
  role: string,
): { id: string; name: string; actions: readonly KeyAction[] } | undefined {
  const wanted = role.toLowerCase();
  const found = ROLES.find(([id, name]) => id === wanted || name.toLowerCase() === wanted);
  return found && { id: found[0], name: found[1], actions: found[2] };
}
