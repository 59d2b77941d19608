const MINUTE_MS = 60_000;

/** Azure RBAC docs, "Troubleshoot": a role change may take up to 10 minutes. */
export const PERMISSION_PROPAGATION_MS = 10 * MINUTE_MS;
/** Key Vault docs: a network rule may take up to 15. */
export const NETWORK_PROPAGATION_MS = 15 * MINUTE_MS;
/** The longest that Azure may take to apply a change. A loss that has ended may still show for this long. */
export const MAX_PROPAGATION_MS = Math.max(PERMISSION_PROPAGATION_MS, NETWORK_PROPAGATION_MS);
