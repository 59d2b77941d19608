import type { AffectedEnvironment, Incident } from '../incidents/incident.ts';
import type { NoticeReason } from '../incidents/notice-reason.ts';
import type { VisibilityNotice } from '../visibility/visibility-state.ts';

/** One message: one reason, and every incident of its group. What a channel is given. */
export interface Notice {
  messageId: string;
  reason: NoticeReason;
  /** ISO 8601. */
  at: string;
  /** One per policy, all sharing the group's cause. Empty only where the notice is about the watch itself. */
  incidents: NoticeIncident[];
  visibility?: VisibilityNotice;
  /** Of `undelivered`: which channel gave up, on what, and why; without secrets. */
  undelivered?: Undelivered;
  /** Base of links to the app's own answers; none where no public address is set. Never holds a key. */
  publicUrl?: string;
}

export interface Undelivered {
  channel: string;
  reason: NoticeReason;
  /** When the notice that did not get through was called for. */
  since: string;
  because: string;
}

export interface NoticeIncident {
  incident: Incident;
  policyName: string;
  /** Why this notice was called for, one or two sentences; not escaped. */
  because?: string;
  /** All that are known; a channel shows as many as fit, counts the rest and links. */
  environments: AffectedEnvironment[];
}

/** No channel may ask for a longer wait, so that a wrong header can't silence it. */
export const MAX_RETRY_AFTER_MS = 3_600_000;

/** Refusals that no later try can mend (a rejected recipient, a malformed card) are `permanent`. */
export type SendResult =
  | { outcome: 'sent'; detail: string }
  | { outcome: 'failed'; permanent: boolean; detail: string; retryAfterMs?: number };

/**
 * One way to reach people. Never throws; never puts its address or a secret into `detail`; honours the signal.
 */
export interface Channel {
  /** 'teams', 'teams-ops', 'email', 'email-graph', 'webhook-pagerduty'. Stable: it is part of the outbox row's key. */
  name: string;
  send(notice: Notice, abort: AbortSignal): Promise<SendResult>;
}
