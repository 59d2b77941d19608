import type { Advisory } from './advisory.ts';
import { expiryWithoutRotation } from './expiry-without-rotation.ts';
import { keyExpiring } from './key-expiring.ts';
import { leftEnvironmentStillNeedsKey } from './left-environment-still-needs-key.ts';
import { manyEnvironmentsOnPolicy } from './many-environments-on-policy.ts';
import { morePrincipalsCanLock } from './more-principals-can-lock.ts';
import { newPolicyCannotUseOldKey } from './new-policy-cannot-use-old-key.ts';
import { noDeleteLockOnPolicy } from './no-delete-lock-on-policy.ts';
import { noDeleteLockOnVault } from './no-delete-lock-on-vault.ts';
import { nobodyCanReenable } from './nobody-can-reenable.ts';
import { olderVersionLeaves28Days } from './older-version-leaves-28-days.ts';
import { ownSecretInWatchedVault } from './own-secret-in-watched-vault.ts';
import { permissionThroughGroup } from './permission-through-group.ts';
import { permissionWithConditionOrTimeBound } from './permission-with-condition-or-time-bound.ts';
import { policyWithoutEnvironments } from './policy-without-environments.ts';
import { purgeProtectionMissing } from './purge-protection-missing.ts';
import { softDeleteMissing } from './soft-delete-missing.ts';
import { teamsOnlyChannel } from './teams-only-channel.ts';
import { trustedServicesBypassOnly } from './trusted-services-bypass-only.ts';
import { unhealthyWithoutLock } from './unhealthy-without-lock.ts';
import { vaultToggledRegularly } from './vault-toggled-regularly.ts';

/** Every advisory, in the order in which people read them: first those with a date, then permanent losses. */
export const ADVISORIES: readonly Advisory[] = [
  keyExpiring,
  expiryWithoutRotation,
  softDeleteMissing,
  purgeProtectionMissing,
  noDeleteLockOnVault,
  noDeleteLockOnPolicy,
  trustedServicesBypassOnly,
  permissionThroughGroup,
  permissionWithConditionOrTimeBound,
  olderVersionLeaves28Days,
  unhealthyWithoutLock,
  nobodyCanReenable,
  newPolicyCannotUseOldKey,
  leftEnvironmentStillNeedsKey,
  manyEnvironmentsOnPolicy,
  morePrincipalsCanLock,
  policyWithoutEnvironments,
  vaultToggledRegularly,
  ownSecretInWatchedVault,
  teamsOnlyChannel,
];
