import type { Part } from '../../shared/azure/part.ts';
import type { EnvironmentFact, EnvironmentsFact, Facts } from '../../shared/facts/facts.ts';
import type { PolicyState, Transition } from '../../shared/incidents/incident.ts';
import { decideOnReading } from '../../shared/pipeline/decide-on-reading.ts';
import type { Signal } from '../../shared/signals/signal.ts';
import { NOW, reading, unread } from '../triggers/a-reading.ts';

/** One reading, so many minutes after the first. */
export interface Moment {
  minute: number;
  facts?: Partial<Facts>;
  environments: EnvironmentFact[] | 'unreadable';
  list?: Partial<Omit<EnvironmentsFact, 'environments'>>;
  signals?: Signal[];
  /** The minute by the clock that reads, where that clock runs wrong. */
  clock?: number;
}

export function minuteTime(minute: number): string {
  return new Date(Date.parse(NOW) + minute * 60_000).toISOString();
}

/**
 * What a sequence of readings makes of a policy. The state goes through JSON after each, as it does through
 * the table. `told`: minute and reason of each notice that a reading caused, without reminders.
 */
export function followReadings(
  moments: Moment[],
  before?: PolicyState,
): { told: string[]; transitions: Transition[]; policyState: PolicyState } {
  let policyState = before;
  const transitions: Transition[] = [];
  const told: string[] = [];
  for (const moment of moments) {
    const transition = decideOnReading(
      policyState,
      { facts: factsOf(moment), signals: moment.signals ?? [] },
      {
        now: minuteTime(moment.clock ?? moment.minute),
        networkReading: 'trustedService',
        closeAfterMs: 900_000,
      },
    );
    transitions.push(transition);
    policyState = JSON.parse(JSON.stringify(transition.policyState)) as PolicyState;
    for (const { reason } of transition.notices)
      if (reason !== 'reminder') told.push(`${moment.minute} ${reason}`);
  }
  if (!policyState) throw new TypeError('There is no reading to follow.');
  return { told, transitions, policyState };
}

function factsOf({ minute, clock, facts, environments, list }: Moment): Facts {
  const readAt = minuteTime(clock ?? minute);
  const now = <T>(part: Part<T>): Part<T> => ({ ...part, readAt });
  const all = reading(facts);
  return {
    ...all,
    readAt,
    policy: now(all.policy),
    vault: now(all.vault),
    deletedVault: now(all.deletedVault),
    key: now(all.key),
    permission: now(all.permission),
    environments:
      environments === 'unreadable'
        ? unread('timeout', readAt)
        : {
            state: 'known',
            readAt,
            value: {
              source: 'powerPlatform',
              asOf: readAt,
              isComplete: true,
              outside: { running: 0, disabled: 0 },
              listed: environments.map(({ id }) => id),
              ...list,
              environments,
            },
          },
  };
}
