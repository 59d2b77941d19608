import type { Log } from '../../shared/telemetry/log.ts';

export interface RecordingLog extends Log {
  lines: { level: keyof Log; event: string; fields: Record<string, unknown> }[];
  events(): string[];
}

/** Keeps what is logged, in order. */
export function recordingLog(): RecordingLog {
  const lines: RecordingLog['lines'] = [];
  const at =
    (level: keyof Log) =>
    (event: string, fields: Record<string, unknown> = {}) => {
      lines.push({ level, event, fields });
    };
  return {
    lines,
    events: () => lines.map(({ event }) => event),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  };
}
