import type { AffectedEnvironment, Incident } from '../incidents/incident.ts';
import type { NoticeReason } from '../incidents/notice-reason.ts';
import type { SilenceChange } from '../incidents/silence-change.ts';
import type { OutboxRow, Progress } from '../storage/incident-store.ts';
import type { VisibilityNotice } from '../visibility/visibility-state.ts';

/** One message: one reason, and every incident of its group. The input of a channel. */
export interface Notice {
  messageId: string;
  reason: NoticeReason;
  /** ISO 8601. */
  at: string;
  /**
   * One per policy, all sharing the group's cause. Empty only if the notice is about Lockwatch itself or about a
   * silence.
   */
  incidents: NoticeIncident[];
  visibility?: VisibilityNotice;
  /** Of `silenced`: the silence of each policy. */
  silences?: NoticeSilence[];
  /** Of `undelivered`: the channel that gave up, the notice, and the reason; without secrets. */
  undelivered?: Undelivered;
  /** Base of links to the app's own pages; absent if no public address is set. Never contains a key. */
  publicUrl?: string;
  /**
   * What earlier tries decided. The channel adds to it as soon as a part is decided, so that a try that is cut
   * off loses nothing.
   */
  progress?: Progress;
  /** Of a channel that keeps alerts: the steps (`alertStepId`) that later notices have made untrue. */
  outdated?: string[];
}

/** `since`: when the undelivered notice was requested. */
export type Undelivered = NonNullable<OutboxRow['undelivered']>;

export interface NoticeSilence extends SilenceChange {
  policyName: string;
}

export interface NoticeIncident {
  incident: Incident;
  policyName: string;
  /** Why this notice was requested, one or two sentences; not escaped. */
  because?: string;
  /** All that are known. A channel shows as many as fit, counts the rest and links to them. */
  environments: AffectedEnvironment[];
}

/** No channel may request a longer wait, so that a wrong header can't silence it. */
export const MAX_RETRY_AFTER_MS = 3_600_000;

/**
 * The result of one try. `sent`: the receiver's own answer says that it took the message. `accepted`: it says
 * that the message is on its way, and is asked again. `permanent`: a refusal that no later try can change (a
 * rejected recipient, a malformed card). `answer`: the receiver's own words, without secrets.
 */
export type SendResult = (
  | { outcome: 'sent'; detail: string }
  | { outcome: 'accepted'; detail: string; askAgainMs?: number }
  | { outcome: 'failed'; permanent: boolean; detail: string; retryAfterMs?: number }
) & { answer?: string };
export type SendFailure = Extract<SendResult, { outcome: 'failed' }>;

/**
 * One transport to people. Never throws; never puts its address or a secret into `detail`; honours the
 * signal.
 */
export interface Channel {
  /** 'teams', 'teams-ops', 'email', 'email-graph', 'webhook-pagerduty'. Stable: part of the row's key. */
  name: string;
  /** What is known to be wrong with its settings before anything is sent; without secrets. */
  warning?: string;
  /** Its service keeps an alert open until it is resolved. */
  keepsAlerts?: boolean;
  send(notice: Notice, abort: AbortSignal): Promise<SendResult>;
}
