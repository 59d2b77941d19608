import type { TokenCredential } from '@azure/core-auth';
import { waitingTelemetry } from './deferred-telemetry.ts';
import type { Log } from './log.ts';

/**
 * Telemetry where the platform's setting for it exists (Azure Functions docs: "Configure monitoring");
 * without it nothing is recorded and nothing loaded. With `APPLICATIONINSIGHTS_AUTHENTICATION_STRING` the
 * app's identity signs in.
 */
export function telemetryOf(
  environment: Readonly<Record<string, string | undefined>>,
  credential: TokenCredential,
  log: Log,
): ReturnType<typeof waitingTelemetry> | undefined {
  const connectionString = environment.APPLICATIONINSIGHTS_CONNECTION_STRING?.trim();
  if (!connectionString) return undefined;
  const isByIdentity = /authorization=aad/i.test(environment.APPLICATIONINSIGHTS_AUTHENTICATION_STRING ?? '');
  return waitingTelemetry(async () => {
    const { startAzureMonitor } = await import('./azure-monitor.ts');
    return startAzureMonitor({ connectionString, ...(isByIdentity ? { credential } : {}) });
  }, log);
}
