/** Who was last seen alive. All times ISO 8601; absent: never, or the overview was deleted since. */
export interface Heartbeat {
  /** When this row was made: an app that has never finished a sweep is silent only some time after that. */
  watchedSince?: string;
  /** The timer's own last start. */
  timerAt?: string;
  /** The last sweep that was begun, by whom, and the last that came to its end. */
  sweepBegunAt?: string;
  sweepBy?: string;
  sweepFinishedAt?: string;
  /** While a sweep runs nobody else begins one; free again where the holder died. */
  leaseUntil?: string;
  /** The delayed message that returns: its id, and when it was last seen. */
  messageId?: string;
  messageAt?: string;
  /** Which queue the timer's process could not use last, and the role that would let it; absent where none. */
  queueFault?: string;
}
