import type { Clock } from '../clock.ts';
import type { AffectedEnvironment } from '../incidents/incident.ts';
import type { IncidentStore, OutboxRow } from '../storage/incident-store.ts';
import type { Log } from '../telemetry/log.ts';
import type { Channel } from './notice.ts';
import type { Routes } from './routes.ts';

/** What sending needs from outside. */
export interface DeliverPorts {
  store: IncidentStore;
  channels: readonly Channel[];
  clock: Clock;
  log: Log;
  publicUrl?: string;
  channelTimeoutMs: number;
  /** Which channels a reason goes to; one that is not named goes to all. */
  routes?: Routes;
  /** Takes the sending over, so that whoever decides and commits need not wait for slow channels. It never rejects. */
  background?(sending: Promise<Sent>): void;
}

/** The first failure of storage, where there was one; channels that fail are no failure of the sending. */
export interface Sent {
  failure?: unknown;
}

export interface Delivery {
  /** Rows that this process holds a claim on (it committed them, or claimed them by `claimDue`). */
  rows: OutboxRow[];
  /** Names and environments at hand, by policy id; what is missing is read from the store. */
  known?: Map<string, { policyName: string; environments: AffectedEnvironment[] }>;
  /** Policies that may share a group with these rows: the group is then sent under a lease, all in one message. */
  sharing?: ((row: OutboxRow) => readonly string[]) | undefined;
}
