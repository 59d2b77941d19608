import type { Clock } from './clock.ts';
import type { FactsReader, ReadHints } from './facts/reader.ts';
import type { IncidentStore } from './incidents/store.ts';
import type { DeliverPorts } from './notices/deliver.ts';
import type { Unreadable } from './signals/read-message.ts';
import type { SecondLook } from './signals/second-look.ts';
import type { WatchList } from './signals/watch-list.ts';

/** What the one path needs from outside. Azure's implementations are put together in `compose.ts`. */
export interface Ports extends DeliverPorts {
  clock: Clock;
  facts: FactsReader;
  store: IncidentStore;
  /** Who is watched, and where to look for each. May be up to a minute old; `fresh` reads it anew. */
  watched(fresh?: boolean): Promise<Watched>;
  looks: { send(look: SecondLook, delaySeconds: number): Promise<void> };
  unreadable: { keep(item: Unreadable, receivedAt: string): Promise<void> };
  readBudgetMs: number;
  networkReading: 'trustedService' | 'literal';
  /** Seconds after the signal at which one that still reads clear is looked at again. */
  secondLooks: readonly number[];
}

export interface Watched {
  list: WatchList;
  /** Every policy watched, as Azure spells its id. */
  policies: readonly string[];
  /** By `normalId` of the policy. */
  hints: ReadonlyMap<string, ReadHints>;
}
