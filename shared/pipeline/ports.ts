import type { Clock } from '../clock.ts';
import type { FactsReader, ReadHints } from '../facts/reader.ts';
import type { PolicyState } from '../incidents/incident.ts';
import type { DeliverPorts } from '../notices/deliver-ports.ts';
import type { ActorNames } from '../signals/actor-names.ts';
import type { Unreadable } from '../signals/read-message.ts';
import type { Recheck } from '../signals/recheck.ts';
import type { WatchList } from '../signals/watch-list.ts';
import type { HeartbeatStore } from '../storage/heartbeat.ts';
import type { IncidentStore } from '../storage/incident-store.ts';
import type { ReadModelEntry } from '../storage/read-model.ts';
import type { VisibilityStore } from '../storage/visibility-store.ts';

/** What the one path needs from outside. Azure's implementations are put together in `compose.ts`. */
export interface Ports extends DeliverPorts {
  clock: Clock;
  facts: FactsReader;
  store: IncidentStore;
  /** The read model, made from the heads; may be missing or behind. */
  readModel: {
    write(policyState: PolicyState, now: string): Promise<void>;
    read(): Promise<ReadModelEntry[]>;
  };
  /**
   * Who is watched, and where to look for each. May be up to a minute old; `true` reads it anew, and heads that were
   * just read make it anew without asking storage.
   */
  watched(from?: true | readonly PolicyState[]): Promise<Watched>;
  rechecks: {
    send(recheck: Recheck, delaySeconds: number): Promise<void>;
    /** Sends the text of our own returning message. */
    sendHeartbeat(text: string, delaySeconds: number): Promise<void>;
  };
  /** What this process could not do with its queues when it last tried, in words that name queue and role. */
  queueFaults?(): readonly string[];
  heartbeat: HeartbeatStore;
  visibility: VisibilityStore;
  /** Names of those who are known by an object id alone. Undefined: nobody is looked up. */
  actorNames?: ActorNames;
  /** How long something may be unreadable before people are told. */
  visibilityAlertMs: number;
  watchedSubscriptions: readonly string[];
  /** The names of the Event Hubs namespaces that the audit log comes by. */
  auditNamespaces: readonly string[];
  /** How often the timer is to sweep. */
  sweepIntervalMs: number;
  unreadable: { keep(item: Unreadable, receivedAt: string): Promise<void> };
  readBudgetMs: number;
  networkReading: 'trustedService' | 'literal';
  /** Names of the key vaults that hold our own secrets. Undefined: nobody told. */
  secretVaults?: readonly string[];
  /** Seconds after the signal at which one that still reads clear is looked at again. */
  recheckSeconds: readonly number[];
}

export interface Watched {
  list: WatchList;
  /** Every policy watched, as Azure spells its id. */
  policies: readonly string[];
  /** Where to look for each, by `normalId` of the policy. */
  hints: ReadonlyMap<string, ReadHints>;
}
