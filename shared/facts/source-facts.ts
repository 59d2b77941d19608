/** One subscription itself, as Azure reports it. */
export interface SubscriptionFact {
  /**
   * 'Enabled'; a disabled one is read-only, and Azure stops the resources in it ("Azure subscription
   * states").
   */
  state?: string;
  /** The tenant that it belongs to now. */
  tenantId?: string;
}

/**
 * An Azure resource that delivers signals to Lockwatch: an event subscription, a diagnostic setting, an event
 * hub.
 */
export interface EventSourceFact {
  /** False where it exists but delivers nothing: a diagnostic setting without the vault's audit log. */
  isOpen: boolean;
}
