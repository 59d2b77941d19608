/** Why something could not be read. Unknown is never "revoked" and never "fine". */
export type UnknownReason =
  | 'forbidden' // 401 or 403 on our own identity
  | 'throttled' // 429 or 503 beyond the time budget
  | 'timeout' // not in by the end of the time budget
  | 'unavailable' // any other 5xx, or no connection
  | 'invalidAnswer' // an answer that does not have the documented form
  | 'notConfigured' // no source was set for it
  | 'notSupported' // a Managed HSM
  | 'follows'; // lies below something gone or unknown

export interface Known<T> {
  state: 'known';
  value: T;
  readAt: string;
}
export interface Gone {
  state: 'gone';
  /** What was asked and what the answer was, for a person: "GET …/vaults/kv1 answered 404". */
  detail: string;
  readAt: string;
}
export interface Unknown {
  state: 'unknown';
  reason: UnknownReason;
  /** One sentence for a person: what can't be read, why, and which right would mend it. Holds no secret. */
  detail: string;
  readAt: string;
}
/** One part of the truth: known, known to be gone, or unknown with its reason. Times are ISO 8601, UTC. */
export type Part<T> = Known<T> | Gone | Unknown;
