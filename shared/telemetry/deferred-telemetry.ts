import type { Log } from './log.ts';
import { errorFields } from './log.ts';
import type { Measure } from './measures.ts';
import type { Telemetry, Trace } from './trace.ts';

const MAX_TRACES = 200;
const MAX_MEASURES = 2_000;

/**
 * Keeps records until the exporter is loaded, and then passes them on: the exporter is large, so it is loaded
 * only after the first answer, and the first signal of a process must not be missing. Bounded: the oldest is
 * dropped first. If the exporter can't be loaded, this is logged once, and the app continues without it.
 */
export function waitingTelemetry(
  load: () => Promise<Telemetry>,
  log: Log,
): Telemetry & { start(): Promise<void> } {
  const traces: Trace[] = [];
  const measures: Measure[] = [];
  let exporter: Telemetry | undefined;
  let started: Promise<void> | undefined;
  async function begin(): Promise<void> {
    try {
      exporter = await load();
      for (const trace of traces.splice(0)) exporter.traced(trace);
      for (const measure of measures.splice(0)) exporter.measured(measure);
    } catch (error) {
      log.error('telemetry-not-started', errorFields(error));
    }
  }
  return {
    start() {
      started ??= begin();
      return started;
    },
    traced(trace) {
      if (exporter) return exporter.traced(trace);
      traces.push(trace);
      if (traces.length > MAX_TRACES) traces.shift();
    },
    measured(measure) {
      if (exporter) return exporter.measured(measure);
      measures.push(measure);
      if (measures.length > MAX_MEASURES) measures.shift();
    },
  };
}
