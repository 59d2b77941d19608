import type { Part } from '../azure/part.ts';
import type { Clock } from '../clock.ts';
import type { Facts } from '../facts/facts.ts';
import type { LockingPrincipalCount } from '../facts/locking-principal-count.ts';
import type { FactsReader, ReadHints, Reading } from '../facts/reader.ts';
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
import type { PipelineConfig } from './config.ts';

/** The external dependencies of the pipeline, with its `config`. `compose.ts` assembles Azure's implementations. */
export interface Ports extends DeliverPorts {
  config: PipelineConfig;
  clock: Clock;
  facts: FactsReader;
  store: IncidentStore;
  /** The read model, derived from the policy states. It may be missing or out of date. */
  readModel: {
    write(policyState: PolicyState, now: string): Promise<void>;
    read(): Promise<ReadModelEntry[]>;
  };
  /**
   * The watched policies, and the read hints of each. May be up to a minute old; `true` reads it again, and
   * policy states that were just read rebuild it without a call to storage.
   */
  watched(from?: true | readonly PolicyState[]): Promise<Watched>;
  rechecks: {
    send(recheck: Recheck, delaySeconds: number): Promise<void>;
    /** Sends the text of our own heartbeat message. */
    sendHeartbeat(text: string, delaySeconds: number): Promise<void>;
  };
  /** The queue operations that last failed in this process, in sentences that name queue and role. */
  queueFaults?(): readonly string[];
  heartbeat: HeartbeatStore;
  visibility: VisibilityStore;
  /** Looks up names of actors that are known only by an object id. Undefined: none are looked up. */
  actorNames?: ActorNames;
  /**
   * Counts the principals who can lock the policy; never throws. A count of which a part could not be read is
   * unknown. Undefined: they are not counted.
   */
  countPrincipals?(facts: Facts, session: Reading): Promise<Part<LockingPrincipalCount>>;
  unreadable: { keep(item: Unreadable, receivedAt: string): Promise<void> };
}

export interface Watched {
  list: WatchList;
  /** Every policy watched, as Azure spells its id. */
  policies: readonly string[];
  /** Read hints for each policy, by its `normalId`. */
  hints: ReadonlyMap<string, ReadHints>;
}
