import type { Reserved } from '../azure/arm-rate-limit.ts';
import type { Part } from '../azure/part.ts';
import type { EventSourceFact, Facts, PolicyFact, SubscriptionFact } from './facts.ts';

/** Where to look when the policy or the vault no longer tells: what earlier readings showed. */
export interface ReadHints {
  vaultId?: string;
  /** Azure region: a deleted vault can be read only by its region. */
  vaultLocation?: string;
  keyName?: string;
  principalId?: string;
  /** The vault's permission model as last seen. */
  rbac?: boolean;
  /** Every version that earlier readings showed. */
  keyVersions?: readonly string[];
  /** The policy's environments are known from an earlier reading: these can stand in for a list that is slow. */
  membersKnown?: boolean;
}

/** Reads the truth from Azure. Never throws for what Azure answers: every failure is a part that is unknown. */
export interface FactsReader {
  /**
   * Begins one reading pass: within it, each distinct resource is read at most once, however many policies share it.
   * What is not in by the end of the budget (milliseconds from now) is unknown (`timeout`).
   */
  begin(budgetMs: number, options?: ReadSessionOptions): Reading;
}

export interface ReadSessionOptions {
  /**
   * How much longer than the rest environments may take where none are known yet; a slow list must not hold up what is
   * urgent. Where members are known, they stand in unless the list is all but there. A policy that is gone has no such
   * limit: only the list can tell whether environments still name it.
   */
  environmentsGraceMs?: number;
  /** Reads `Facts.protection` as well. */
  protection?: boolean;
  /** Takes only a sweep's share of Azure's throttling budget, and leaves the rest to signals. See `Reading.reserve`. */
  sweep?: boolean;
}

export interface Reading {
  /** One policy's chain. */
  read(policyId: string, hints?: ReadHints): Promise<Facts>;
  /**
   * In a sweep's pass: waits until Azure's throttling budget has what reading these policies takes, and takes it. Any
   * other pass just reads.
   */
  reserve(policies: readonly { policyId: string; hints?: ReadHints }[]): Promise<Reserved>;
  /** Every enterprise policy of kind Encryption in the watched subscriptions, and what could not be listed. */
  listPolicies(): Promise<{
    policies: PolicyFact[];
    unreadable: { subscriptionId: string; part: Part<never> }[];
    /** The watched subscriptions themselves. */
    subscriptions: { subscriptionId: string; part: Part<SubscriptionFact> }[];
  }>;
  /** One resource by which signals come in: an event subscription, a diagnostic setting, an event hub. */
  readEventSource(resourceId: string): Promise<Part<EventSourceFact>>;
}
