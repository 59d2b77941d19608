import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline';
import type { Telemetry } from './trace.ts';

/**
 * The HTTP client of the readings, which counts Azure's answers by status, so that throttling (429) is
 * visible.
 */
export function countingClient(telemetry: Telemetry, client?: HttpClient): HttpClient {
  let made = client;
  return {
    async sendRequest(request) {
      made ??= createDefaultHttpClient();
      try {
        const response = await made.sendRequest(request);
        telemetry.measured({ name: 'reads', value: 1, by: { status: `${response.status}` } });
        return response;
      } catch (error) {
        telemetry.measured({ name: 'reads', value: 1, by: { status: 'none' } });
        throw error;
      }
    },
  };
}
