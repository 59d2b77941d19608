import type { EnvironmentApi } from '../facts/environment-details.ts';
import type { EnvironmentFact, KeyVersionFact, NetworkFact, PolicyFact, VaultFact } from '../facts/facts.ts';
import type { EffectHistory } from './effect-history.ts';
import type { LeftEnvironments } from './left-environment.ts';
import type { NetworkToggle } from './network-toggle.ts';
import type { PrincipalsHistory } from './remember-principals.ts';

/** A key version as earlier readings saw it. */
export interface HistoricVersion extends KeyVersionFact {
  firstSeenAt: string;
  lastSeenAt: string;
  /** Last reading at which it was enabled. */
  lastEnabledAt?: string;
  /** First reading at which its activation date, if it has one, had passed. */
  activeAt?: string;
  /** When a newer version was first known to have replaced it (that version's `created`). Absent: current. */
  supersededAt?: string;
}

/**
 * The results of earlier readings of this policy; only known readings change it. Stored in the `state` row.
 * `goneAt`: the first reading that showed the original gone (or replaced by another of the same name), while
 * that lasts. `movedAt`: the first reading that showed the policy moved off the faulty version in
 * `keyVersion`, while that lasts.
 */
export interface History {
  policyId: string;
  policy?: PolicyFact & { seenAt: string; goneAt?: string; movedAt?: string };
  vault?: VaultFact & {
    seenAt: string;
    goneAt?: string;
    /** Whether its tenant was that of the policy's identity: the last reading, and the first that differed. */
    tenantEqualAt?: string;
    tenantDiffersSince?: string;
    /** The first reading that showed it soft-deleted: if it is found nowhere after that, it was purged. */
    deletedSeenAt?: string;
  };
  /**
   * The key's name and those of its versions that matter: in use, or replaced so lately that environments may
   * still use them. `olderLeftOut`: it has others, which were left out.
   */
  key?: {
    name: string;
    versions: HistoricVersion[];
    seenAt: string;
    goneAt?: string;
    olderLeftOut?: true;
  };
  /**
   * Last time the identity was seen to hold all three key actions, under which model, and whether by a direct
   * grant.
   */
  permission?: {
    model: 'accessPolicies' | 'rbac';
    principalId: string;
    grantedAt?: string;
    directGrantAt?: string;
    /** The first reading that showed it revoked, while it is. */
    revokedSince?: string;
  };
  /**
   * The network settings before the latest change that could matter, and when that change was first read.
   * `workedAt`: the last reading at which the key was seen to be usable under the current ones. `settledAt`: the
   * first reading that showed a change to trusted services only to be harmless; `fellAt`: an environment turned
   * disabled after it.
   */
  network?: {
    current: NetworkFact;
    previous?: NetworkFact;
    changedAt?: string;
    workedAt?: string;
    settledAt?: string;
    fellAt?: string;
    seenAt: string;
    /** When the vault was closed, and opened again: those of 7 days, oldest first. */
    toggles?: NetworkToggle[];
  };
  /**
   * The last known members. One that was unlinked is removed at once; one that vanished from the lists is kept
   * for a day, with `missingSince` and without a state. `disputed`: by id, those that one of two complete
   * lists lacks.
   */
  environments?: {
    asOf: string;
    source: 'powerPlatform' | 'inventory';
    members: EnvironmentFact[];
    /** True where the last list is known to name every environment of the tenant. */
    isComplete?: true;
    /**
     * Linked members that vanished more than a day ago from lists that may be partial, and have not been seen
     * since: whether they are still linked is not known. At most 50.
     */
    unaccounted?: readonly string[];
    disputed?: Readonly<Record<string, DisputedSince>>;
  };
  /** Environments that left the policy and still need its key. */
  left?: LeftEnvironments;
  /** Who could lock the policy, as counted once a day. */
  principals?: PrincipalsHistory;
  /** The effect of a lock, whatever its cause. */
  effect?: EffectHistory;
}

/** Times ISO 8601. `seenAt`: when two lists last contradicted each other. */
export interface DisputedSince {
  lackedBy: EnvironmentApi;
  since: string;
  seenAt: string;
}
