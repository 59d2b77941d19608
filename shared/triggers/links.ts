/** "Lock environments by revoking key vault access": the eight revocation triggers, and how to unlock. */
export const LOCK_PAGE = 'https://learn.microsoft.com/power-platform/admin/cmk-lock-unlock';
/**
 * "Manage your customer-managed encryption key": the requirements for the key, the vault and the identity.
 */
export const CMK_PAGE = 'https://learn.microsoft.com/power-platform/admin/customer-managed-key';
/** The things that a deleted vault loses permanently: role assignments and Event Grid subscriptions. */
export const SOFT_DELETE_PAGE = 'https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview';
export const RECOVERY_PAGE = 'https://learn.microsoft.com/azure/key-vault/general/key-vault-recovery';
export const RBAC_GUIDE_PAGE = 'https://learn.microsoft.com/azure/key-vault/general/rbac-guide';
export const DENY_PAGE = 'https://learn.microsoft.com/azure/role-based-access-control/deny-assignments';
export const NETWORK_PAGE = 'https://learn.microsoft.com/azure/key-vault/general/network-security';
/** The effects deny and modify of an Azure Policy. */
export const POLICY_EFFECTS_PAGE =
  'https://learn.microsoft.com/azure/governance/policy/concepts/effect-basics';
/** What a ReadOnly lock refuses, and the roles that may delete one. */
export const LOCKS_PAGE =
  'https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources';
export const PERIMETER_PAGE =
  'https://learn.microsoft.com/azure/private-link/network-security-perimeter-transition';
export const KEYS_PAGE = 'https://learn.microsoft.com/azure/key-vault/keys/about-keys-details';
/** "Move an Azure Key Vault to another subscription": the effect on its tenant id and its grants. */
export const MOVE_PAGE = 'https://learn.microsoft.com/azure/key-vault/general/move-subscription';
