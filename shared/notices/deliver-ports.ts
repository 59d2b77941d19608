import type { Clock } from '../clock.ts';
import type { AffectedEnvironment } from '../incidents/incident.ts';
import type { IncidentStore, OutboxRow } from '../storage/incident-store.ts';
import type { Log } from '../telemetry/log.ts';
import type { Channel } from './notice.ts';
import type { Routes } from './routes.ts';

/** The external dependencies of sending. */
export interface DeliverPorts {
  store: IncidentStore;
  channels: readonly Channel[];
  clock: Clock;
  log: Log;
  publicUrl?: string;
  channelTimeoutMs: number;
  /** The channels of each reason. A reason that is not listed goes to all. */
  routes?: Routes;
  /**
   * Takes over the sending, so that a decision or commit need not wait for slow channels. It never rejects.
   */
  background?(sending: Promise<Sent>): void;
}

/** The first storage error, if any; a failing channel is no failure of the sending. */
export interface Sent {
  failure?: unknown;
}

/** Rows to send now, and what is known of them. */
export interface DeliveryBatch {
  /** Rows that this process holds a lease on (it committed them, or leased them by `claimDue`). */
  rows: OutboxRow[];
  /** Names and environments already loaded, by policy id. The store provides the rest. */
  known?: Map<string, { policyName: string; environments: AffectedEnvironment[] }>;
  /**
   * Policies that may share a group with these rows: the group is then sent under a lease, in one message.
   */
  sharing?: ((row: OutboxRow) => readonly string[]) | undefined;
}
