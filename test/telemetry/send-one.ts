import applicationinsights from 'applicationinsights';
import { startAzureMonitor } from '../../shared/telemetry/azure-monitor.ts';

// Sends one trace that is five seconds old, and one measure, and ends when both are sent.
const telemetry = await startAzureMonitor({
  connectionString: process.env.LOCKWATCH_LOCAL_TEST_INGESTION ?? '',
  credential: { getToken: async () => ({ token: 'a-token', expiresOnTimestamp: Date.now() + 3_600_000 }) },
});
const endMs = Date.now();
telemetry.traced({
  name: 'storageQueue',
  startMs: endMs - 5000,
  endMs,
  attributes: { incidents: 'abc-1' },
  events: [{ name: 'transition', atMs: endMs - 2000, attributes: { kind: 'opened' } }],
});
telemetry.measured({ name: 'timeToDetect', value: 12, by: { kind: 'opened' } });
await applicationinsights.flushAzureMonitor();
await applicationinsights.shutdownAzureMonitor();
