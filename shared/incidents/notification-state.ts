import type { TriggerId } from '../triggers/finding.ts';
import type { IncidentState } from './incident.ts';
import type { NoticeReason } from './notice-reason.ts';

/** The knowledge of people about an incident, so that the next notification is correct. Times ISO 8601. */
export interface NotificationState {
  /** The state in the last notification. Absent: nobody has been notified yet. */
  notified?: { state: IncidentState; at: string };
  /** Causes that people know of. `subjectsBefore`: other subjects named within the hour before. */
  causes: TriggerId[];
  /** Those of the causes that people know only as suspicions. */
  suspected?: TriggerId[];
  subjects?: Partial<Record<TriggerId, string[]>>;
  subjectsBefore?: NotificationState['subjects'];
  /** When the reminders start to count, and how many of them have come due. */
  remindFrom: string;
  reminded: number;
  /** The shortest time before `recoverBy` that people were notified of, in hours. */
  deadlineNotifiedHours?: number;
  /** The `recoverBy` that was notified. If `recoverBy` moves later, its deadlines are notified again. */
  deadlineNotifiedFor?: string;
  /** The alerts that its notices opened at services which page people; see `alerts.ts`. */
  alerts?: string[];
  /** The one of the last notice. Absent: that notice wakes nobody. */
  alert?: string;
  /** A request that was suppressed and must be notified as soon as the suppression ends. */
  deferred?: { reason: NoticeReason; since: string; because: SuppressionReason };
}

/** Why a requested notice is not sent. The incident's timeline records each. */
export type SuppressionReason =
  /** A person requested a silence, and this request is not one that a silence lets through. */
  | 'silenced'
  /** Access comes and goes. People know of it, and are notified of the state once it is stable. */
  | 'flapping'
  /** People were notified of this cause, and not that it had cleared. */
  | 'alreadyNotified'
  /** The end of something that nobody was notified of. */
  | 'neverNotified'
  /** Somebody acknowledged the incident. */
  | 'acknowledged'
  /** Another notice was sent a moment ago. */
  | 'justNotified';
