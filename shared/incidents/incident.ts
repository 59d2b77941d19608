import type { EnvironmentFact } from '../facts/facts.ts';
import type { Actor, NamedActor, Signal } from '../signals/signal.ts';
import type { AdvisoryFinding } from '../triggers/advisories/advisory.ts';
import type { Finding, TriggerId, Verdict } from '../triggers/finding.ts';
import type { History } from '../triggers/history.ts';
import type { EndedIncident } from './ended-incidents.ts';
import type { NoticeReason } from './notice-reason.ts';
import type { NotificationState } from './notification-state.ts';
import type { DigestSilence, ReportedSilence } from './report-silence.ts';
import type { SilenceChange } from './silence-change.ts';

/** Open means any state except closed and dismissed. */
export type IncidentState = 'suspected' | 'revoked' | 'accessRestored' | 'closed' | 'dismissed';

export type EnvironmentState = 'locked' | 'awaitingReEnable' | 'enabled' | 'deleted' | 'unknown';

/** An environment as the incident stores it. */
export interface AffectedEnvironment extends EnvironmentFact {
  state: EnvironmentState;
  /**
   * When a locked environment of this SKU is deleted: a safe estimate, counted from detection; of a deleted one,
   * when it was deleted. ISO 8601.
   */
  deletedAt: string;
  /** Only of a deleted one: until when it can be recovered by the general rule. ISO 8601. */
  recoverableUntil?: string;
  /** True where the SKU's own term is not published and 7 days are assumed. */
  deletionIsGuess: boolean;
}

export interface Cause {
  trigger: TriggerId;
  verdict: 'revoked' | 'suspected';
  /** The ARM id of the resource that has the cause. */
  scope: string;
  /** When a reading first showed it. */
  since: string;
  /** The last reading before `since` that showed it clear: the operation happened between the two. */
  lastClearAt?: string;
  /** What was done to bring it about, as far as a signal shows it. */
  operation?: { at: string; actor?: NamedActor };
  finding: Finding;
}

export interface Incident {
  /** A hash of the policy's id and the sequence number. */
  id: string;
  policyId: string;
  sequence: number;
  state: IncidentState;
  /** Its detection (the reading's time), and the operation, if a signal gave its time. */
  openedAt: string;
  actedAt?: string;
  /** The first reading that showed access revoked. Absent: it was never more than a suspicion. */
  confirmedAt?: string;
  /** When the current lock began, if access was restored and lost again. See `clockEnd` for the deadlines. */
  lockedSince?: string;
  /** Those present now, root first. Once access is restored: all of this lock, as they last were. */
  causes: Cause[];
  /** Causes of this lock that cleared while others remain: a vault recovered without its permissions. */
  easedCauses?: Cause[];
  actor?: NamedActor;
  /** The earliest deadline: environment deletion or purge. Never moves later while a cause is present. */
  recoverBy: string;
  recoverByBecause: string;
  recoverByIsEstimate: boolean;
  environmentCount: number;
  /**
   * No environment is known to be affected, so people get one warning (`keyUnreachable`): no page, no reminder,
   * no deadline. Removed once an environment appears or the policy turns Unhealthy.
   */
  noEnvironments?: true;
  /**
   * Its environments left the lists more than a day ago, and whether they are still linked can't be known: since
   * when people have been asked to close it. No more reminders and deadlines.
   */
  askedToCloseAt?: string;
  /** When the membership behind this incident was read, and from where. */
  environmentsAsOf?: string;
  environmentsSource?: 'powerPlatform' | 'inventory';
  /** Ids of its environments that a later known list omits. They are not known to be enabled. */
  environmentsLeft?: string[];
  accessRestoredAt?: string;
  /** Of a suspicion that reads clear, but may only take effect later: since when it does. */
  readsClearSince?: string;
  /** Access reads as back, but may only take effect at this time (Azure docs). Absent: not provisional. */
  provisionalUntil?: string;
  /** When access that read as back surely worked: later than `accessRestoredAt` if it was provisional. */
  accessCertainAt?: string;
  closedAt?: string;
  /** A person closed it, and why. Absent if it closed by itself. */
  closedBy?: { by: Person; why: string };
  /** Somebody acknowledged it, so there are no more reminders. A relapse removes this. */
  acknowledged?: { by: Person; at: string; why?: string };
  silence?: Silence;
  supportCase?: { number: string; by: Person; at: string; note?: string };
  /** A drill: nothing in it is real. */
  drill?: true;
  /** The notifications so far; see `notification-policy.ts`. */
  notification?: NotificationState;
  /** The last reading that touched the incident. */
  readAt: string;
}

/** A person who acts through the API. */
export interface Person {
  name: string;
  /** The Entra object id, if the platform's sign-in provides it. */
  id?: string;
}

/** An intended lock, or a known incident. Never suppresses a worsening or a deadline within 24 h. */
export interface Silence {
  /** ISO 8601. A silence that begins later is planned. */
  from: string;
  until: string;
  by: Person;
  why: string;
  /** When it was requested. */
  at: string;
  /** The vault's ARM id, if the silence was requested for a whole vault. */
  vaultId?: string;
}

