import type { Meter } from './prices.ts';

/** A month: 30 days. */
const SECONDS = 30 * 24 * 3600;
const HOURS = 30 * 24;

export interface Usage {
  memoryGb: number;
  /** By `function:` and the function's name, as the deployment names them. */
  alwaysReady: readonly { name: string; instances: number }[];
  /** How often the timer ticks: the lower bound of the interval. */
  tickSeconds: number;
  /** The interval in force. */
  sweepSeconds: number;
  heartbeatSeconds: number;
  /** How often an idle instance asks the signals' queue. */
  pollSeconds: number;
  /** How often each alert rule is evaluated, in minutes. */
  alertMinutes: readonly number[];
  policies: number;
  sweepTakesSeconds: number;
  /** A tick at which no sweep is due. */
  tickTakesSeconds: number;
  heartbeatTakesSeconds: number;
  logKbPerExecution: number;
  /** Events that Event Grid checks against the filter, a month. */
  events: number;
  /** Regions of vaults with `auditLog`. */
  auditRegions: number;
  auditRecords: number;
  /** Throughput units in each of these regions. */
  auditUnits: number;
  /** How many records an execution gets at once. */
  auditRecordsAnExecution: number;
}

export interface Quantity {
  what: string;
  meter: Meter;
  quantity: number;
  formula: string;
  /** Only with `auditLog`. */
  isAudit?: true;
}

/**
 * What an execution is billed: at least 1,000 ms, then in steps of 100 ms ("Azure Functions Flex Consumption plan
 * hosting", section Billing).
 */
export function billedSeconds(seconds: number): number {
  // Rounded first, since 1.1 / 0.1 is not a whole number of steps in binary.
  return Math.max(1, Math.ceil(Number((seconds * 10).toFixed(6))) / 10);
}

/** What one deployment uses in a month, meter by meter. */
export function quantitiesOf(usage: Usage): Quantity[] {
  const { memoryGb, alwaysReady, sweepSeconds, heartbeatSeconds, policies, auditRegions } = usage;
  const instances = alwaysReady.reduce((sum, one) => sum + one.instances, 0);
  const isReady = (name: string) => alwaysReady.some((one) => one.name === `function:${name}`);
  const sweeps = SECONDS / sweepSeconds;
  // A tick that falls into a sweep does not run.
  const idle = Math.floor(
    (sweepSeconds - Math.min(usage.sweepTakesSeconds, sweepSeconds)) / usage.tickSeconds,
  );
  const ticks = sweepSeconds > usage.tickSeconds ? sweeps * idle : 0;
  const heartbeats = SECONDS / heartbeatSeconds;
  const sweep = billedSeconds(usage.sweepTakesSeconds);
  const heartbeat = billedSeconds(usage.heartbeatTakesSeconds);
  const queueInstances = Math.max(
    1,
    alwaysReady.find(({ name }) => name === 'function:storageQueue')?.instances ?? 0,
  );
  const run = (name: string, what: string, count: number, seconds: number, because: string): Quantity[] => [
    {
      what: `Functions: execution time of ${what}`,
      meter: isReady(name) ? 'readyTime' : 'demandTime',
      quantity: count * seconds * memoryGb,
      formula: `${number(count)} × ${seconds} s × ${memoryGb} GB`,
    },
    {
      what: `Functions: executions of ${what}`,
      meter: isReady(name) ? 'readyExecutions' : 'demandExecutions',
      quantity: count,
      formula: because,
    },
  ];
  const every = (seconds: number) => `${number(SECONDS)} s ÷ ${seconds} s`;
  return [
    {
      what: 'Functions: always ready, baseline',
      meter: 'baseline',
      quantity: instances * memoryGb * SECONDS,
      formula: `${instances} instance${instances === 1 ? '' : 's'} × ${memoryGb} GB × ${number(SECONDS)} s`,
    },
    ...run('storageQueue', 'the heartbeat message', heartbeats, heartbeat, every(heartbeatSeconds)),
    ...run('timer', 'the timer (sweeps)', sweeps, sweep, every(sweepSeconds)),
    ...(ticks > 0
      ? run(
          'timer',
          'the timer (ticks without a sweep)',
          ticks,
          billedSeconds(usage.tickTakesSeconds),
          `${number(sweeps)} × ${idle} between two sweeps`,
        )
      : []),
    {
      what: 'Storage: queue operations',
      meter: 'queueOperations',
      quantity: (queueInstances * SECONDS) / usage.pollSeconds + 3 * heartbeats,
      formula: `${number(SECONDS)} s ÷ ${usage.pollSeconds} s polls, and 3 × ${number(heartbeats)} for the heartbeat message`,
    },
    {
      what: 'Storage: table operations',
      meter: 'tableOperations',
      quantity: sweeps * (2 * policies + 4) + ticks + 2 * heartbeats,
      formula: `${number(sweeps)} × (2 × ${policies} policies + 4)${ticks > 0 ? `, ${number(ticks)} ticks` : ''}, and 2 × ${number(heartbeats)}; an estimate`,
    },
    {
      what: 'Log Analytics: ingestion',
      meter: 'logs',
      quantity: ((sweeps + ticks + heartbeats) * usage.logKbPerExecution) / 1_000_000,
      formula: `${number(sweeps + ticks + heartbeats)} executions × ${usage.logKbPerExecution} KB; an estimate`,
    },
    ...alerts(usage.alertMinutes),
    {
      what: 'Event Grid: operations',
      meter: 'eventGrid',
      quantity: usage.events,
      formula: 'events of the watched subscriptions and vaults; an estimate',
    },
    ...run(
      'auditLog',
      'the audit log',
      usage.auditRecords / usage.auditRecordsAnExecution,
      1,
      `${number(usage.auditRecords)} records ÷ ${number(usage.auditRecordsAnExecution)}; an estimate`,
    ).map((one) => ({ ...one, isAudit: true as const })),
    {
      what: 'Event Hubs: throughput units',
      meter: 'throughputUnit',
      quantity: auditRegions * HOURS * usage.auditUnits,
      formula: `${auditRegions} region${auditRegions === 1 ? '' : 's'} × ${HOURS} h × ${usage.auditUnits} unit${usage.auditUnits === 1 ? '' : 's'}`,
      isAudit: true,
    },
    {
      what: 'Event Hubs: records of the audit log',
      meter: 'hubEvents',
      quantity: usage.auditRecords,
      formula: 'an estimate: every operation on the vaults with `auditLog`',
      isAudit: true,
    },
  ];
}

function alerts(minutes: readonly number[]): Quantity[] {
  const meters = new Map<number, Meter>([
    [1, 'alertEvery1'],
    [5, 'alertEvery5'],
    [10, 'alertEvery10'],
    [15, 'alertEvery15'],
  ]);
  return [...new Set(minutes)]
    .sort((a, b) => a - b)
    .map((every) => {
      const meter = meters.get(every);
      if (meter === undefined) throw new Error(`No price is known for an alert rule every ${every} minutes.`);
      return {
        what: `Azure Monitor: alert rules, every ${every} min`,
        meter,
        quantity: minutes.filter((one) => one === every).length,
        formula: 'with `LOCKWATCH_ALERT_EMAILS`, `_SMS` or `_VOICE`; none without',
      };
    });
}

export function number(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 2 : 0 });
}
