import type { EnvironmentFact } from '../facts/facts.ts';
import type { Actor } from '../signals/signal.ts';
import type { AdvisoryFinding } from '../triggers/advisories/advisory.ts';
import type { Finding, History, TriggerId, Verdict } from '../triggers/finding.ts';
import type { NoticeReason } from './notice-reason.ts';

/** Open means any state but closed and dismissed. */
export type IncidentState = 'suspected' | 'revoked' | 'accessRestored' | 'closed' | 'dismissed';

export type EnvironmentState = 'locked' | 'awaitingReEnable' | 'enabled' | 'unknown';

/** An environment as the incident holds it. */
export interface AffectedEnvironment extends EnvironmentFact {
  state: EnvironmentState;
  /** When a locked environment of this SKU is deleted; a safe estimate, counted from detection. ISO 8601. */
  deletedAt: string;
  /** True where the SKU's own term is not published and 7 days were taken. */
  deletionIsGuess: boolean;
}

export interface Cause {
  trigger: TriggerId;
  verdict: 'revoked' | 'suspected';
  /** As ARM id: where the cause lies. */
  scope: string;
  /** When a reading first showed it. */
  since: string;
  /** The last reading before `since` that showed it clear, where there was one: the act lies between the two. */
  lastClearAt?: string;
  finding: Finding;
}

export interface Incident {
  /** A hash of the policy's id and the sequence number. */
  id: string;
  policyId: string;
  sequence: number;
  state: IncidentState;
  /** When it was detected (the reading's time), and when the signal says that the act was done, where one did. */
  openedAt: string;
  actedAt?: string;
  /** The first reading that showed access revoked. Absent: it was never more than a suspicion. */
  confirmedAt?: string;
  /** Access was restored and lost again: since when this time. What that means for the clocks, see `clockEnd`. */
  lockedSince?: string;
  /** Causes that stand now. The first is the root. Once access is restored: all that stood in this lock, as they last were. */
  causes: Cause[];
  /** Of this lock as well, but clear already while others stand: a vault that was recovered without its permissions. */
  easedCauses?: Cause[];
  actor?: Actor;
  /** The earliest clock: environment deletion or purge. Never moves later while a cause stands. */
  recoverBy: string;
  recoverByBecause: string;
  recoverByIsEstimate: boolean;
  environmentCount: number;
  /** When the membership that this stands on was read, and where. */
  environmentsAsOf?: string;
  environmentsSource?: 'powerPlatform' | 'inventory';
  /** Ids of environments of this incident that a later known list no longer names: not known to be enabled. */
  environmentsLeft?: string[];
  accessRestoredAt?: string;
  /** Access reads as back, but by Azure's own words may not act before this. Absent: it is not provisional. */
  provisionalUntil?: string;
  closedAt?: string;
  /** A person closed it, and why; absent where it closed by itself. */
  closedBy?: { by: Person; why: string };
  /** Somebody has it in hand: no more reminders. A relapse takes it away. */
  acknowledged?: { by: Person; at: string; why?: string };
  silence?: Silence;
  supportCase?: { number: string; by: Person; at: string; note?: string };
  /** A drill: nothing of it is real. */
  drill?: true;
  /** What people know of it; see `speech.ts`. */
  notification?: NotificationState;
  /** The last reading that touched it. */
  readAt: string;
}

/** What was said of an incident, so that the next thing said is the right one. Times ISO 8601. */
export interface NotificationState {
  /** The state that people were last told. Absent: nothing was said yet. */
  notified?: { state: IncidentState; at: string };
  /** Causes that people know of, and what of each; `subjectsBefore`: what else they were told within the hour before. */
  causes: TriggerId[];
  /** Of the causes, those that people know as suspicions only. */
  suspected?: TriggerId[];
  subjects?: Partial<Record<TriggerId, string[]>>;
  subjectsBefore?: NotificationState['subjects'];
  /** From when the reminders count, and how many of them have come due. */
  remindFrom: string;
  reminded: number;
  /** The least time before `recoverBy` that was told, in hours. */
  deadlineNotifiedHours?: number;
  /** The `recoverBy` that it was told of. One that moved later has its deadlines before it once more. */
  deadlineNotifiedFor?: string;
  /** What was called for and withheld, and is to be told as soon as that ends. */
  deferred?: { reason: NoticeReason; since: string; because: SuppressionReason };
}

