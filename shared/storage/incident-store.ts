import type {
  AffectedEnvironment,
  Incident,
  IncidentState,
  PolicyState,
  TimelineEntry,
  Transition,
} from '../incidents/incident.ts';
import type { NoticeReason } from '../incidents/notice-reason.ts';
import type { SilenceChange } from '../incidents/silence-change.ts';
import type { VisibilityNotice } from '../visibility/visibility-state.ts';
import type { ChannelHealthStore } from './channel-health.ts';
import type { TimeRange } from './keys.ts';
import type { Moved } from './move-to-history.ts';
import type { UnreadableRows } from './unreadable-rows.ts';

/**
 * What the tries of a message have decided so far. A message has several parts: the recipients of a mail, the
 * requests of a webhook. Each is named as people know it (an address), or by its key.
 */
export interface Progress {
  taken: string[];
  /** Refused for good, and why; without secrets. */
  refused: { to: string; why: string }[];
  /** Handed over, and not final yet: asked again by its id. */
  underway: { id: string; to: string[] }[];
}

/**
 * One notice on one channel: a row of the policy's partition, created in the transaction that requested it.
 */
export interface OutboxRow {
  policyId: string;
  incidentId: string;
  /**
   * Deterministic: incident, reason, and number within that reason, so that a redelivery makes no second one.
   */
  noticeId: string;
  channel: string;
  reason: NoticeReason;
  group: string;
  because: string;
  createdAt: string;
  state: 'pending' | 'sent' | 'givenUp';
  attempts: number;
  /**
   * Not before this. A process moves it forward before it tries (a lease), so a crash leaves it due again.
   * ISO 8601.
   */
  nextTryAt: string;
  /**
   * It waits for its channel to work again, and then need not wait for `nextTryAt`: no process has leased it.
   */
  waitsForChannel?: true;
  /** Of a sent row: for whom it was refused. */
  lastError?: string;
  /** While some parts are decided and others are not: a later try goes on with the same message. */
  progress?: Progress & { messageId: string };
  sentAt?: string;
  /** The same for every row that was sent in one message. */
  messageId?: string;
  /** The subject: the incident as it was when the notice was requested, or Lockwatch itself. */
  incident?: Incident;
  visibility?: VisibilityNotice;
  /** Of `silenced`: the silence that was set, planned or ended. */
  silence?: SilenceChange;
  /** Of `undelivered`: the notice that was not delivered, and its channel. */
  undelivered?: {
    channel: string;
    reason: NoticeReason;
    since: string;
    because: string;
    /** Only these did not get it. Absent: nobody on that channel did. */
    recipients?: string[];
  };
  etag?: string;
}

export interface StoredPolicyState {
  policyState: PolicyState;
  /** For the commit that is decided on this policy state. It has no other meaning. */
  etag: string;
}

/** The fields by which a list of incidents is sorted and filtered. */
export type ListedIncident = Pick<Incident, 'id' | 'policyId' | 'state' | 'openedAt'> & {
  /** When it was closed or dismissed. */
  endedAt?: string;
};

/** Which incidents of the history: the newest of each state, at most `count` of each. */
export interface EndedOnes {
  states: readonly IncidentState[];
  /** Absent: those of all policies. */
  policyId?: string | undefined;
  /** Opened in this range, both ends included; in milliseconds. */
  from?: number | undefined;
  to?: number | undefined;
  /** Only those behind this one. */
  after?: Pick<Incident, 'id' | 'openedAt'> | undefined;
  count: number;
}

/** An incident whose rows are wanted. `state`: where it is known to be open, nothing of it is in the history. */
export type IncidentOfRows = Pick<Incident, 'id' | 'policyId'> & Partial<Pick<Incident, 'state'>>;

/**
 * The stored state behind decisions. Azure Tables in production; the simulation has its own. A row that can't
 * be read is left out of every list and left unchanged; `unreadableRows` names it.
 */
