import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ARM_BUCKET } from '../../shared/azure/subscription-limit.ts';
import { intervalFor } from '../../shared/pipeline/sweep-interval.ts';
import { SETTINGS } from '../../shared/settings/settings.ts';
import type { RecordedBench } from '../bench-table.ts';
import { exampleUsage } from './example.ts';
import { number, quantitiesOf, type Usage } from './quantities.ts';
import { costsOf } from './table.ts';

/** The tenant of docs/scale.md. */
export const LARGE = {
  subscriptions: 50,
  vaults: 2_000,
  policies: 5_000,
  environments: 50_000,
  eventsADay: 1_000_000,
  auditRecordsADay: 1_000_000_000,
} as const;
const DAY_SECONDS = 24 * 3600;
const MONTH_DAYS = 30;
/** An audit record of a key operation; those of the bench have as many. An estimate. */
const RECORD_BYTES = 1_000;
/** Event Hubs docs, "Azure Event Hubs quotas and limits": a throughput unit takes 1 MB a second, a namespace has 40. */
const UNIT_BYTES = 1_000_000;
const MAX_UNITS = 40;
/** Azure Storage docs, "Scalability and performance targets": messages of 1 KB in one queue, entities in one partition. */
const QUEUE_MESSAGES = 2_000;
const PARTITION_ENTITIES = 2_000;

const BOUNDS = {
  minMs: Number(SETTINGS.sweepSeconds.default) * 1000,
  maxMs: Number(SETTINGS.sweepMaxSeconds.default) * 1000,
};
/** Half of what Azure refills is a sweep's, the rest is for signals and others. */
const READS_A_SECOND = ARM_BUCKET.perSecond / 2;

export const readsFor = (policies: number) => 2 * policies + 5;
export const intervalSeconds = (policies: number) => intervalFor(readsFor(policies), BOUNDS) / 1000;
/** So many policies of one subscription are read within the longest interval. */
export const MAX_POLICIES_A_SUBSCRIPTION = Math.floor(((BOUNDS.maxMs / 1000) * READS_A_SECOND - 5) / 2);

/** How the interval grows with the policies of the subscription that has most of them. */
export function scaleIntervalTable(): string {
  const rows = [5, 20, 100, 500, 1_000, MAX_POLICIES_A_SUBSCRIPTION].map((policies) => {
    const seconds = intervalSeconds(policies);
    return `| ${number(policies)} | ${number(readsFor(policies))} | ${seconds} s | ${seconds / 2} s |`;
  });
  return [
    '| policies in one subscription | reads of a sweep | interval | a change without an event is seen after, in the mean |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n');
}

