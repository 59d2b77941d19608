import type { Remembered } from '../triggers/finding.ts';
import type { Facts, Part, PolicyFact } from './facts.ts';

/** Reads the truth from Azure. Never throws for what Azure answers: every failure is a part that is unknown. */
export interface FactsReader {
  /**
   * Begins one reading pass: within it, each distinct resource is read at most once, however many policies share it.
   * What is not in by the end of the budget (milliseconds from now) is unknown (`timeout`).
   */
  begin(budgetMs: number): Reading;
}

export interface Reading {
  /** One policy's chain. `remembered` tells where to look when the policy or the vault is gone. */
  read(policyId: string, remembered?: Remembered): Promise<Facts>;
  /** Every enterprise policy of kind Encryption in the watched subscriptions, with the subscriptions that could not be listed. */
  listPolicies(): Promise<{ policies: PolicyFact[]; unreadable: { subscriptionId: string; part: Part<never> }[] }>;
}
