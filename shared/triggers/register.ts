import type { Trigger } from './finding.ts';
import { keyDeleted } from './key-deleted.ts';
import { keyDisabled } from './key-disabled.ts';
import { keyExpired } from './key-expired.ts';
import { keyNotYetActive } from './key-not-yet-active.ts';
import { keyUnusable } from './key-unusable.ts';
import { keyVersionDisabled } from './key-version-disabled.ts';
import { networkRestricted } from './network-restricted.ts';
import { permissionsRevoked } from './permissions-revoked.ts';
import { policyDeleted } from './policy-deleted.ts';
import { publicAccessDisabled } from './public-access-disabled.ts';
import { vaultDeleted } from './vault-deleted.ts';

/** Every trigger, root cause first: if two have tripped, the earlier one explains the later one. */
export const TRIGGERS: readonly Trigger[] = [
  policyDeleted,
  vaultDeleted,
  keyDeleted,
  permissionsRevoked,
  keyDisabled,
  keyVersionDisabled,
  publicAccessDisabled,
  networkRestricted,
  keyExpired,
  keyNotYetActive,
  keyUnusable,
];
