/**
 * When each process was last seen alive. All times ISO 8601; absent: never, or the read model was deleted
 * since.
 */
export interface Heartbeat {
  /**
   * When this row was created. An app that has never finished a sweep counts as silent only some time later.
   */
  watchedSince?: string;
  /** The timer's own last start. */
  timerAt?: string;
  /** The start of the last sweep, its runner, and the end of the last sweep that finished. */
  sweepBegunAt?: string;
  sweepBy?: string;
  sweepFinishedAt?: string;
  /** The interval in force, as the last sweep found it right. Absent: no sweep has measured it yet. */
  sweepIntervalMs?: number;
  /** How many sweeps in a row needed a shorter interval than the one in force. */
  calmSweeps?: number;
  /** Subscriptions that are read at a longer interval of their own: JSON (`slowed-subscriptions.ts`). */
  slowedSubscriptions?: string;
  /** The last sweep failed before it read anything. */
  failedUnreadAt?: string;
  /** While a sweep runs, no other process starts one. The lease expires if its holder dies. */
  leaseUntil?: string;
  /** The delayed heartbeat message: its id, and when it was last received. */
  messageId?: string;
  messageAt?: string;
  /**
   * The queue that the timer's process could not use last, and the role that would allow it; absent if none.
   */
  queueFault?: string;
  /** Signals that ask for a sweep: JSON (`storage/asking-signals.ts`). */
  askedBy?: string;
}
