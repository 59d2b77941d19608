/** Who did it, as far as the signal tells. Every field comes from outside: escape it wherever it is shown. */
export interface Actor {
  /** A user principal name or a display name. */
  name?: string;
  objectId?: string;
  /** The application (client) id through which the act was done. */
  application?: string;
  ipAddress?: string;
  kind: 'user' | 'application' | 'unknown';
}

/**
 * What a signal says that, alone, is enough to suspect a lock while the truth can't be read.
 * Only these acts claim enough; every other signal is a hint to look and nothing more.
 */
export type Assertion =
  | { what: 'deleted'; scope: string }
  | { what: 'keyDeleted' | 'keyPurged' | 'keyDisabled'; scope: string; version?: string };

/** What a signal is about: enough to tell whom it concerns. */
export type About = Pick<
  Signal,
  'source' | 'type' | 'operation' | 'outcome' | 'scope' | 'keyName' | 'keyVersion' | 'actor'
>;

/** One thing that came in, told in our words. It says where to look and who acted; it is never the verdict. */
export interface Signal {
  /** The original's id; where it has none, a hash of the original. The same original always has the same id. */
  id: string;
  source: 'keyVault' | 'resourceManager' | 'audit' | 'recheck' | 'sweep';
  /** The original's event type or operation name, as it came; for logs and the timeline. */
  type: string;
  /** The ARM operation ('Microsoft.KeyVault/vaults/write'), as it came. Absent for Key Vault events. */
  operation?: string;
  outcome: 'success' | 'failure' | 'cancelled';
  /** The ARM id that the act was about, lower case, no slash at its end. */
  scope: string;
  /** The key inside the vault of `scope`, where the original names one; lower case. */
  keyName?: string;
  keyVersion?: string;
  /** When it happened by the original's own clock, ISO 8601; when it was received where the original does not tell. */
  at: string;
  correlationId?: string;
  actor?: Actor;
  assertion?: Assertion;
}