/** Why a notice that something called for is not sent; each is told in the incident's timeline. */
export type SuppressionReason =
  /** A person asked for silence, and this is nothing that a silence lets through. */
  | 'silenced'
  /** Access comes and goes: people know of it, and hear how it stands once it stays. */
  | 'flapping'
  /** People were told of this very cause, and not that it had gone. */
  | 'alreadyNotified'
  /** The end of something that nobody was told of. */
  | 'neverNotified'
  /** Somebody has it in hand. */
  | 'acknowledged'
  /** Something else was said a moment ago. */
  | 'justNotified';

/** A person who acts through the API. */
export interface Person {
  name: string;
  /** The Entra object id, where the platform's sign-in told it. */
  id?: string;
}

/** An intended lock, or an incident of which enough is known. Never hides a worsening or a deadline within 24 h. */
export interface Silence {
  /** ISO 8601. A silence that begins later was planned. */
  from: string;
  until: string;
  by: Person;
  why: string;
  /** When it was asked for. */
  at: string;
  /** Where it was asked for a whole vault: its ARM id. */
  vaultId?: string;
}

/** That a notice is called for, and why. What it says is made from the incident when it is sent. */
export interface NoticeIntent {
  reason: NoticeReason;
  /** Scope and cause: notices of one group go out as one message per channel. */
  group: string;
  /** Why it was called for, one sentence, for the timeline. */
  because: string;
  /** When it was called for; makes the notice's id. ISO 8601. */
  at: string;
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
    | 'closed'
    | 'dismissed'
    | 'signal'
    | 'notice'
    /** A notice was called for and not sent; the text says why. */
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
  /** Who did it through the API. */
  by?: Person;
}

/** What we hold of one policy: the head row of its partition. */
export interface PolicyState {
  policyId: string;
  /** The worst verdict of the last reading; `unknown` where anything needed was not readable. */
  verdict: Verdict;
  findings: Finding[];
  /** The last reading that was accepted. An older one is dropped. */
  readAt: string;
  /** Per part of Facts: its state, and the reason where unknown. For status and health. */
  parts: Record<
    string,
    { state: 'known' | 'gone' | 'unknown'; reason?: string; detail?: string; readAt: string }
  >;
  history: History;
  sequence: number;
  /** The open incident, whole: so one row tells all that the next decision needs. */
  incident?: Incident;
  /** A change of permission or network may not act before this, though ARM shows it. */
  propagationEndsAt?: string;
  /** Managed HSM: listed, never judged. */
  supported: boolean;
  /** Standing remarks that are no incident ("no environment is linked to this policy"). */
  warnings: string[];
  /** What the last reading that looked for it warns of, or could not tell; what is not in it was absent. Never an incident. */
  advisories?: { readAt: string; findings: AdvisoryFinding[] };
  /** When a signal last came, by where it came from (a subscription or a vault, lower case). Absent: never. */
  lastSignals?: { event?: Record<string, string>; audit?: Record<string, string> };
  /** When people were told that access comes or goes, of the last hour: more than a few are flapping. */
  recentTransitions?: string[];
  /** Silences asked for the policy or its vault, planned or running; those that ended are dropped. */
  silences?: Silence[];
  /** Causes that stood when a person closed the last incident: they open nothing until they have read clear. */
  mutedCauses?: (Pick<Cause, 'trigger' | 'scope' | 'verdict'> & { subject?: string[] })[];
  /** Set by the store: the incident whose list of environments was begun and not finished. The next decision gives all. */
  environmentsUnwritten?: Incident;
}

/** What one reading changes; the whole of it is committed in one transaction, or nothing. */
export interface Transition {
  kind:
    | 'none'
    | 'opened'
    | 'confirmed'
    | 'worsened'
    | 'eased'
    | 'accessRestored'
    | 'relapsed'
    | 'closed'
    | 'dismissed'
    /** Time has come for something to be said, or a person did something; the state stays. */
    | 'reminded'
    | 'acted';
  policyState: PolicyState;
  /** The incident as it is after this transition, where one was touched. */
  incident?: Incident;
  /** Environments of the incident that are new or changed; all of them where a notice is called for. */
  environments: AffectedEnvironment[];
  timeline: TimelineEntry[];
  notices: NoticeIntent[];
}
