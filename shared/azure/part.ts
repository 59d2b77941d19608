/** Why something could not be read. Unknown is never "revoked" and never "fine". */
export type UnknownReason =
  | 'forbidden' // 401 or 403 on our own identity
  | 'throttled' // a 429, or a 503 that says how long to wait, beyond the time budget
  | 'timeout' // not received by the end of the time budget
  | 'unavailable' // any other 5xx, or no connection
  | 'invalidAnswer' // an answer that does not match the documented schema
  | 'notConfigured' // no source was configured for it
  | 'notSupported' // a Managed HSM
  | 'follows'; // below a resource that is gone or unknown

export interface Known<T> {
  state: 'known';
  value: T;
  readAt: string;
}
export interface Gone {
  state: 'gone';
  /** The request and its answer, for a person: "GET …/vaults/kv1 answered 404". */
  detail: string;
  readAt: string;
}
export interface Unknown {
  state: 'unknown';
  reason: UnknownReason;
  /**
   * One sentence for a person: the missing data, the reason, and the right that would restore it. Holds no
   * secret.
   */
  detail: string;
  readAt: string;
}
/**
 * One part of the observed state: known, known to be gone, or unknown with a reason. Times are ISO 8601, UTC.
 */
export type Part<T> = Known<T> | Gone | Unknown;
