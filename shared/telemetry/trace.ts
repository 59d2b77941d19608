import type { Clock } from '../clock.ts';
import type { Log } from './log.ts';
import { type Measure, measuresOf } from './measures.ts';

/** One invocation, from receipt to delivery: plain data, so that it can wait until the exporter is loaded. */
export interface Trace {
  /** The function's name. */
  name: string;
  startMs: number;
  endMs: number;
  /** The name of the error that ended it. */
  failed?: string;
  attributes: Attributes;
  events: { name: string; atMs: number; attributes: Attributes }[];
}
export type Attributes = Record<string, string | number | boolean>;

export interface Telemetry {
  traced(trace: Trace): void;
  measured(measure: Measure): void;
}

/** More lines than this in one invocation add nothing new; they are only counted. */
const MAX_EVENTS = 200;

/**
 * Records the log lines of one invocation, in addition to writing them to the log: each line is an event of
 * the trace, with its measurements. An invocation that logged nothing and did not fail gets no trace: it
 * concerned no policy.
 */
export function record(name: string, to: Log, clock: Pick<Clock, 'nowMs'>, telemetry: Telemetry) {
  const startMs = clock.nowMs();
  const events: Trace['events'] = [];
  const incidents = new Set<string>();
  let lines = 0;
  const also =
    (level: keyof Log) =>
    (event: string, fields: Record<string, unknown> = {}): void => {
      to[level](event, fields);
      lines += 1;
      if (typeof fields.incident === 'string') incidents.add(fields.incident);
      for (const measure of measuresOf(event, fields)) telemetry.measured(measure);
      if (events.length < MAX_EVENTS)
        events.push({ name: event, atMs: clock.nowMs(), attributes: { level, ...flat(fields) } });
    };
  return {
    log: { info: also('info'), warn: also('warn'), error: also('error') } satisfies Log,
    end(fault?: unknown): void {
      if (lines === 0 && fault === undefined) return;
      const attributes: Attributes = { lines };
      if (incidents.size > 0) attributes.incidents = [...incidents].slice(0, 20).join(' ');
      const trace: Trace = { name, startMs, endMs: clock.nowMs(), attributes, events };
      if (fault !== undefined) trace.failed = fault instanceof Error ? fault.name : 'unknown';
      telemetry.traced(trace);
    },
  };
}

/** Values as an exporter accepts them; a list or an object is sent as its JSON, truncated. */
function flat(fields: Record<string, unknown>): Attributes {
  const attributes: Attributes = {};
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined || value === null) continue;
    if (typeof value === 'number' || typeof value === 'boolean') attributes[key] = value;
    else attributes[key] = (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 1000);
  }
  return attributes;
}