export interface IncidentStore {
  /**
   * If the stored policy state can't be read: as much as other rows show of it, to be committed beside it.
   */
  readPolicyState(policyId: string): Promise<StoredPolicyState | undefined>;
  /** Every policy state except the drill's; for the watch list, the sweep and status. */
  listPolicyStates(): Promise<StoredPolicyState[]>;
  /**
   * Commits one transition in one transaction, guarded by the ETag of the policy state (`undefined`: there
   * must be none yet). `rows`: the requested outbox rows. Environments are included if all of them fit,
   * otherwise a few; the rest follow through `writeEnvironments`. Returns the rows with their ETags, or
   * 'conflict' if another writer was first.
   */
  commit(
    transition: Transition,
    etag: string | undefined,
    rows: OutboxRow[],
  ): Promise<{ outcome: 'committed'; etag: string; rows: OutboxRow[] } | { outcome: 'conflict' }>;
  /** Writes the long list of an incident's environments, 100 in a transaction. Idempotent. */
  writeEnvironments(incident: Incident, environments: AffectedEnvironment[]): Promise<void>;
  /**
   * A few columns of every incident that is not in the history: all that are open, and those that ended lately. In
   * no order; those of drills only where `drills` asks for them.
   */
  listIncidents(options?: { drills: boolean }): Promise<ListedIncident[]>;
  /** The same of the history. Its range is given by key: what it costs does not grow with the history. */
  listEnded(wanted: EndedOnes): Promise<ListedIncident[]>;
  /** Moves an incident that ended, with all its rows, to the history. */
  moveToHistory(incidentId: string): Promise<Moved['outcome']>;
  /** Why the history can't be read, in a sentence; undefined: it can. */
  historyFault(): Promise<string | undefined>;
  /** Also undefined if its row can't be read and it is not open. */
  readIncident(incidentId: string): Promise<Incident | undefined>;
  listEnvironments(incident: IncidentOfRows): Promise<AffectedEnvironment[]>;
  listTimeline(incident: IncidentOfRows): Promise<TimelineEntry[]>;
  listNotices(incident: IncidentOfRows): Promise<OutboxRow[]>;
  /** The notices that belong to no incident, about a policy or Lockwatch itself, of a range of time. */
  listOwnNotices(subject: string, range: TimeRange): Promise<OutboxRow[]>;
  /** Deletes rows that are final, each only as it was read; one that has changed meanwhile stays. */
  deleteNotices(rows: readonly OutboxRow[]): Promise<void>;
  /** Pending rows, of all policies (except the drill's) or of these; due or not. */
  pendingNotices(policyIds?: string[]): Promise<OutboxRow[]>;
  /** Makes pending rows that `pendingNotices` would not find findable again, some at a time; `isWhole`: all are. */
  repairPendingRows(): Promise<{ written: number; isWhole: boolean }>;
  /** Writes the row guarded by its ETag. Undefined if another writer was first. */
  updateNotice(row: OutboxRow): Promise<OutboxRow | undefined>;
  /**
   * Writes a row that is given up, or that was refused for some recipients, guarded by its ETag, and the rows
   * that report it, in one transaction. Returns those with their ETags; undefined if another writer was first.
   */
  giveUp(row: OutboxRow, rows: readonly OutboxRow[]): Promise<OutboxRow[] | undefined>;
  /** The state of each channel, beyond the life of a process. */
  channelHealth: ChannelHealthStore;
  /**
   * Leases a group on a channel to one sender at a time. Undefined: another process holds it.
   * `sentAt`/`messageId`: the group's last message, if one was sent.
   */
  leaseGroup(group: string, channel: string, now: string, until: string): Promise<GroupLease | undefined>;
  /** Ends the lease; with `sent`, stores the message. */
  releaseGroup(lease: GroupLease, sent?: { at: string; messageId: string }): Promise<void>;
  unreadableRows(): UnreadableRows;
}

export interface GroupLease {
  group: string;
  channel: string;
  sentAt?: string;
  messageId?: string;
  etag: string;
}