/** A request for a notice, with its reason. The content is made from the incident when the notice is sent. */
export interface NoticeIntent {
  reason: NoticeReason;
  /** Scope and cause: notices of one group go out as one message per channel. */
  group: string;
  /** Why it was requested, one sentence, for the timeline. */
  because: string;
  /** When it was requested; part of the notice's id. ISO 8601. */
  at: string;
  /** Of `silenced`: the notice is about this, and needs no incident. */
  silence?: SilenceChange;
}

export interface TimelineEntry {
  at: string;
  what:
    | 'opened'
    | 'confirmed'
    | 'worsened'
    | 'eased'
    | 'accessRestored'
    | 'relapsed'
    /** Access is back, and only now the environments are seen disabled. */
    | 'lockShown'
    | 'closed'
    | 'dismissed'
    | 'signal'
    | 'notice'
    /** A notice was requested and not sent; the text says why. */
    | 'suppressed'
    | 'acknowledged'
    | 'silenced'
    | 'silenceEnded'
    | 'supportCase'
    | 'reminder'
    | 'deadline';
  text: string;
  signalId?: string;
  actor?: Actor;
  /** The person who did it through the API. */
  by?: Person;
}

/** The stored state of one policy: the row `state` of its partition. */
export interface PolicyState {
  policyId: string;
  /** The worst verdict of the last reading; `unknown` if any required part was not readable. */
  verdict: Verdict;
  findings: Finding[];
  /** The last reading that was accepted. An older one is dropped. */
  readAt: string;
  /** Per part of Facts: its state, and the reason where it is unknown. For status and health. */
  parts: Record<
    string,
    { state: 'known' | 'gone' | 'unknown'; reason?: string; detail?: string; readAt: string }
  >;
  history: History;
  sequence: number;
  /** The whole open incident, so that one row holds everything that the next decision needs. */
  incident?: Incident;
  /** The last incident that closed by itself, for a day: a lock that shows late returns it. */
  closedIncident?: Incident;
  /** Those of the last month that are over, the latest last: what happened then is answered from these. */
  endedIncidents?: EndedIncident[];
  /** A change of permission or network may take effect only at this time, though ARM shows it already. */
  propagationEndsAt?: string;
  /** Managed HSM: listed, never judged. */
  supported: boolean;
  /** Persistent remarks that are no incident ("no environment is linked to this policy"). */
  warnings: string[];
  /** Present or unknown at the last reading that checked; others were absent. Never an incident. */
  advisories?: { readAt: string; findings: AdvisoryFinding[] };
  /** When the last signal came from each source (a subscription or a vault, lower case). Absent: never. */
  lastSignals?: { event?: Record<string, string>; audit?: Record<string, string> };
  /** The last signals that concerned it, for a while: a recheck carries only their ids. Newest last. */
  recentSignals?: { receivedAt: string; signal: Signal }[];
  /** When people were notified in the last hour that access came or went. Many are flapping. */
  recentTransitions?: string[];
  /** Requested for the policy or its vault, planned or in force. Ended ones are removed. */
  silences?: Silence[];
  /** When it is silent, silences in a row joined, those of the last day included. Bounds them together. */
  silenceRows?: Pick<Silence, 'from' | 'until'>[];
  /** The silences of the last 7 days that had a notice of their own, and those that only the digest reports. */
  reportedSilences?: ReportedSilence[] | undefined;
  digestSilences?: DigestSilence[] | undefined;
  /**
   * Causes that were present when the last incident was closed by a person, or because all environments had
   * left. Muted until they read clear.
   */
  mutedCauses?: (Pick<Cause, 'trigger' | 'scope' | 'verdict'> & {
    subject?: string[];
    /** All environments had left the policy: muted only until one is linked to it. */
    whileEmpty?: true;
  })[];
  /** The incident that a person closed while its causes were present, as long as they are: for its deadlines. */
  closedStanding?: Incident;
  /** Set by the store: the incident whose list was only partly written. The next decision writes it whole. */
  environmentsUnwritten?: Incident;
}

/** The changes that one reading makes. They are committed in one transaction, or not at all. */
export interface Transition {
  kind:
    | 'none'
    | 'opened'
    | 'confirmed'
    | 'worsened'
    | 'eased'
    | 'accessRestored'
    | 'relapsed'
    /** Access is back, and only now the environments are seen disabled. */
    | 'lockShown'
    | 'closed'
    | 'dismissed'
    /** A notification came due, or a person did something; the state stays. */
    | 'reminded'
    | 'acted';
  policyState: PolicyState;
  /** The incident after this transition, if one was touched. */
  incident?: Incident;
  /** Environments of the incident that are new or changed; all of them where a notice is requested. */
  environments: AffectedEnvironment[];
  timeline: TimelineEntry[];
  notices: NoticeIntent[];
}
