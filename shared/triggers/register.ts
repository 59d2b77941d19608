import { TRIGGER_IDS, type Trigger, type TriggerId } from './finding.ts';
import { keyDeleted } from './key-deleted.ts';
import { keyDisabled } from './key-disabled.ts';
import { keyExpired } from './key-expired.ts';
import { keyNotYetActive } from './key-not-yet-active.ts';
import { keyUnusable } from './key-unusable.ts';
import { keyVersionDisabled } from './key-version-disabled.ts';
import { locked } from './locked.ts';
import { networkRestricted } from './network-restricted.ts';
import { permissionsRevoked } from './permissions-revoked.ts';
import { policyDeleted } from './policy-deleted.ts';
import { publicAccessDisabled } from './public-access-disabled.ts';
import { vaultDeleted } from './vault-deleted.ts';

const REGISTER: { readonly [Id in TriggerId]: Trigger<Id> } = {
  'policy-deleted': policyDeleted,
  'vault-deleted': vaultDeleted,
  'key-deleted': keyDeleted,
  'permissions-revoked': permissionsRevoked,
  'key-disabled': keyDisabled,
  'key-version-disabled': keyVersionDisabled,
  'public-access-disabled': publicAccessDisabled,
  'network-restricted': networkRestricted,
  'key-expired': keyExpired,
  'key-not-yet-active': keyNotYetActive,
  'key-unusable': keyUnusable,
  locked,
};

/** Every trigger, root cause first: if two have tripped, the earlier one explains the later one. */
export const TRIGGERS: readonly Trigger[] = TRIGGER_IDS.map((id) => REGISTER[id]);

/** Undefined where a stored row names a trigger that this version does not have. */
export function triggerOf(id: string): Trigger | undefined {
  return TRIGGERS.find((trigger) => trigger.id === id);
}
