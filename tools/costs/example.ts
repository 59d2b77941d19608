import { at, listAt, readSnapshot, textAt } from '../../dev/expected-deployment/snapshot.ts';
import host from '../../host.json' with { type: 'json' };
import { ARM_BUCKET, SWEEP_SHARE } from '../../shared/azure/subscription-limit.ts';
import { intervalFor } from '../../shared/pipeline/sweep-interval.ts';
import { HEARTBEAT_MESSAGE_SECONDS } from '../../shared/pipeline/watchdog.ts';
import { SETTINGS } from '../../shared/settings/settings.ts';
import type { Usage } from './quantities.ts';

/** The scenario whose deployment the worked example takes: the defaults, and somebody whom Azure Monitor notifies. */
const SCENARIO = 'function-keys';

/** What a sweep may read at once, and then each second (`shared/azure/subscription-limit.ts`). */
const AT_ONCE = ARM_BUCKET.capacity * SWEEP_SHARE;
const A_SECOND = ARM_BUCKET.perSecond * SWEEP_SHARE;

/**
 * The worked example. Intervals, instances and alert rules come from the code and the reviewed deployment, so the table
 * stays true; the rest are assumptions, which people replace by what they measure. All policies are in one
 * subscription.
 */
export function exampleUsage({
  policies = 20,
  tickSeconds = Number(SETTINGS.sweepSeconds.default),
}: Partial<Pick<Usage, 'policies' | 'tickSeconds'>> = {}): Usage {
  const reads = 2 * policies + 5;
  const bounds = { minMs: tickSeconds * 1000, maxMs: Number(SETTINGS.sweepMaxSeconds.default) * 1000 };
  const deployed = readSnapshot(SCENARIO);
  const scale = at(
    deployed.one('Microsoft.Web/sites'),
    'properties',
    'functionAppConfig',
    'scaleAndConcurrency',
  );
  return {
    memoryGb: Number(at(scale, 'instanceMemoryMB')) / 1024,
    alwaysReady: listAt(scale, 'alwaysReady').map((one) => ({
      name: textAt(one, 'name'),
      instances: Number(at(one, 'instanceCount')),
    })),
    tickSeconds,
    sweepSeconds: intervalFor(reads, bounds) / 1000,
    heartbeatSeconds: HEARTBEAT_MESSAGE_SECONDS,
    pollSeconds: secondsOf(host.extensions.queues.maxPollingInterval),
    alertMinutes: deployed
      .of('Microsoft.Insights/scheduledQueryRules')
      .map(({ properties }) => Number(/^PT(\d+)M$/.exec(textAt(properties, 'evaluationFrequency'))?.[1])),
    policies,
    sweepTakesSeconds: 2 + Math.max(0, reads - AT_ONCE) / A_SECOND,
    tickTakesSeconds: 0.1,
    heartbeatTakesSeconds: 0.1,
    logKbPerExecution: 3,
    events: 200_000,
    auditRegions: 1,
    auditRecords: 2_000_000,
    auditUnits: 1,
    auditRecordsAnExecution: 10,
  };
}

function secondsOf(time: string): number {
  return time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}
