import type { ArmSession } from '../azure/arm-client.ts';
import type { QuotaSeen, Reserved } from '../azure/arm-rate-limit.ts';
import type { Part } from '../azure/part.ts';
import type { Facts, PolicyFact } from './facts.ts';
import type { WithLists } from './listed-answers.ts';
import type { EventSourceFact, SubscriptionFact } from './source-facts.ts';

export interface MovedTo {
  policyId: string;
  /** `{vaultId}/keys/{name}`. */
  keyId: string;
}

/** Results of earlier readings, used when the policy or the vault no longer provides them. */
export interface ReadHints {
  vaultId?: string;
  /** Azure region: a deleted vault can be read only by its region. */
  vaultLocation?: string;
  keyName?: string;
  principalId?: string;
  /** The vault's permission model as last seen. */
  rbac?: boolean;
  /** Every version from earlier readings. */
  keyVersions?: readonly string[];
  /** Policies that environments moved to, and the key that those still need. Read with the protections. */
  moved?: readonly MovedTo[];
  /** The policy's environments are known from an earlier reading, and can replace a list. */
  membersKnown?: boolean;
}

/**
 * Reads the observed state from Azure. Never throws for Azure's answers: every failure becomes an unknown
 * part.
 */
export interface FactsReader {
  /**
   * Begins one read session: it reads each distinct resource at most once, however many policies share it.
   * Parts that have not arrived by the end of the budget (milliseconds from now) are unknown (`timeout`).
   */
  begin(budgetMs: number, options?: ReadSessionOptions): Reading;
}

export interface ReadSessionOptions {
  /**
   * How much longer than the rest environments may take; a slow list must not delay urgent results. A policy
   * that is gone has no such limit: only the list can show whether environments still name it.
   */
  environmentsGraceMs?: number;
  /**
   * Does not ask for the list of environments where members are known, unless the policy is gone: in a large
   * tenant the list costs more than all the rest, and the recheck and the sweep read it.
   */
  skipsKnownMembers?: boolean;
  /** Reads `Facts.protection` as well. */
  protection?: boolean;
  /**
   * Takes only a sweep's share of the ARM rate limit, and leaves the rest to signals. See `Reading.reserve`.
   */
  sweep?: boolean;
  /** Takes from lists what would be a request for each resource. Given by the sweep, which alone loads it. */
  withLists?: WithLists;
  /** Asks an environment API that refused lately as well: a person wants to see whether a right works now. */
  askRefused?: boolean;
}

/** A reading, in the same session, of another policy that has the same vault. */
export interface ReadBeside {
  facts: Facts;
  vaultId: string;
  keyName?: string;
}

export interface Reading {
  /** The session itself, for what only a preview reads (`withOtherModel`). */
  arm?: ArmSession;
  /**
   * One policy's chain. `beside`: only what this policy does not share with that one is read, and only as far
   * as that takes a moment.
   */
  read(policyId: string, hints?: ReadHints, beside?: ReadBeside): Promise<Facts>;
  /** The same without any list: what a list showed may be minutes old. Only where the session reads from lists. */
  readSingly?: Reading['read'];
  /**
   * In a sweep's session: waits until the ARM rate limit allows the requests for these policies, and reserves
   * them. Any other session reads without a reservation.
   */
  reserve(policies: readonly { policyId: string; hints?: ReadHints }[]): Promise<Reserved>;
  /** In a sweep's session: what Azure has said of its rate limits so far, by subscription. */
  quota?(): ReadonlyMap<string, QuotaSeen>;
  /**
   * Every enterprise policy of kind Encryption in the watched subscriptions, and the subscriptions that could
   * not be listed.
   */
  listPolicies(): Promise<{
    policies: PolicyFact[];
    unreadable: { subscriptionId: string; part: Part<never> }[];
    /** The watched subscriptions themselves. */
    subscriptions: { subscriptionId: string; part: Part<SubscriptionFact> }[];
  }>;
  /** One event source: an event subscription, a diagnostic setting, an event hub. */
  readEventSource(resourceId: string): Promise<Part<EventSourceFact>>;
}
