import type {
  AffectedEnvironment,
  Incident,
  PolicyState,
  TimelineEntry,
  Transition,
} from '../incidents/incident.ts';
import type { NoticeReason } from '../incidents/notice-reason.ts';
import type { VisibilityNotice } from '../visibility/visibility-state.ts';
import type { ChannelHealthStore } from './channel-health.ts';
import type { UnreadableRows } from './unreadable-rows.ts';

/** One notice on one channel: a row of the policy's partition, born in the transaction that called for it. */
export interface OutboxRow {
  policyId: string;
  incidentId: string;
  /** Deterministic: incident, reason, and which of that reason; redelivery makes no second one. */
  noticeId: string;
  channel: string;
  reason: NoticeReason;
  group: string;
  because: string;
  createdAt: string;
  state: 'pending' | 'sent' | 'givenUp';
  attempts: number;
  /** Not before this. Whoever tries moves it forward first (a lease), so a crash leaves it due again. ISO 8601. */
  nextTryAt: string;
  /** It waits for its channel to work again, and then need not wait for `nextTryAt`: nobody has claimed it. */
  waitsForChannel?: true;
  lastError?: string;
  sentAt?: string;
  /** The same for every row that went out in one message. */
  messageId?: string;
  /** What it is about: the incident as it was when the notice was called for, or the watch itself. */
  incident?: Incident;
  visibility?: VisibilityNotice;
  /** Of `undelivered`: which notice did not get through, on which channel. */
  undelivered?: { channel: string; reason: NoticeReason; since: string; because: string };
  etag?: string;
}

export interface StoredPolicyState {
  policyState: PolicyState;
  /** For the commit that is decided on this head; nothing else may be read from it. */
  etag: string;
}

/** What a list of incidents is sorted and filtered by. */
export type ListedIncident = Pick<Incident, 'id' | 'policyId' | 'state' | 'openedAt'>;

/**
 * The memory that decisions stand on. Azure Tables in production; the simulation has its own. A row that can't be read is
 * left out of every list and left as it is; `unreadableRows` names it.
 */
export interface IncidentStore {
  /** Where the stored head can't be read: what can be known of it from other rows, to be committed beside it. */
  readPolicyState(policyId: string): Promise<StoredPolicyState | undefined>;
  /** Every head there is but the drill's; for the watch list, the sweep and status. */
  listPolicyStates(): Promise<StoredPolicyState[]>;
  /**
   * Commits one transition in one transaction, guarded by the head's ETag (`undefined`: there must be none yet).
   * `rows`: the outbox rows it calls for. Environments go in where all of them have room, else a few; the rest
   * follow through `writeEnvironments`. Returns the rows with their ETags, or 'conflict' where another was first.
   */
  commit(
    transition: Transition,
    etag: string | undefined,
    rows: OutboxRow[],
  ): Promise<{ outcome: 'committed'; etag: string; rows: OutboxRow[] } | { outcome: 'conflict' }>;
  /** The long list of an incident's environments, 100 a transaction; writing the same twice changes nothing. */
  writeEnvironments(incident: Incident, environments: AffectedEnvironment[]): Promise<void>;
  /** A few columns of every incident there ever was, in no order; those of drills are left out. */
  listIncidents(): Promise<ListedIncident[]>;
  /** Undefined also where its row can't be read and it is not open. */
  readIncident(incidentId: string): Promise<Incident | undefined>;
  listEnvironments(incident: Pick<Incident, 'id' | 'policyId'>): Promise<AffectedEnvironment[]>;
  listTimeline(incident: Pick<Incident, 'id' | 'policyId'>): Promise<TimelineEntry[]>;
  listNotices(incident: Pick<Incident, 'id' | 'policyId'>): Promise<OutboxRow[]>;
  /** Pending rows, of all policies (but the drill's) or of these; due or not. */
  pendingNotices(policyIds?: string[]): Promise<OutboxRow[]>;
  /** Writes the row guarded by its ETag. Undefined where another was first. */
  updateNotice(row: OutboxRow): Promise<OutboxRow | undefined>;
  /**
   * Writes a row that is given up, guarded by its ETag, and the rows that tell of it on other channels, in one
   * transaction. Returns those with their ETags; undefined where another was first.
   */
  giveUp(row: OutboxRow, rows: readonly OutboxRow[]): Promise<OutboxRow[] | undefined>;
  /** How each channel is, beyond the life of a process. */
  channelHealth: ChannelHealthStore;
  /**
   * One sender per group and channel at a time. Undefined: another holds it.
   * `sentAt`/`messageId`: the group's last message, where one went out.
   */
  leaseGroup(group: string, channel: string, now: string, until: string): Promise<GroupLease | undefined>;
  /** Ends the lease; with `sent`, remembers the message. */
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
