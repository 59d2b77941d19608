import type { KeyAction } from './facts.ts';
import { KEY_ACTIONS } from './facts.ts';

/** One permission set of a role or deny assignment, as far as data actions go. */
export interface DataPermission {
  dataActions: readonly string[];
  notDataActions: readonly string[];
}

/** Azure docs, "Azure permissions for Security": the actions that wrap and unwrap a customer-managed key. */
const DATA_ACTION: Readonly<Record<KeyAction, string>> = {
  read: 'microsoft.keyvault/vaults/keys/read',
  wrap: 'microsoft.keyvault/vaults/keys/wrap/action',
  unwrap: 'microsoft.keyvault/vaults/keys/unwrap/action',
};

/**
 * The key actions that these permission sets cover. An action excluded by one set (`notDataActions`) may
 * still be granted by another (Azure RBAC docs: "Understand Azure role definitions").
 */
export function keyActionsOf(permissions: readonly DataPermission[]): KeyAction[] {
  return KEY_ACTIONS.filter((action) =>
    permissions.some(
      ({ dataActions, notDataActions }) =>
        dataActions.some((pattern) => covers(pattern, DATA_ACTION[action])) &&
        !notDataActions.some((pattern) => covers(pattern, DATA_ACTION[action])),
    ),
  );
}

/**
 * Whether the pattern, with `*` for any run of characters, matches the whole action. Linear for every
 * pattern.
 */
export function covers(pattern: string, action: string): boolean {
  const [first = '', ...rest] = pattern.trim().toLowerCase().split('*');
  const last = rest.pop();
  if (last === undefined) return first === action;
  if (action.length < first.length + last.length) return false;
  if (!action.startsWith(first) || !action.endsWith(last)) return false;
  let at = first.length;
  const end = action.length - last.length;
  for (const part of rest) {
    const found = action.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