/** What the large tenant takes of each limit, the nearest first. */
export function scaleLimitsTable(): string {
  const inOne = LARGE.policies / LARGE.subscriptions;
  const interval = intervalSeconds(inOne);
  const records = LARGE.auditRecordsADay / DAY_SECONDS;
  const events = LARGE.eventsADay / DAY_SECONDS;
  const [sweepMs, recordMs, eventMs] = [
    unitCost('a sweep of'),
    unitCost('audit records'),
    unitCost('Event Grid'),
  ];
  const sweepSeconds = sweepMs === undefined ? undefined : (LARGE.policies * sweepMs) / 1000;
  const share = (used: number | undefined, of: number) =>
    used === undefined ? 'not measured' : `${Math.round((used / of) * 100)} %`;
  const rows: [string, string, string, string, string][] = [
    [
      'processor of the process that sweeps',
      sweepSeconds === undefined ? 'not measured' : `${number(sweepSeconds)} s of each ${interval} s`,
      `${interval} s`,
      share(sweepSeconds, interval),
      'a longer `LOCKWATCH_SWEEP_SECONDS`; one deployment for each group of subscriptions',
    ],
    [
      'Event Hubs throughput units (1 MB a second each)',
      number(Math.ceil((records * RECORD_BYTES) / UNIT_BYTES)),
      number(MAX_UNITS),
      share((records * RECORD_BYTES) / UNIT_BYTES, MAX_UNITS),
      '`auditLog` only for vaults that need it; a namespace for each region',
    ],
    [
      'processor for audit records',
      recordMs === undefined ? 'not measured' : `${((records * recordMs) / 1000).toFixed(2)} cores`,
      'one core an instance, an instance a partition (32)',
      share(recordMs === undefined ? undefined : (records * recordMs) / 1000, 32),
      'Functions adds instances by itself, up to the number of partitions',
    ],
    [
      'Resource Manager reads, in each subscription',
      `${number(readsFor(inOne))} each ${interval} s`,
      `${number((BOUNDS.maxMs / 1000) * READS_A_SECOND)} each ${BOUNDS.maxMs / 1000} s`,
      share(inOne, MAX_POLICIES_A_SUBSCRIPTION),
      'policies in more subscriptions; deployments with identities of their own: Azure counts for each identity',
    ],
    [
      'queue of signals, messages a second',
      number(events),
      number(QUEUE_MESSAGES),
      share(events, QUEUE_MESSAGES),
      `the filter of the event subscription keeps most away before${eventMs === undefined ? '' : `; each that comes takes ${eventMs.toFixed(3)} ms`}`,
    ],
    [
      'one partition of the tables, rows a second',
      `${number(LARGE.policies / interval)} (the read model, in each sweep)`,
      number(PARTITION_ENTITIES),
      share(LARGE.policies / interval, PARTITION_ENTITIES),
      'every policy has a partition of its own; only lists share one',
    ],
  ];
  return [
    '| what | in this tenant | limit | share | what moves it |',
    '|---|---|---|---|---|',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n');
}

/** The large tenant as the costs reckon it: the interval of its subscriptions, everything else multiplied. */
export function largeUsage(): Usage {
  const inOne = LARGE.policies / LARGE.subscriptions;
  const records = LARGE.auditRecordsADay / DAY_SECONDS;
  const one = exampleUsage({ policies: inOne });
  return {
    ...one,
    policies: LARGE.policies,
    sweepTakesSeconds: Math.max(
      one.sweepTakesSeconds,
      ((unitCost('a sweep of') ?? 0) * LARGE.policies) / 1000,
    ),
    events: LARGE.eventsADay * MONTH_DAYS,
    auditUnits: Math.ceil((records * RECORD_BYTES) / UNIT_BYTES),
    auditRecords: LARGE.auditRecordsADay * MONTH_DAYS,
    auditRecordsAnExecution: 5_000,
  };
}

/** The sum of a month, with each meter that is over a dollar. */
export function scaleCostsTable(): string {
  const quantities = quantitiesOf(largeUsage());
  const costs = costsOf(quantities);
  const rows = quantities.flatMap(({ what, quantity, formula }, index) =>
    (costs[index] ?? 0) < 1
      ? []
      : [`| ${what} | ${number(quantity)} | ${formula} | ${costs[index]?.toFixed(0)} |`],
  );
  const sum = (withAudit: boolean) =>
    quantities.reduce((total, { isAudit }, n) => total + (isAudit && !withAudit ? 0 : (costs[n] ?? 0)), 0);
  return [
    '| what | quantity a month | formula | USD a month |',
    '|---|---|---|---|',
    ...rows,
    `| **sum without \`auditLog\`** | | | **${sum(false).toFixed(0)}** |`,
    `| **sum with \`auditLog\`** | | | **${sum(true).toFixed(0)}** |`,
  ].join('\n');
}

/** Milliseconds of processor for one item, from the run of the bench that was recorded last. */
function unitCost(name: string): number | undefined {
  const file = join(import.meta.dirname, '../../test/bench/figures.json');
  if (!existsSync(file)) return undefined;
  const { figures }: RecordedBench = JSON.parse(readFileSync(file, 'utf8'));
  return figures.find((figure) => figure.name.startsWith(name))?.cpuMsPerItem;
}
