import type { Incident, NoticeIntent, Silence } from './incident.ts';
import type { NoticeReason } from './notice-reason.ts';
import type { NotificationState, SuppressionReason } from './notification-state.ts';

/** A notification that a reading, a person's action or a timer asks for. */
export interface NotifyRequest {
  reason: NoticeReason;
  /** One sentence, for the timeline and the notice. */
  because: string;
  /** A reading shows access lost again in an incident that was still open. */
  isRelapse?: boolean;
  /** Of `worsened`: environments that nobody knew of are affected, or environments were deleted. */
  hasMoreEnvironments?: boolean;
  /** Of `closed`: a person closed it while its causes were present. */
  isStanding?: boolean;
  /** Of `reminder`: no other one follows, so it is sent though somebody acknowledged the incident. */
  isLast?: boolean;
  /** Of `deadline`: which one, in hours before `recoverBy`. */
  hours?: number;
  /** It has not changed for a while, so it is no longer flapping. */
  isStable?: boolean;
}

export interface Suppression {
  reason: NoticeReason;
  because: SuppressionReason;
  /** For the timeline. */
  text: string;
}

/** The decision on one request: notify, or suppress for a named reason; and what people know afterwards. */
export interface NotifyDecision {
  notification: NotificationState;
  /**
   * When people were notified within the last hour that access came or went. For the policy, over all its
   * incidents.
   */
  recentTransitions: string[];
  notice?: NoticeIntent;
  suppressed?: Suppression;
}

export interface NotifyContext {
  /** The incident as it is now. */
  incident: Incident;
  /** Silences over the policy. */
  silences?: readonly Silence[];
  recentTransitions?: readonly string[];
  now: string;
}
