/** The actor, as far as the signal names one. Every field is untrusted: escape it wherever it is shown. */
export interface Actor {
  /** A user principal name or a display name. */
  name?: string;
  objectId?: string;
  /** The application (client) id through which the operation was performed. */
  application?: string;
  ipAddress?: string;
  kind: 'user' | 'application' | 'unknown';
}

/** An actor, with the evidence that names them: stronger evidence replaces weaker. */
export interface NamedActor extends Actor {
  /** Only the vault's audit log is a record of Azure; an event comes through a queue. */
  from?: 'auditLog' | 'event';
  /** How much the evidence proves (`incidents/attribute-actor.ts`). Absent: not known. */
  strength?: number;
}

/**
 * The part of a signal that alone is enough to suspect a lock while the observed state can't be read. Only
 * these operations are enough; every other signal is only a hint to read.
 */
export type Assertion =
  | { what: 'deleted'; scope: string }
  | { what: 'keyDeleted' | 'keyPurged' | 'keyDisabled'; scope: string; version?: string };

/** The part of a signal that decides which policies it concerns. */
export type About = Pick<
  Signal,
  'source' | 'type' | 'operation' | 'outcome' | 'scope' | 'keyName' | 'keyVersion' | 'actor'
>;

/**
 * One received signal in our own format. It says which scope to read and who acted; it is never the verdict.
 */
export interface Signal {
  /**
   * The original's id; where it has none, a hash of the original. The same original always has the same id.
   */
  id: string;
  source: 'keyVault' | 'resourceManager' | 'audit' | 'recheck' | 'sweep';
  /** The original's event type or operation name, as received; for logs and the timeline. */
  type: string;
  /** The ARM operation ('Microsoft.KeyVault/vaults/write'), as received. Absent for Key Vault events. */
  operation?: string;
  outcome: 'success' | 'failure' | 'cancelled';
  /** The ARM id that the operation was about, lower case, no trailing slash. */
  scope: string;
  /** The key inside the vault of `scope`, where the original names one; lower case. */
  keyName?: string;
  keyVersion?: string;
  /**
   * When it happened by the original's own clock, ISO 8601; when it was received where the original has no
   * time.
   */
  at: string;
  correlationId?: string;
  actor?: Actor;
  assertion?: Assertion;
}
