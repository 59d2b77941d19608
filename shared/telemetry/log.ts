/**
 * The app's log: one line per event, plain data, no secrets. The Functions host passes the lines on to
 * Application Insights where that is configured.
 */
export interface Log {
  info(event: string, fields?: Record<string, unknown>): void;
  warn(event: string, fields?: Record<string, unknown>): void;
  error(event: string, fields?: Record<string, unknown>): void;
}

/** The destination of the lines: the console, or an invocation's context. */
export interface LogWriter {
  info(line: string): void;
  warn(line: string): void;
  error(line: string): void;
}

/** Writes each event as one JSON line. */
export function jsonLog(writer: LogWriter): Log {
  const line = (event: string, fields?: Record<string, unknown>) => JSON.stringify({ event, ...fields });
  return {
    info: (event, fields) => writer.info(line(event, fields)),
    warn: (event, fields) => writer.warn(line(event, fields)),
    error: (event, fields) => writer.error(line(event, fields)),
  };
}

/** An error's kind and message, for a log line. Messages of our own errors hold no secret. */
export function errorFields(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: String(error) };
  const cause = error.cause instanceof Error ? `${error.cause.name}: ${error.cause.message}` : undefined;
  return { error: `${error.name}: ${error.message}`, cause };
}
