import { at, listAt, readSnapshot, textAt } from '../../dev/expected-deployment/snapshot.ts';
import host from '../../host.json' with { type: 'json' };
import { HEARTBEAT_MESSAGE_SECONDS } from '../../shared/pipeline/watchdog.ts';
import { SETTINGS } from '../../shared/settings/settings.ts';
import type { Usage } from './quantities.ts';

/** The scenario whose deployment the worked example takes: the defaults, and somebody whom Azure Monitor notifies. */
const SCENARIO = 'function-keys';

/**
 * The worked example. Intervals, instances and alert rules come from the code and the reviewed deployment, so the table
 * stays true; the rest are assumptions, which people replace by what they measure.
 */
export function exampleUsage(): Usage {
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
    sweepSeconds: Number(SETTINGS.sweepSeconds.default),
    heartbeatSeconds: HEARTBEAT_MESSAGE_SECONDS,
    pollSeconds: secondsOf(host.extensions.queues.maxPollingInterval),
    alertMinutes: deployed
      .of('Microsoft.Insights/scheduledQueryRules')
      .map(({ properties }) => Number(/^PT(\d+)M$/.exec(textAt(properties, 'evaluationFrequency'))?.[1])),
    policies: 20,
    sweepTakesSeconds: 2,
    heartbeatTakesSeconds: 0.1,
    logKbPerExecution: 3,
    events: 200_000,
    auditRegions: 1,
    auditRecords: 2_000_000,
  };
}

function secondsOf(time: string): number {
  return time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}
