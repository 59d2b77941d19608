import type { Log } from './log.ts';
import { errorFields } from './log.ts';
import type { Measure } from './measures.ts';
import type { Telemetry, Trace } from './trace.ts';

const MAX_TRACES = 200;
const MAX_MEASURES = 2_000;

/**
 * Keeps what is recorded until the exporter is there, and hands it on then: the exporter is heavy, so it is loaded only
 * after the first answer, and the first signal of a process is the one that must not be missing. Bounded: the oldest
 * goes first. Where the exporter can't be loaded, the log says so once, and the app goes on without.
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
