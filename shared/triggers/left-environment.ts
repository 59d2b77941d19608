/**
 * An environment that was taken out of the policy. It needs the policy's key of that time for 30 more days, to
 * restore its backups.
 */
export interface LeftEnvironment {
  /** Lower case. */
  id: string;
  displayName: string;
  /** The list that first showed it without the link. ISO 8601. */
  at: string;
  /** The key that the policy named then: `{vaultId}/keys/{name}`. */
  keyId?: string;
  /** `normalId` of the policy that it is linked to now; empty where that policy can't be identified. */
  movedTo?: string;
}

/** Those of 30 days, the latest last. `more`: how many earlier ones were left out, and when the last of them left. */
export interface LeftEnvironments {
  environments: LeftEnvironment[];
  more?: { count: number; at: string };
}
